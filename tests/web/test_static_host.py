"""The page on a static host: the same files under the same headers as from the companion (security row L8)."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from companion.commands.page import page as command
from tests.application import World
from tests.system.static_host import headers_for

API = "https://handoff.example.com"
FILES = {
    "index.html": "<!doctype html><title>Handoff</title>",
    "assets/index-abc12345.js": "export {}",
    "assets/index-abc12345.css": "a{}",
    "assets/mark-abc12345.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
}
NOT_OF_THE_TABLE = {
    "Accept-Ranges", "Content-Disposition", "Content-Length", "Content-Type", "Date", "ETag", "Last-Modified", "Vary"
}  # fmt: skip
"""What belongs to a file or an answer; hosts have their own ways with these."""


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A built page, as Vite leaves it."""
    for name, text in FILES.items():
        (tmp_path / "built" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "built" / name).write_text(text)
    return tmp_path / "built"


def exported(built: Path, monkeypatch: pytest.MonkeyPatch, api: str = API) -> Path:
    """What `handoff page` writes."""
    monkeypatch.setenv("HANDOFF_PAGE_DIR", str(built))
    folder = built.parent / "static"
    result = CliRunner().invoke(command, [str(folder), "--api", api])
    assert result.exit_code == 0, result.output
    return folder


def without_connect(headers: dict[str, str]) -> dict[str, str]:
    policy = headers["Content-Security-Policy"]
    return headers | {"Content-Security-Policy": re.sub(r"connect-src [^;]*", "connect-src …", policy)}


@pytest.mark.req("L8", "R-UI-02", "R-SHAPE-06")
def test_the_same_headers_from_both(embedded_url: str, built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For every file, the host's headers and the companion's own are equal but for connect-src."""
    companion = World(embedded_url, page_dir=built).nobody()
    rules = (exported(built, monkeypatch) / "_headers").read_text()
    for path in ("/", *(f"/{name}" for name in FILES)):
        answer = companion.send("GET", path)
        assert answer.status_code == 200
        own = {name: value for name, value in answer.headers.items() if name not in NOT_OF_THE_TABLE}
        host = headers_for(rules, path)
        assert without_connect(host) == without_connect(own), path
        assert "connect-src 'self';" in own["Content-Security-Policy"]
        assert f"connect-src 'self' {API};" in host["Content-Security-Policy"]


@pytest.mark.req("L8", "R-UI-02")
def test_files_and_address(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file of the page as it was built, and beside them where the companion is."""
    static = exported(built, monkeypatch, f"{API}/sub/")
    for name, text in FILES.items():
        assert (static / name).read_text() == text
    assert json.loads((static / "config.json").read_text()) == {"api_base": f"{API}/sub/"}
    rules = (static / "_headers").read_text()
    assert f"connect-src 'self' {API};" in rules
    assert headers_for(rules, "/config.json")["Cache-Control"] == "no-store"
    assert max(map(len, rules.splitlines())) < 2000, "Cloudflare Pages leaves out longer lines"


@pytest.mark.req("L8")
@pytest.mark.parametrize(
    "api", ["handoff.example.com", "ftp://handoff.example.com", "https://x.example/?a", "", "https://"]
)
def test_an_address_that_is_none(built: Path, monkeypatch: pytest.MonkeyPatch, api: str) -> None:
    """What cannot be the companion's address never gets into a header; nothing is written."""
    monkeypatch.setenv("HANDOFF_PAGE_DIR", str(built))
    folder = built.parent / "static"
    assert CliRunner().invoke(command, [str(folder), "--api", api]).exit_code == 2
    assert not folder.exists()


@pytest.mark.req("L8")
def test_nothing_is_overwritten(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with something in it is left as it is."""
    folder = built.parent / "static"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine")
    monkeypatch.setenv("HANDOFF_PAGE_DIR", str(built))
    result = CliRunner().invoke(command, [str(folder), "--api", API])
    assert result.exit_code == 1
    assert "is not empty" in result.output
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]
