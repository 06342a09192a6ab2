"""What a role may not see is nowhere in the bytes that are signed for it."""

import base64
import html
import json
import unicodedata
from dataclasses import replace
from hashlib import md5, sha1, sha256
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.core.canonical import canonical_bytes
from companion.core.opening import built_in, open_one
from companion.core.package import Package, build, full_value
from companion.core.redaction import (
    HiddenPlaceEdited,
    Restored,
    hidden,
    redact_value,
    restore,
    scrub,
    view,
)
from companion.core.revision import next_version
from companion.core.terms import Redaction
from tests.unit.core.cases import FIELDS, GROUP_ID, HANDOFF_ID, NOW_MS, SALT
from tests.unit.core.policy.kit import UNHURRIED

PHONE = "+49 151 2345 6789"
SSN = "078-05-1120"
RULES = (
    Redaction("/request/customer/phone", "Phone number", ("owner",)),
    Redaction("/request/people/*/ssn", "Social security number"),
    Redaction("/metadata/evidence", "Evidence", ("owner", "compliance")),
)
REQUEST = {
    "customer": {"name": "Dana", "phone": PHONE},
    "people": [{"name": "Ann", "ssn": SSN}, {"name": "Ben", "ssn": "219-09-9999"}],
    "body": f"Call me: {PHONE}",
}
OUTPUT = {"summary": f"Dana asks for a call at {PHONE}.", "urgent": True}
METADATA = {"title": "A call", "evidence": [{"title": "Call log of Dana"}], "confidence": 0.9}


def package(request: Any = REQUEST, output: Any = OUTPUT, rules: Any = RULES, files: Any = (), **more: Any) -> Package:
    """A package of a case with these redactions."""
    return build(
        handoff_id=HANDOFF_ID, group_id=GROUP_ID, version=1, parent_digest=None, salt=SALT, request=request,
        model_output=output, metadata=METADATA | more, attachments=list(files), redactions=rules,
    )  # fmt: skip


def seen(made: Package, *roles: str, rules: Any = RULES) -> dict[str, Any]:
    """The view of somebody with these roles, read back."""
    shown: dict[str, Any] = json.loads(view(made.canonical, rules, roles))
    return shown


@pytest.mark.req("R-CTX-18", "R-SEC-05", "R-UI-23", "X-17")
def test_the_same_package_shows_and_hides_by_role() -> None:
    """An owner sees the number that an approver does not; what nobody may see, not even the owner sees."""
    made = package()
    for_owner, for_approver = seen(made, "owner"), seen(made, "approver")
    assert for_owner["request"]["customer"]["phone"] == PHONE
    assert for_owner["metadata"]["evidence"] == METADATA["evidence"]
    assert for_approver["request"]["customer"] == {"name": "Dana", "phone": None}
    assert for_approver["metadata"]["evidence"] == []
    assert [person["ssn"] for person in for_owner["request"]["people"]] == [None, None]
    assert [each["label"] for each in for_owner["redacted"]] == ["Social security number"]
    assert {each["path"]: each["label"] for each in for_approver["redacted"]} == {
        "/request/customer/phone": "Phone number",
        "/request/people/*/ssn": "Social security number",
        "/metadata/evidence": "Evidence",
    }
    assert seen(made, "approver", "owner")["request"]["customer"]["phone"] == PHONE, "one role of several is enough"
    assert canonical_bytes(for_approver) == view(made.canonical, RULES, {"approver"})


def spellings(value: str) -> list[str]:
    """A value in the forms in which it may stand somewhere else."""
    data = value.encode()
    return [
        value, value.upper(), value.lower(), f"x{value}y", json.dumps(value), json.dumps(json.dumps(value)),
        "".join(f"\\u{ord(sign):04x}" for sign in value), html.escape(value), "".join(f"&#{ord(s)};" for s in value),
        quote(value, safe=""), data.hex(), data.hex().upper(), value[::-1],
        *(base64.b64encode(b"." * shift + data).decode() for shift in range(3)),
        *(base64.urlsafe_b64encode(b"." * shift + data + b"..").decode() for shift in range(3)),
        base64.b64encode(value.encode("utf-16-le")).decode(),
        unicodedata.normalize("NFD", value), unicodedata.normalize("NFKC", value),
        sha256(data).hexdigest(), sha1(data).hexdigest(), md5(data).hexdigest(),
        base64.b64encode(sha256(data).digest()).decode(),
    ]  # fmt: skip


