"""Security headers on every answer, errors too (security rows L7, L10)."""

import gzip
import re
from pathlib import Path
from typing import Any

import pytest

from companion.web.headers import PAGE_CSP
from companion.web.permissions import TABLE
from tests.application import ITEM, World

API = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
ONCE = ("Content-Type", "Content-Security-Policy", "Cache-Control", "X-Content-Type-Options", "Referrer-Policy")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A built page, as Vite leaves it."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>Handoff</title>")
    (tmp_path / "assets" / "index-abc123.js").write_text("export {}")
    (tmp_path / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    return tmp_path


def hardened(answer: Any) -> None:
    """What each answer carries, once."""
    headers = answer.headers
    seconds, rest = headers["Strict-Transport-Security"].removeprefix("max-age=").split(";", 1)
    assert int(seconds) >= 31_536_000
    assert "includeSubDomains" in rest
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "form-action 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert headers["Cache-Control"]
    for name in ONCE:
        assert len(headers.getlist(name)) <= 1, f"{name} twice"
    assert "Server" not in headers or "Werkzeug" not in headers["Server"]


@pytest.mark.req("L7", "L10", "R-SEC-02", "R-UI-02", "X-27")
def test_every_endpoint_answers_with_every_header(embedded_url: str, page: Path) -> None:
    """Each endpoint of the table, as nobody, as somebody without the right, and as somebody with it."""
    world = World(embedded_url, page_dir=page).emptied()
    robot, owner = world.automation(), world.person("Olga", roles=["approver", "owner"])
    opened = world.open(robot, request={"body": "x" * 40_000})
    handoff = world.stored(opened["id"])
    for method, template in sorted(TABLE):
        path = (
            template.replace("{id}", opened["id"])
            .replace("{sha256}", handoff.blobs[0])
            .replace("{path}", "assets/index-abc123.js")
        )
        for agent in (world.nobody(), robot, owner):
            for way in (method, "HEAD" if method == "GET" else method):
                answer = agent.send(way, path, {} if method in ("POST", "PATCH") else None)
                hardened(answer)
                if not TABLE[method, template].anybody:
                    assert answer.headers["Cache-Control"] == "no-store"
                    assert answer.headers["Content-Security-Policy"] == API


@pytest.mark.req("L7", "A5")
def test_errors_carry_them_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """404, 405, 413, 415, 422, 304, 500 and 503: no answer is forgotten."""
    robot, ann = world.automation(), world.person("Ann")
    opened = world.open(robot)
    path = f"/v1/handoffs/{opened['id']}"
    tag = ann.send("GET", path).headers["ETag"]
    key = {**robot.headers, "Idempotency-Key": "k"}
    answers = {
        404: ann.send("GET", "/v1/nothing"),
        405: ann.send("DELETE", path),
        304: ann.send("GET", path, headers={"If-None-Match": tag}),
        413: robot.client.post("/v1/handoffs", data=b" " * 9_000_000, content_type="application/json", headers=key),
        415: robot.client.post("/v1/handoffs", data=b"x", content_type="text/plain", headers=key),
        400: robot.client.post("/v1/handoffs", data=b"x", content_type="application/json", headers=key),
        422: robot.send("POST", "/v1/handoffs", ITEM | {"x": 1}, {"Idempotency-Key": "k"}),
        428: ann.send("POST", f"{path}/decision", {"action": "approve", "package_digest": opened["package_digest"]}),
        401: world.nobody().send("GET", path),
        201: robot.send("POST", "/v1/handoffs", ITEM, {"Idempotency-Key": "k"}),
    }
    monkeypatch.setattr(type(world.services.store), "load", lambda *_: 1 / 0)
    answers[500] = ann.send("GET", path)
    for status, answer in answers.items():
        assert answer.status_code == status, answer.text
        hardened(answer)
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.req("L7", "R-UI-02")
def test_the_page_may_run_its_own_script_and_nothing_else(embedded_url: str, page: Path) -> None:
    """No inline script, no other origin, Trusted Types; hashed files for ever, everything else never stored."""
    world = World(embedded_url, page_dir=page).emptied()
    for path in ("/", "/index.html"):
        answer = world.nobody().send("GET", path)
        hardened(answer)
        assert answer.content_type.startswith("text/html")
        assert answer.headers["Cache-Control"] == "no-store"
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
        assert (policy["script-src"], policy["connect-src"]) == ("'self'", "'self'")
        assert policy["require-trusted-types-for"] == "'script'"
        assert "http" not in answer.headers["Content-Security-Policy"]
    asset = world.nobody().send("GET", "/assets/index-abc123.js")
    assert asset.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    hardened(asset)
    assert world.nobody().send("GET", "/favicon.svg").headers["Cache-Control"] == "no-store"


@pytest.mark.req("R-UI-02", "L7")
def test_script_and_style_travel_compressed_and_nothing_else_does(embedded_url: str, page: Path) -> None:
    """gzip for who takes it, under its own ETag and still for ever; pages and API never: see companion/web/page.py."""
    script = "export const words = ['approve', 'reject'];\n" * 500
    (page / "assets" / "index-abc123.js").write_text(script)
    world = World(embedded_url, page_dir=page).emptied()
    nobody, path = world.nobody(), "/assets/index-abc123.js"
    plain = nobody.send("GET", path, headers={"Accept-Encoding": "identity"})
    small = nobody.send("GET", path, headers={"Accept-Encoding": "br, gzip"})
    assert (plain.text, gzip.decompress(small.data).decode()) == (script, script)
    assert (small.headers["Content-Encoding"], plain.headers.get("Content-Encoding")) == ("gzip", None)
    assert len(small.data) == int(small.headers["Content-Length"]) < len(plain.data) / 10
    assert small.content_type == plain.content_type
    assert small.headers["ETag"] != plain.headers["ETag"]
    for answer in (plain, small):
        hardened(answer)
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    for offered in ("", "gzip;q=0", "br"):
        answer = nobody.send("GET", path, headers={"Accept-Encoding": offered})
        assert (answer.text, answer.headers.get("Content-Encoding")) == (script, None)
    again = nobody.send("GET", path, headers={"Accept-Encoding": "gzip", "If-None-Match": small.headers["ETag"]})
    assert (again.status_code, again.data, again.headers["Vary"]) == (304, b"", "Accept-Encoding")
    head = nobody.send("HEAD", path, headers={"Accept-Encoding": "gzip"})
    assert (head.data, head.headers["Content-Length"]) == (b"", small.headers["Content-Length"])
    robot = world.automation()
    opened = world.open(robot, request={"text": "x" * 5_000})
    token = f"/v1/handoffs/{opened['id']}/package"
    for other in ("/", "/config.json", "/openapi.json", "/docs", "/favicon.svg", token):
        answer = robot.send("GET", other, headers={"Accept-Encoding": "gzip"})
        assert (answer.status_code, answer.headers.get("Content-Encoding")) == (200, None), other


@pytest.mark.req("L7", "R-UI-02")
def test_the_page_is_tested_under_the_policy_that_it_is_served_with() -> None:
    """The page's own browser tests serve it under a copy; both forbid frames, which the page does not use."""
    server = Path(__file__).parents[2] / "handoff_ui" / "dev" / "serve.mjs"
    copied = server.read_text().split("const PAGE_CSP =")[1].split(";\n")[0]
    assert "".join(re.findall(r'"([^"]+)"', copied)) == PAGE_CSP.format(connect="'self'")
    assert "frame-src" not in PAGE_CSP


@pytest.mark.req("L7")
def test_a_file_outside_the_page_is_not_served(embedded_url: str, page: Path) -> None:
    """No spelling of a path leads out of the page's folder."""
    (page.parent / "secret.txt").write_text("secret")
    world = World(embedded_url, page_dir=page).emptied()
    for path in ("/../secret.txt", "/..%2fsecret.txt", "/assets/../../secret.txt", "/%2e%2e/secret.txt", "//etc/passwd",
                 "/assets/..%5c..%5csecret.txt", f"/{page.parent}/secret.txt", "/.git/config", "/assets"):  # fmt: skip
        answer = world.nobody().send("GET", path)
        assert answer.status_code in (404, 308), path
        assert "secret" not in answer.text.replace("secret.txt", "")


@pytest.mark.req("H2")
def test_a_blob_is_never_something_a_browser_runs(world: World) -> None:
    """HTML from a model comes as an attachment of no type, under a policy that forbids everything."""
    ann = world.person()
    opened = world.open(world.automation(), request={"body": "<script>alert(1)</script>" * 2_000})
    name = world.stored(opened["id"]).blobs[0]
    answer = ann.send("GET", f"/v1/handoffs/{opened['id']}/blobs/{name}")
    assert answer.data == b"<script>alert(1)</script>" * 2_000
    assert (answer.content_type, answer.headers["Content-Disposition"]) == ("application/octet-stream", "attachment")
    hardened(answer)
    for other in ("0" * 64, name.upper(), name[:-1], "..", "x"):
        assert ann.send("GET", f"/v1/handoffs/{opened['id']}/blobs/{other}").status_code == 404
