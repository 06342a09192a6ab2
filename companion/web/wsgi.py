"""The WSGI application for a server to load: settings from the environment, parts from bootstrap."""

import os
from typing import Any

from companion.bootstrap import build
from companion.settings import Settings
from companion.web.app import create_app


def create() -> Any:
    """The application, made in the process that serves it."""
    return create_app(build(Settings.from_env(os.environ)))