def traces(value: str) -> list[str]:
    """What must not stand in the bytes, whatever the value was written as."""
    data = value.encode()
    inner = [base64.b64encode(b"." * shift + data).decode()[3:-4] for shift in range(3)]
    return [value.lower(), data.hex(), value[::-1].lower(), *(text.lower() for text in inner), sha256(data).hexdigest(),
            unicodedata.normalize("NFD", value).lower(), quote(value, safe="").lower()]  # fmt: skip


@pytest.mark.req("R-CTX-18", "R-SEC-05", "R-UI-23")
@pytest.mark.parametrize("value", [PHONE, SSN, "dana.miller@example.com", "Überwachungsstraße 5", "N0-ACCT-99/7+A"])
@pytest.mark.parametrize("place", ["body", "output", "title", "rationale", "name", "key", "similar", "reason"])
def test_the_value_stands_nowhere_in_the_bytes_in_no_spelling(value: str, place: str) -> None:
    """Escapes, base64, hex and bare digests of a hidden value are masked in every other text of the package."""
    rules = (Redaction("/request/secret", "Hidden"),)
    for spelling in spellings(value):
        where: dict[str, Any] = {"body": "", "output": {"text": ""}, "more": {}}
        if place == "body":
            where["body"] = f"As written: {spelling}."
        elif place == "output":
            where["output"] = {"text": [{"deep": spelling}]}
        elif place == "key":
            where["output"] = {spelling: "a name of a member"}
        elif place == "similar":
            where["more"] = {"similar_cases": [{"id": "ho_1", "why": f"same topic {spelling}"}]}
        elif place == "reason":
            where["more"] = {"stop_reasons": [{"kind": "policy", "code": "x", "text": f"Found {spelling} in it"}]}
        elif place == "name":
            where["more"] = {"sources": [{"name": spelling}]}
        else:
            where["more"] = {place: f"About {spelling}"}
        made = package({"secret": value, "body": where["body"]}, where["output"], rules, **where["more"])
        bytes_ = json.dumps(json.loads(view(made.canonical, rules, {"approver"})), ensure_ascii=False).lower()
        assert value.encode() in made.canonical or json.dumps(value)[1:-1].encode() in made.canonical
        for trace in traces(value):
            assert trace not in bytes_, (spelling, trace)


@pytest.mark.req("R-CTX-18")
@given(st.text(st.characters(codec="utf-8"), min_size=8, max_size=40), st.text(max_size=20), st.text(max_size=20))
@UNHURRIED
def test_no_text_survives_beside_its_hidden_place(value: str, before: str, after: str) -> None:
    """Whatever the value is: in the view it is neither at its place nor inside another text."""
    if len(value.strip()) < 8:
        return
    rules = (Redaction("/request/secret", "Hidden"),)
    made = package({"secret": value}, f"{before}{value}{after}", rules)
    shown = seen(made, "approver", rules=rules)
    assert shown["request"]["secret"] is None
    assert value.strip().lower() not in shown["model_output"].lower().replace("[redacted 1]", "\0")


@pytest.mark.req("R-CTX-18", "X-17")
def test_no_digest_lets_a_hidden_value_be_guessed() -> None:
    """The digest of a part with something hidden is left out; that of a part without stays true."""
    shown = seen(package(output={"summary": "A call is asked for."}), "approver")
    assert shown["request_digest"] is None
    assert shown["output_digest"] == package(output={"summary": "A call is asked for."}).output_digest
    assert seen(package(), "approver")["output_digest"] is None, "its text was masked"
    assert "salt" not in shown
    one, other = (package({"customer": {"phone": number}}, "A call.") for number in ("0151 111111", "0151 222222"))
    assert view(one.canonical, RULES, {"approver"}) == view(other.canonical, RULES, {"approver"})


@pytest.mark.req("R-CTX-18", "R-UI-23")
def test_a_number_is_hidden_where_it_is_written_again() -> None:
    """A salary of 52000 is masked as a number, with separators, and in a sentence; a short number is left alone."""
    rules = (Redaction("/request/salary", "Salary"), Redaction("/request/age", "Age"))
    output = {"text": "Earns 52,000 or 52 000.", "number": 52000, "age": 7, "other": 520001}
    shown = seen(package({"salary": 52000, "age": 7}, output, rules), "approver", rules=rules)
    assert shown["model_output"]["number"] is None
    assert shown["model_output"]["text"] == "Earns [redacted 1] or [redacted 2]."
    assert (shown["model_output"]["other"], shown["model_output"]["age"]) == (520001, 7)
    assert shown["request"] == {"salary": None, "age": None}


