"""Where callbacks may go: rows W6 and W7."""

import socket
import time
from ipaddress import ip_address, ip_network
from itertools import product
from typing import Literal

import pytest

from companion.adapters.clock import SystemClock
from companion.adapters.egress import (
    CallbackUrl,
    PinnedTarget,
    Policy,
    Refused,
    Resolver,
    check_url,
    resolve_and_pin,
    system_resolver,
)
from companion.adapters.webhook import WebhookSender
from tests.unit.adapters.receivers import OK, receiving, says

ORIGIN = "https://n8n.example.com"
PRODUCTION = Policy(
    "production", (ORIGIN, "http://n8n:5678"), (ip_network("10.1.0.0/16"), ip_network("fd12:3456::/32"))
)
LOCAL = Policy("local")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class AnyOrigin(tuple[str, ...]):
    """An operator who lists whatever is asked for: then the form and the addresses must still refuse."""

    __slots__ = ()

    def __contains__(self, origin: object) -> bool:
        return True


CARELESS = Policy("production", AnyOrigin())

SPELLINGS_OF_LOOPBACK = [
    "localhost",
    "LOCALHOST",
    "localhost.",
    "localhost.localdomain",
    "foo.localhost",
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "127.127.127.127",
    "127.255.255.254",
    "2130706433",
    "017700000001",
    "0x7f000001",
    "0x7F.0x00.0x00.0x01",
    "0177.0.0.1",
    "0177.0.0.01",
    "127.0.0.1%00",
    "127.0.0.0x1",
    "0x7f.1",
    "0",
    "0.0.0.0",
    "0x0",
    "00000.0.0.0",
    "127.000.000.001",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::0001]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::FFFF:127.0.0.1]",
    "[::127.0.0.1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2002:7f00:0001::1]",
    "[::1%25lo]",
    "[::1%lo]",
    "[::1]]",
    "[[::1]]",
    "[::1",
    "::1",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "127.0.0.1\u200b",
    "ⓛocalhost",
    "locaⅼhost",
    "xn--localhost-",
    "1.0.0.127.in-addr.arpa",
    "%6c%6f%63alhost",
    "127%2e0%2e0%2e1",
    "lоcalhost",
]
SPELLINGS_OF_OTHERS = [
    "169.254.169.254",
    "169.254.169.254.",
    "2852039166",
    "0xA9FEA9FE",
    "0xa9.0xfe.0xa9.0xfe",
    "0251.0376.0251.0376",
    "169.16689662",
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:a9fe:a9fe::]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fd00:ec2::254]",
    "metadata.google.internal",
    "metadata",
    "instance-data",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "10.0.0.1",
    "10.1",
    "167772161",
    "012.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "192.168.1",
    "3232235521",
    "100.64.0.1",
    "198.18.0.1",
    "192.0.2.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "[fc00::1]",
    "[fd12:3456:789a::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[2001:db8::1]",
    "[2001::1]",
    "[3fff::1]",
    "[5f00::1]",
    "[100::1]",
    "[::ffff:10.0.0.1]",
    "[64:ff9b::10.0.0.1]",
    "[2002:0a00:0001::]",
    "[::10.0.0.1]",
]
TEMPLATES = [
    "http://{}/",
    "https://{}/webhook",
    "http://{}:5678/webhook-waiting/1?signature=x",
    "https://{}:443",
    "http://{}:80/",
]
ELSEWHERE = [
    "",
    " ",
    "/",
    "//n8n.example.com",
    "n8n.example.com",
    "https:",
    "https:/",
    "https://",
    "https:///",
    "https:///path",
    "https://:443/",
    "https:n8n.example.com",
    "https:/n8n.example.com/",
    "https:\\\\n8n.example.com/",
    "https:/\\n8n.example.com/",
    "///n8n.example.com/",
    "HTTPS://n8n.example.com/",
    "Https://n8n.example.com/",
    "https://N8N.example.com/",
    "https://n8n.EXAMPLE.com/",
    "ftp://n8n.example.com/",
    "file:///etc/passwd",
    "gopher://n8n.example.com/",
    "javascript:alert(1)",
    "data:text/plain,x",
    "ws://n8n.example.com/",
    "unix:///run/x.sock",
    "http+unix://%2frun%2fx/",
    "dict://n8n.example.com/",
    "jar:https://n8n.example.com!/",
    "https://user@n8n.example.com/",
    "https://user:pass@n8n.example.com/",
    "https://@n8n.example.com/",
    "https://:@n8n.example.com/",
    "https://n8n.example.com@evil.example/",
    "https://evil.example@n8n.example.com/",
    "https://n8n.example.com%40evil.example/",
    "https://n8n.example.com:443@evil.example/",
    "https://n8n.example.com\\@evil.example/",
    "https://evil.example\\@n8n.example.com/",
    "https://n8n.example.com#@evil.example/",
    "https://evil.example#@n8n.example.com/",
    "https://n8n.example.com/#x",
    "https://n8n.example.com/x#",
    "https://n8n.example.com?@evil.example#",
    "https://n8n.example.com;@evil.example/",
    "https://n8n.example.com&@evil.example/",
    "https://n8n.example.com.evil.example/",
    "https://n8n.example.com.",
    "https://n8n.example.com./",
    "https://n8n.example.com../",
    "https://.n8n.example.com/",
    "https://n8n..example.com/",
    "https://n8n.example.com-/",
    "https://-n8n.example.com/",
    "https://n8n.example.comx/",
    "https://xn8n.example.com/",
    "https://evil.example/?https://n8n.example.com/",
    "https://evil.example/n8n.example.com",
    "https://n8n.example.com:444/",
    "https://n8n.example.com:80/",
    "https://n8n.example.com:0443/",
    "https://n8n.example.com:/",
    "https://n8n.example.com:0/",
    "https://n8n.example.com:65536/",
    "https://n8n.example.com:99999/",
    "https://n8n.example.com:443:443/",
    "https://n8n.example.com:-443/",
    "https://n8n.example.com:+443/",
    "https://n8n.example.com:4４3/",
    "https://n8n.example.com:443 /",
    "https://n8n.example.com:x/",
    "http://n8n.example.com/",
    "http://n8n.example.com:443/",
    "https://n8n:5678/",
    "http://n8n/",
    "http://n8n:5679/",
    "http://n8n.:5678/",
    " https://n8n.example.com/",
    "https://n8n.example.com/ ",
    "\thttps://n8n.example.com/",
    "https://n8n.example.com/\n",
    "\x00https://n8n.example.com/",
    "https://n8n.example.com\t/",
    "https://n8n.example.com\n/",
    "https://n8n.exam\rple.com/",
    "ht\ntps://n8n.example.com/",
    "https://n8n.example.com\x00/",
    "https://n8n.example.com\x00.evil.example/",
    "https://n8n.example.com/\r\nX-Evil: 1",
    "https://n8n.example.com/?a=\r\n\r\nGET / HTTP/1.1",
    "https://n8n.example.com/a b",
    "https://n8n.example.com/\\..\\",
    "https://n8n.example.com/\\",
    "https://n8n.example.com\\evil.example/",
    "https://n8n.example.com/%",
    "https://n8n.example.com/%zz",
    "https://n8n.example.com/%a",
    "https://n8n.example.com/{x}",
    "https://n8n.example.com/<x>",
    'https://n8n.example.com/"',
    "https://n8n.example.com/|",
    "https://n8n.example.com/^",
    "https://n8n.example.com/`",
    "https://n8n.example.com/ä",
    "https://n8n.example.com/\u202e",
    "https://n8n.example.com/[x]",
    "https://n8n.exämple.com/",
    "https://ｎ８ｎ.example.com/",
    "https://n8n。example。com/",
    "https://n8n.example.com／@evil.example/",
    "https://n8n．example.com/",
    "https://n8n.example.c℀/",
    "https://n8n.example.com＠evil.example/",
    "https://n8n.example.com%2f@evil.example/",
    "https://n8n.example.com%23@evil.example/",
    "https://n8n.example.com%00/",
    "https://n8n%2eexample%2ecom/",
    "https://n8n.example.com%0d%0a/",
    "https://n8n.example.ⅽom/",
    "https://ñ8n.example.com/",
    "https://n8n.example.com\u00ad/",
    "https://n8n\u2024example.com/",
    "https://[n8n.example.com]/",
    "https://[v1.n8n]/",
    "https://[1.2.3.4]/",
    "https://[::g]/",
    "https://[]/",
    "https://[:]/",
    "https://[::1]x/",
    "https://[::1]:/",
    "https://n8n.example.com[::1]/",
    "https://" + "a" * 254 + "/",
    "https://" + "a" * 64 + ".example.com/",
    "https://n8n.example.com/" + "a" * 5000,
    "https://1.2.3.4.5/",
    "https://1.2.3.256/",
    "https://1.2.3/",
    "https://1.2.3.04/",
    "https://1.2.3.4a",
    "https://a.1/",
    "https://a.0x1/",
    "https://a.0x/",
    "https://09/",
    "https://0x/",
    "https://4294967296/",
    "https://n8n.example.com:0x1bb/",
    "https://n8n.example.com/../../",
    "https://n8n.example.com//x",
]
ALLOWED_ALL_THE_SAME = {
    "https://n8n.example.com/../../",
    "https://n8n.example.com//x",
}  # the path is the receiver's own matter

