"""Addresses in their plain spelling, and found in texts that somebody else wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.core.mailboxes import mailbox, mailboxes_in, names_in, words_in

ANN = "ann@example.com"


@pytest.mark.req("R-ROLE-07")
@pytest.mark.parametrize(
    "written",
    ["ann@example.com", "ANN@Example.COM", "ann+shop@example.com", "ａnn@example.com", "ann＠example.com",
     " ann@example.com ", "a\u200bnn@example.com", "ann@ex\u034fample.com", "ann@example.com\u3164",
     '"ann"@example.com', "ann@example.com.", "ann@example。com", "ann @ example.com"],
)  # fmt: skip
def test_spellings_of_one_mailbox_are_one(written: str) -> None:
    """Mail to each of these arrives with the same person."""
    assert mailbox(written) == ANN


@pytest.mark.req("R-ROLE-07")
def test_other_mailboxes_are_others() -> None:
    """A dot, a hyphen, another domain or a quote in the name are other people; without an address there is none."""
    others = [
        "an.n@example.com",
        "ann-marie@example.com",
        "ann@example.org",
        "ann@mail.example.com",
        "o'ann@example.com",
    ]
    assert len({mailbox(each) for each in [ANN, *others]}) == len(others) + 1
    assert [mailbox(each) for each in (None, "", "Ann", "@example.com", "ann@")] == [None] * 5


def test_a_domain_with_an_umlaut_is_the_one_that_is_looked_up() -> None:
    """Both of its spellings lead to the same mailbox."""
    assert mailbox("ann@münchen.example") == mailbox("ann@xn--mnchen-3ya.example")


@pytest.mark.req("R-ROLE-06")
@pytest.mark.parametrize(
    "text",
    ["ann@example.com", "Ann <ann@example.com>", "Ann (ann@example.com)", "Ann [ann@example.com]",
     "Ann ann@example.com", "ann(x)@example.com", "ann@example.com / tickets", "ann@example.com|crm",
     "crm|ann@example.com", "mailto:ann@example.com?subject=x", "acct:ann@example.com", "ann%40example.com",
     "ann%2540example.com", "%41nn%40example.com", "ann%EF%BC%A0example.com",
     "https://crm/ann@example.com", "https://crm/?user=ann@example.com&x=1", "'ann@example.com'", "_ann@example.com_",
     "Ann\nann@example.com", "Ann\u200bann@example.com", "ben@example.com; ann+x@example.com", "“ann@example.com”"],
)  # fmt: skip
def test_an_address_is_found_wherever_it_stands(text: str) -> None:
    """Around it may stand whatever a form, a mail or a link puts there."""
    assert ANN in mailboxes_in(text)


@pytest.mark.req("R-ROLE-06")
@pytest.mark.parametrize(
    "text", ["", "Ann", "joann@example.com", "ann@example.community", "ann.x@example.com", "ann at work"]
)
def test_an_address_that_is_not_there_is_not_found(text: str) -> None:
    """Part of another address is not this one."""
    assert ANN not in mailboxes_in(text)


@pytest.mark.req("R-ROLE-06")
def test_an_address_is_found_behind_any_number_of_signs() -> None:
    """Nobody pushes their own out of sight."""
    assert ANN in mailboxes_in("@" * 250 + " ann@example.com")


@given(st.text(max_size=20), st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True))
def test_between_spaces_every_plain_address_is_found(around: str, local: str) -> None:
    """Whatever stands before and after it, as long as it stands by itself."""
    address = f"{local}@example.com"
    assert mailbox(address) in mailboxes_in(f"{around.replace('%', '')} {address} {around.replace('@', '')}")


def test_names_and_ids_are_read_out_of_a_text() -> None:
    """Each between the signs that usually part them, without regard to capitals."""
    assert names_in("Ann Example, BEN") == {"ann example", "ben"}
    assert words_in("rv_0123abcd, rv_4567") == {"rv_0123abcd", "rv_4567"}