@pytest.mark.req("R-CTX-18", "R-CTX-04")
def test_a_large_value_is_hidden_with_what_it_holds() -> None:
    """A pointer above or beside a hidden place names bytes that hold the value; it goes, and so does its hash."""
    long = "A long story. " * 1_500
    request = {"customer": {"name": long, "phone": PHONE}, "copy": f"{long}{PHONE}", "plain": f"{long}."}
    made = package(request, f"Call {PHONE}.")
    whole = {pointer["path"]: pointer["sha256"] for pointer in json.loads(made.canonical)["large_values"]}
    assert set(whole) == {"/request/customer", "/request/copy", "/request/plain"}
    shown = seen(made, "approver")
    assert [pointer["path"] for pointer in shown["large_values"]] == ["/request/plain"]
    assert [pointer["path"] for pointer in seen(made, "owner")["large_values"]] == list(whole)
    bytes_ = view(made.canonical, RULES, {"approver"})
    assert PHONE.encode() not in bytes_
    assert shown["model_output"] == "Call [redacted 1]."
    assert all(whole[path].encode() not in bytes_ for path in ("/request/customer", "/request/copy"))
    assert shown["request_digest"] is None


@pytest.mark.req("R-CTX-18")
def test_a_file_that_repeats_what_is_hidden_is_hidden() -> None:
    """Its bytes cannot be masked under the same hash; one without anything hidden is shown."""
    contents = {"log.txt": f"called {PHONE}".encode(), "map.txt": b"a map"}
    files = [
        ({"name": name, "media_type": "text/plain", "size_bytes": 1, "sha256": sha256(data).hexdigest()}, data)
        for name, data in contents.items()
    ]
    made = package(files=files)
    assert [entry["name"] for entry in seen(made, "approver")["attachments"]] == ["map.txt"]
    assert [entry["name"] for entry in seen(made, "owner")["attachments"]] == ["log.txt", "map.txt"]
    everything = (Redaction("/attachments", "Files"),)
    closed = package(files=files, rules=everything)
    assert seen(closed, "approver", rules=everything)["attachments"] == []


@pytest.mark.req("R-CTX-18")
def test_large_values_are_hidden_where_nobody_looked_for_the_place() -> None:
    """A place that came into the policy after the package was made: what lies outside the package cannot be shown."""
    made = package({"a": "x" * 20_000}, "y")
    late = (*RULES, Redaction("/request/new", "New"))
    assert seen(made, "approver", rules=late)["large_values"] == []


@pytest.mark.req("R-CTX-18", "R-UI-23")
def test_title_question_and_reasons_hold_nothing_hidden_for_anybody() -> None:
    """Lists and messages show them before anybody's role is asked."""
    terms = built_in("summarize").terms
    rules = (Redaction("/request/email", "Address", ("owner",)), Redaction("/metadata/impact", "Impact"))
    guidance = _guided(terms, rules)
    handoff, made = open_one(
        FIELDS | {"request": {"email": "dana@example.com"}, "title": "Mail of dana@example.com",
                  "question": "Answer DANA@example.com?", "impact": "A refund of a thousand"},
        handoff_id=HANDOFF_ID, group_id=GROUP_ID, index=0, salt=SALT, source=None, delivery_id=None, now_ms=NOW_MS,
        guidance=guidance,
    )  # fmt: skip
    assert (handoff.title, handoff.question) == ("Mail of [redacted 1]", "Answer [redacted 1]?")
    assert handoff.impact == "[redacted 1]"
    assert json.loads(made.canonical)["metadata"]["title"] == handoff.title
    assert b"dana@example" not in view(made.canonical, rules, {"approver"}).lower()
    assert json.loads(view(made.canonical, rules, {"owner"}))["metadata"]["requester"] == FIELDS["requester"]


def _guided(terms: Any, rules: Any) -> Any:
    return replace(built_in("summarize"), terms=replace(terms, redactions=rules))


@pytest.mark.req("R-SEC-05")
def test_an_output_outside_of_its_package_is_redacted_the_same_way() -> None:
    """Feeds, rows and notes go through the same masks."""
    rules = (Redaction("/model_output/iban", "Account"), *RULES)
    output = {"iban": "DE02120300000000202051", "text": f"To DE02120300000000202051, {PHONE}"}
    made = package(output=output, rules=rules)
    assert redact_value(output, "model_output", made.canonical, rules, {"approver"}) == {
        "iban": None, "text": "To [redacted 1], [redacted 2]",
    }  # fmt: skip
    assert scrub([{"note": f"called {PHONE}"}], made.canonical, rules, {"approver"}) == [
        {"note": "called [redacted 1]"}
    ]
    assert redact_value(output, "model_output", made.canonical, (), {"approver"}) is output
    assert scrub(f"{PHONE}", made.canonical, rules, {"owner"}) == PHONE