PLAIN_ADDRESSES_OF_OTHERS = {
    "https://n8n.example.com.evil.example/",
    "https://n8n.example.comx/",
    "https://xn8n.example.com/",
    "https://evil.example/?https://n8n.example.com/",
    "https://evil.example/n8n.example.com",
    "https://n8n.example.com:444/",
    "https://n8n.example.com:80/",
    "http://n8n.example.com/",
    "http://n8n.example.com:443/",
    "https://n8n:5678/",
    "http://n8n/",
    "http://n8n:5679/",
    "https://1.2.3.4a",
}

FORMS = [
    template.format(host) for host, template in product(SPELLINGS_OF_LOOPBACK + SPELLINGS_OF_OTHERS, TEMPLATES)
] + ELSEWHERE


def libc_resolver(host: str, port: int, timeout_s: float) -> list[str]:
    """What a careless C library makes of a host: it reads every old spelling of an IPv4 address."""
    try:
        return [socket.inet_ntoa(socket.inet_aton(host))]
    except OSError:
        return ["127.0.0.1"]


def reached(url: str, policy: Policy, resolver: Resolver = libc_resolver) -> PinnedTarget | Refused:
    checked = check_url(url, policy)
    return checked if isinstance(checked, Refused) else resolve_and_pin(checked, policy, resolver, 1.0)


