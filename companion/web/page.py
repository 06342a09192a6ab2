"""The built page: static files with the page's own headers, hashed assets for ever, everything else never stored."""

from flask import Blueprint, Response, abort, send_from_directory

from companion.web.callers import services
from companion.web.headers import IMMUTABLE, NO_STORE, page_headers

page = Blueprint("page", __name__)


@page.get("/")
def index() -> Response:
    """The page itself; it holds nothing of any handoff."""
    return _file("index.html")


@page.get("/<path:path>")
def asset(path: str) -> Response:
    """A file of the page."""
    return _file(path)


def _file(path: str) -> Response:
    root = services().page_folder
    if root is None:
        abort(404)
    answer = send_from_directory(root, path)
    # Vite puts a hash of the content into the name of everything below assets/.
    answer.headers["Cache-Control"] = IMMUTABLE if path.startswith("assets/") else NO_STORE
    answer.headers.update(page_headers())
    return answer