def test_nothing_is_changed_where_nothing_is_hidden() -> None:
    """Without redactions, and for a role that sees all, the view is the package without its salt."""
    made = package(rules=())
    whole = {name: value for name, value in json.loads(made.canonical).items() if name != "salt"}
    assert seen(made, "approver", rules=()) == whole | {"redacted": []}
    visible = (Redaction("/request", "All", ("approver",)),)
    assert seen(made, "approver", rules=visible) == whole | {"redacted": []}
    assert hidden(visible, {"auditor"}) == visible


RESTORABLE = {
    "iban": "DE02120300000000202051",
    "text": "To DE02120300000000202051 today",
    "rows": [{"name": "Ann", "iban": "DE1"}, {"name": "Ben", "iban": "DE2"}],
    "note": "plain",
}
EDIT_RULES = (Redaction("/model_output/iban", "Account"), Redaction("/model_output/rows/*/iban", "Accounts"))


@pytest.mark.req("R-CTX-18", "R-ACT-04")
@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"iban": "DE999"}, "/iban"), ({"iban": ""}, "/iban"), ({"rows": []}, "/rows"), ({"rows": None}, "/rows"),
        ({"rows": [{"name": "Ben", "iban": None}, {"name": "Ann", "iban": None}]}, "/rows"),
        ({"rows": [{"name": "Ann", "iban": None}, {"name": "Ben", "iban": "DE2"}]}, "/rows/1/iban"),
        ({"rows": [{"name": "Ann"}, {"name": "Ben", "iban": None}]}, "/rows/0/iban"),
        ({"text": "To [redacted 7] today"}, "/text"), ({"text": "To 1[redacted 1]1 today"}, "/text"),
        ({"text": "To x[redacted 1] today"}, "/text"), ({"text": "[redacted 1][redacted 1]"}, "/text"),
    ],
)  # fmt: skip
def test_an_edit_cannot_write_where_its_author_cannot_read(change: dict[str, Any], pointer: str) -> None:
    """Another value in a hidden place, a list in another order, a mask that was not shown: refused with the place."""
    made = package({}, RESTORABLE, EDIT_RULES)
    shown = seen(made, "approver", rules=EDIT_RULES)["model_output"]
    came = restore(shown | change, RESTORABLE, made.canonical, EDIT_RULES, {"approver"})
    assert came == HiddenPlaceEdited(pointer)


@pytest.mark.req("R-CTX-18", "R-ACT-04", "H1")
@pytest.mark.parametrize(
    ("original", "edit", "pointer"),
    [
        ({}, {"iban": "DE1"}, "/iban"),
        ({"iban": None}, {"iban": "DE1"}, "/iban"),
        ({"rows": []}, {"rows": [{"iban": "DE1"}]}, "/rows/0/iban"),
        ({"rows": [{}]}, {"rows": [{"iban": "DE1"}]}, "/rows/0/iban"),
        ({"rows": "none"}, {"rows": {"a": {"iban": {"x": 1}}}}, "/rows/a/iban"),
    ],
)
def test_nothing_is_written_where_the_next_reviewer_sees_null(original: Any, edit: Any, pointer: str) -> None:
    """A hidden place that is absent or empty stays so: a second approver would agree to what nobody showed them."""
    made = package({}, original, EDIT_RULES)
    assert restore(edit, original, made.canonical, EDIT_RULES, {"approver"}) == HiddenPlaceEdited(pointer)
    empty = restore(original | {"note": "new"}, original, made.canonical, EDIT_RULES, {"approver"})
    assert empty == Restored(original | {"note": "new"})


@pytest.mark.req("R-CTX-18", "R-SEC-05", "X-17")
@given(value=st.sampled_from(["48213", "Kim", "secret-plan", "jana@nordlicht.example"]), data=st.data())
def test_whatever_is_written_around_a_mask_its_author_reads_the_mask_only(value: str, data: st.DataObject) -> None:
    """No neighbour makes the hidden value another word, which would be shown to whoever wrote the edit."""
    original = {"secret": value, "text": f"It is {value}, they say."}
    rules = (Redaction("/model_output/secret", "Secret"),)
    made = package({}, original, rules)
    around = st.text("a1_-.,:/()[] \u200b\u0301é", max_size=3)
    text = f"{data.draw(around)}[redacted 1]{data.draw(around)}"
    came = restore({"secret": None, "text": text}, original, made.canonical, rules, {"approver"})
    if isinstance(came, Restored):
        assert value in came.value["text"]
        shown = redact_value(came.value, "model_output", made.canonical, rules, {"approver"})
        assert value not in shown["text"]