def test_there_are_at_least_five_hundred_forms() -> None:
    """The list of W6 is as long as it says, and without repetitions."""
    assert len(set(FORMS)) >= 650


@pytest.mark.req("W6")
@pytest.mark.parametrize(
    "policy", [PRODUCTION, CARELESS, Policy("production"), Policy("local", (ORIGIN, "http://n8n:5678"))]
)
def test_w6_no_form_leads_anywhere_it_should_not(policy: Policy) -> None:
    """No spelling of a URL gets past text and addresses together, not even when an operator lists every origin."""
    for url in FORMS:
        if url in ALLOWED_ALL_THE_SAME:
            continue
        result = reached(url, policy)
        if policy.mode == "local" and isinstance(result, PinnedTarget):
            assert result.url.host in {"localhost", "[::1]", "::1"} or result.url.host.startswith("127."), url
            assert all(ip_address(address).is_loopback for address in result.addresses), url
        else:
            assert isinstance(result, Refused), url


@pytest.mark.req("W6")
def test_w6_no_form_but_the_plain_one_is_read() -> None:
    """Even where every origin is listed and every address is good, a URL that could be read in two ways is refused."""
    read = {url for url in ELSEWHERE if isinstance(check_url(url, CARELESS), CallbackUrl)}
    assert read == PLAIN_ADDRESSES_OF_OTHERS | ALLOWED_ALL_THE_SAME


@pytest.mark.req("W6")
def test_w6_a_refusal_names_the_setting() -> None:
    """Whoever opens a handoff with a callback that is refused reads which setting to change."""
    for policy in (PRODUCTION, Policy("production"), LOCAL):
        for url in FORMS:
            sentence = policy.check(url)
            assert sentence is None or "HANDOFF_CALLBACK_ORIGINS" in sentence, url
    refused = check_url("https://other.example.com/x", PRODUCTION)
    assert isinstance(refused, Refused)
    assert (refused.code, "https://other.example.com" in refused.detail) == ("callback_origin_not_allowed", True)
    assert "query" not in (PRODUCTION.check("https://other.example.com/x?signature=query") or "")


