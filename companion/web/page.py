"""The built page: static files with the page's own headers, hashed assets for ever, everything else never stored."""

import gzip
from functools import lru_cache
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, abort, request, send_from_directory

from companion.web.callers import services
from companion.web.headers import IMMUTABLE, NO_STORE, page_headers

page = Blueprint("page", __name__)

COMPRESSED: Final = (".js", ".css", ".svg")


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
    hashed = path.startswith("assets/")
    if hashed and path.endswith(COMPRESSED):
        answer = _compressed(root, path, answer)
    answer.headers["Cache-Control"] = IMMUTABLE if hashed else NO_STORE
    answer.headers.update(page_headers())
    return answer


def _compressed(root: Path, path: str, plain: Response) -> Response:
    """The file as gzip for a client that takes it: the same bytes for everybody, made once.

    Only these files. Where a secret and something that an attacker chose are compressed together, the length of the
    answer tells whether they are alike (BREACH): answers of the API and HTML hold both, so they are never compressed.
    """
    plain.vary.add("Accept-Encoding")
    tag = plain.get_etag()[0]
    if request.accept_encodings.quality("gzip") <= 0:
        return plain
    plain.close()
    # The path is a good one: it was served a moment ago.
    answer = Response(_gzip(root / path, tag or ""), content_type=plain.content_type)
    answer.headers["Content-Encoding"] = "gzip"
    answer.vary.add("Accept-Encoding")
    # Another representation needs another strong ETag (RFC 9110 section 8.8.3.3).
    answer.set_etag(f"{tag}-gzip")
    answer.make_conditional(request)
    return answer


@lru_cache(maxsize=64)
def _gzip(file: Path, _tag: str) -> bytes:
    """A file's compressed bytes; `_tag` changes with the file."""
    return gzip.compress(file.read_bytes(), mtime=0)