@pytest.mark.req("R-CTX-18", "R-ACT-04")
def test_what_was_hidden_comes_back_into_an_edited_output() -> None:
    """Null and masks mean “unchanged”: the workflow never receives a mask in place of a value."""
    made = package({}, RESTORABLE, EDIT_RULES)
    shown = seen(made, "approver", rules=EDIT_RULES)["model_output"]
    assert shown["text"] == "To [redacted 1] today"
    assert restore(shown, RESTORABLE, made.canonical, EDIT_RULES, {"approver"}) == Restored(RESTORABLE)
    edit = shown | {"text": "Tomorrow to [redacted 1]", "note": "changed", "new": 1}
    assert restore(edit, RESTORABLE, made.canonical, EDIT_RULES, {"approver"}) == Restored(
        RESTORABLE | {"text": "Tomorrow to DE02120300000000202051", "note": "changed", "new": 1}
    )
    renamed = shown | {"rows": [{"name": "Anna", "iban": None}, {"name": "Ben", "iban": None}]}
    restored = restore(renamed, RESTORABLE, made.canonical, EDIT_RULES, {"approver"})
    assert isinstance(restored, Restored)
    assert restored.value["rows"] == [{"name": "Anna", "iban": "DE1"}, {"name": "Ben", "iban": "DE2"}]
    assert restore("all new", RESTORABLE, made.canonical, (), {"approver"}) == Restored("all new")
    assert full_value(made.canonical, "model_output", made.blobs) == RESTORABLE


@pytest.mark.req("R-CTX-18", "A4")
def test_of_many_hidden_values_every_large_value_is_hidden() -> None:
    """Looking for each of them in megabytes would take long; what was not looked through is not shown."""
    people = [{"ssn": f"078-05-{number:04}"} for number in range(21)]
    request = {"people": people, "letter": "Dear all. " * 2_000}
    assert seen(package(request), "approver")["large_values"] == []
    few = package(request | {"people": people[:20]})
    assert [pointer["path"] for pointer in seen(few, "approver")["large_values"]] == ["/request/letter"]


@pytest.mark.req("R-CTX-18")
def test_a_hidden_page_of_text_hides_the_addresses_and_numbers_in_it() -> None:
    """They are what is repeated elsewhere, from a text that itself is nowhere repeated whole."""
    rules = (Redaction("/request/letter", "Letter"),)
    letter = f"{'Dear all. ' * 30} Write to dana.miller@example.com or call {PHONE}."
    output = {"to": "Dana.Miller@example.com", "call": "tel 4915123456789", "text": "Dear all."}
    shown = seen(package({"letter": letter}, output, rules), "approver", rules=rules)["model_output"]
    assert shown == {"to": "[redacted 1]", "call": "tel [redacted 1]", "text": "Dear all."}
    far = package({"letter": letter * 40}, output, rules)
    assert seen(far, "approver", rules=rules)["model_output"] == shown, "also where it lies outside of the package"


@pytest.mark.req("R-CTX-18", "R-SEC-05")
def test_what_older_versions_hid_is_remembered_within_bounds() -> None:
    """The newest values first; however many versions and values there were, the package keeps room for its content."""
    handoff, made = open_one(
        FIELDS | {"request": {"card": "card-0000"}}, handoff_id=HANDOFF_ID, group_id=GROUP_ID, index=0, salt=SALT,
        source=None, delivery_id=None, now_ms=NOW_MS,
    )  # fmt: skip
    rule = Redaction("/request/card", "Card")
    handoff = replace(handoff, terms=replace(handoff.terms, redactions=(rule,)))
    for number in range(1, 300):
        made = next_version(handoff, made.canonical, made.blobs, SALT, request={"card": f"card-{number:04}"})
        handoff = replace(handoff, package_digest=made.digest, package_version=made.version)
    note = "card-0299, card-0298, card-0297"
    assert scrub(note, made.canonical, (rule,), ()) == "[redacted 1], [redacted 2], [redacted 3]"
    assert len(canonical_bytes(json.loads(made.canonical)["sensitive"])) < 2_000
    long = next_version(handoff, made.canonical, made.blobs, SALT, request={"card": [f"{n:0100}" for n in range(500)]})
    later = next_version(handoff, long.canonical, long.blobs, SALT, request={"card": "card-9999"})
    assert len(canonical_bytes(json.loads(later.canonical)["sensitive"])) < 2_000