@pytest.mark.req("W6")
@pytest.mark.parametrize(
    ("url", "target", "authority"),
    [
        ("https://n8n.example.com", "/", "n8n.example.com"),
        ("https://n8n.example.com?a=b", "/?a=b", "n8n.example.com"),
        (
            "https://n8n.example.com:443/webhook-waiting/7/a-b_c?signature=0aF%2f%2F==",
            "/webhook-waiting/7/a-b_c?signature=0aF%2f%2F==",
            "n8n.example.com",
        ),
        ("http://n8n:5678/sub/path/?x=/?:@!$&'()*+,;=-._~", "/sub/path/?x=/?:@!$&'()*+,;=-._~", "n8n:5678"),
    ],
)
def test_w6_a_listed_origin_is_allowed_byte_for_byte(url: str, target: str, authority: str) -> None:
    """A listed origin passes, with or without its default port, and path and query stay as n8n signed them."""
    checked = check_url(url, PRODUCTION)
    assert isinstance(checked, CallbackUrl)
    assert (checked.target, checked.authority) == (target, authority)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:5678/x",
        "https://localhost/",
        "http://127.0.0.1:5678/",
        "http://127.8.9.10/",
        "http://[::1]:5678/x",
    ],
)
def test_local_mode_allows_loopback_on_any_port(url: str) -> None:
    """On one machine nothing has to be set; localhost is never asked of a name server."""

    def no_resolver(host: str, port: int, timeout_s: float) -> list[str]:
        raise AssertionError("a name server was asked")

    target = reached(url, LOCAL, no_resolver)
    assert isinstance(target, PinnedTarget)
    assert all(ip_address(address).is_loopback for address in target.addresses)
    assert isinstance(check_url(url, Policy("production")), Refused)


ADDRESSES_NEVER = [
    "0.0.0.0",
    "0.1.2.3",
    "169.254.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.1",
    "192.0.0.192",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "febf::1",
    "fec0::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::8.8.8.8",
    "::ffff:0:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2001::1",
    "2001:0:5ef5:79fd::1",
    "2002:808:808::1",
    "2002:7f00:1::",
]
ADDRESSES_PRIVATE = [
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "100.64.0.1",
    "198.18.0.1",
    "192.0.2.1",
    "198.51.100.1",
    "203.0.113.1",
    "192.88.99.1",
    "127.0.0.1",
    "127.5.5.5",
    "::1",
    "fc00::1",
    "fdff::1",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
    "100::1",
    "4000::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
]
ADDRESSES_PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "172.32.0.1",
    "172.15.255.255",
    "11.0.0.1",
    "2606:4700:4700::1111",
    "2a00:1450:4001::1",
]


def pinned(
    addresses: list[str], networks: tuple[str, ...] = (), mode: Literal["local", "production"] = "production"
) -> PinnedTarget | Refused:
    policy = Policy(mode, (ORIGIN,), tuple(ip_network(text) for text in networks))
    return reached(f"{ORIGIN}/x", policy, lambda host, port, timeout_s: addresses)


@pytest.mark.req("W6")
@pytest.mark.parametrize("mode", ["local", "production"])
@pytest.mark.parametrize("address", ADDRESSES_NEVER + ADDRESSES_PRIVATE)
def test_w6_a_listed_name_reaches_no_inner_address(address: str, mode: Literal["local", "production"]) -> None:
    """A listed name that leads to a private, special or disguised address is refused, alone or among good ones."""
    for addresses in ([address], ["8.8.8.8", address], [address, "2606:4700:4700::1111"]):
        result = pinned(addresses, mode=mode)
        assert isinstance(result, Refused)
        assert result.code == "callback_address_not_allowed"
        assert "HANDOFF_CALLBACK_NETWORKS" in result.detail


@pytest.mark.req("W6")
def test_w6_listed_networks_open_private_addresses_and_nothing_else() -> None:
    """HANDOFF_CALLBACK_NETWORKS opens what it names; link-local, metadata and disguised addresses stay shut."""
    everything = ("0.0.0.0/0", "::/0")
    for address in ADDRESSES_NEVER:
        assert isinstance(pinned([address], everything), Refused), address
    for address in ADDRESSES_PRIVATE:
        assert isinstance(pinned([address], everything), PinnedTarget), address
    assert isinstance(pinned(["10.1.2.3"], ("10.1.0.0/16",)), PinnedTarget)
    assert isinstance(pinned(["10.2.2.3"], ("10.1.0.0/16",)), Refused)
    assert isinstance(pinned(["10.1.2.3", "10.2.2.3"], ("10.1.0.0/16",)), Refused)
    assert isinstance(pinned(["127.0.0.1"], ("127.0.0.0/8",)), PinnedTarget)


