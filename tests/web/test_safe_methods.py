"""GET, HEAD and OPTIONS change nothing, whoever sends them and however often (security rows L1, L3)."""

from itertools import cycle, islice

import pytest

from companion.web.permissions import TABLE
from tests.application import Agent, World

SCANNERS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36",
    "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0) SafeLinks",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Slack-ImgProxy (+https://api.slack.com/robots)",
    "Microsoft Office/16.0 (Microsoft Outlook 16.0; Pro)",
    "BarracudaCentral/3.5 (security scan)",
    "Mimecast URL Protect",
    "Proofpoint URL Defense",
    "facebookexternalhit/1.1",
    "Twitterbot/1.0",
    "WhatsApp/2.23",
    "TelegramBot (like TwitterBot)",
    "curl/8.5.0",
    "python-requests/2.32",
    "GoogleImageProxy",
    "Mozilla/5.0 HeadlessChrome/130.0",
    "Symantec Email Security.cloud Link Following",
    "",
]
TIMES = 1_000
READING = sorted(template for method, template in TABLE if method == "GET")


@pytest.mark.req("L1", "R-SEC-04")
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_no_safe_request_writes_anything(world: World, method: str) -> None:
    """A thousand of each, from scanners with nothing, with a link's session and with a person's: no key changes."""
    robot, ann = world.automation(), world.signed_in("Ann")
    opened = world.open(robot, risk_tier="low", request={"body": "x" * 40_000}, callback_url="http://localhost:1/x")
    handoff = world.stored(opened["id"])
    decided = world.open(robot, risk_tier="low", callback_url="http://localhost:1/x")
    ann.decide(decided)
    delivery = world.stored(decided["id"]).delivery_id
    linked = world.by_link(world.reviewer("Linda").id, opened["id"])
    paths = [
        template.replace("{sha256}", handoff.blobs[0]).replace("{path}", "assets/x.js").replace(
            "{id}", {"groups": opened["group_id"], "deliveries": str(delivery)}.get(template.split("/")[2] if
            template.count("/") > 2 else "", opened["id"])) for template in READING
    ]  # fmt: skip
    paths += [path + query for path in paths[:] if path.startswith("/v1/handoffs/ho_") for query in (
        "?action=approve", "?confirm=1&decision=approve", "/decision", "/decision?action=approve")]  # fmt: skip
    callers: list[Agent] = [world.nobody(), linked, ann, robot]
    requests = list(
        islice(
            cycle([(path, agent, scanner) for path in paths for agent in callers for scanner in SCANNERS]),
            max(TIMES, len(paths) * len(callers) * len(SCANNERS)),
        )
    )
    before = world.dump()
    for path, agent, scanner in requests[:: max(1, len(requests) // TIMES)]:
        answer = agent.send(method, path, headers={"User-Agent": scanner})
        assert answer.status_code < 500, (path, answer.text)
        assert "Set-Cookie" not in answer.headers
    for path in paths:
        for agent in callers:
            agent.send(method, path)
    assert world.dump() == before
    assert ann.live(opened["id"])["state"] == "pending"


@pytest.mark.req("L1")
def test_a_method_cannot_be_smuggled_in(world: World) -> None:
    """Headers and parameters that some frameworks read as another method are nothing here."""
    ann = world.person()
    opened = world.open(world.automation())
    before = world.dump()
    for header in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        ann.send("GET", f"/v1/handoffs/{opened['id']}/claim?_method=PUT", headers={header: "PUT"})
        ann.send("GET", f"/v1/handoffs/{opened['id']}/decision?_method=POST", headers={header: "POST"})
    assert world.dump() == before