@pytest.mark.req("W6")
@pytest.mark.parametrize("address", ADDRESSES_PUBLIC)
def test_w6_public_addresses_are_reached(address: str) -> None:
    """The rule refuses nothing that is out in the open."""
    result = pinned([address, address])
    assert isinstance(result, PinnedTarget)
    assert result.addresses == (address,)


def test_a_host_without_address_is_told_apart() -> None:
    """A name that does not resolve may do so later: it has a code of its own."""

    def failing(host: str, port: int, timeout_s: float) -> list[str]:
        raise OSError("no such name")

    for resolver in (failing, lambda host, port, timeout_s: [], lambda host, port, timeout_s: ["not an address"]):
        result = reached(f"{ORIGIN}/x", PRODUCTION, resolver)
        assert isinstance(result, Refused)
        assert result.code == "callback_host_unknown"


def test_the_systems_resolver_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that does not answer costs no more than the time given; names that cannot be are an OSError."""
    assert set(system_resolver("localhost", 80, 5.0)) <= {"127.0.0.1", "::1"}
    with pytest.raises(OSError, match=r"host name|not known|No address"):
        system_resolver("a" * 64 + ".example", 80, 5.0)
    with receiving(says(OK)) as never:
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: never.stop.wait(30) and [])
        began_s = time.monotonic()
        with pytest.raises(TimeoutError):
            system_resolver("slow.example", 80, 0.05)
        assert time.monotonic() - began_s < 5


@pytest.mark.req("W7")
def test_w7_a_name_that_changes_its_mind_never_leads_inside() -> None:
    """10,000 callbacks to a name that flips between an allowed and a forbidden address: the forbidden one sees none.

    Both addresses are real sockets here: 127.0.0.2 is in HANDOFF_CALLBACK_NETWORKS, 127.0.0.1 is not.
    """
    good, bad = "127.0.0.2", "127.0.0.1"
    answer = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with (
        receiving(says(answer, then_close=True), good) as allowed,
        receiving(says(OK), bad, port=allowed.port) as forbidden,
    ):
        answers = [[good], [bad], [good, bad], [bad, good]]
        asked = 0

        def flipping(host: str, port: int, timeout_s: float) -> list[str]:
            nonlocal asked
            asked += 1
            return answers[asked % len(answers)]

        policy = Policy("production", (f"http://rebind.example:{allowed.port}",), (ip_network("127.0.0.2/32"),))
        sender = WebhookSender(policy, SystemClock(), flipping)
        outcomes = [
            sender.send(f"http://rebind.example:{allowed.port}/x", "dl_1", [SECRET], b"{}", 0).outcome
            for _ in range(10_000)
        ]
        sender.close()
    assert forbidden.connections == 0
    assert asked == 10_000  # once for each callback: there is no second look-up that could answer otherwise
    assert allowed.connections == outcomes.count("answered") == 2_500
    assert outcomes.count("not_allowed") == 7_500


@pytest.mark.req("W7")
def test_w7_a_connection_that_is_kept_alive_is_judged_again() -> None:
    """A name that moved to a forbidden address does not get the next callback over the old connection either."""
    with receiving(says(OK), "127.0.0.2") as allowed:
        current = ["127.0.0.2"]
        origin = f"http://rebind.example:{allowed.port}"
        policy = Policy("production", (origin,), (ip_network("127.0.0.2/32"), ip_network("127.0.0.3/32")))
        sender = WebhookSender(policy, SystemClock(), lambda host, port, timeout_s: current)
        assert sender.send(f"{origin}/x", "dl_1", [SECRET], b"{}", 0).outcome == "answered"
        current[:] = ["127.0.0.1"]
        assert sender.send(f"{origin}/x", "dl_1", [SECRET], b"{}", 0).outcome == "not_allowed"
        current[:] = ["127.0.0.3"]
        assert sender.send(f"{origin}/x", "dl_1", [SECRET], b"{}", 0).outcome == "not_sent"
        assert (allowed.connections, len(allowed.requests)) == (1, 1)
        sender.close()
