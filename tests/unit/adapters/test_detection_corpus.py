"""The detector over the labelled corpus: what it finds, how often it is wrong, and that it never tells the value."""

import json
import re
import socket
from collections import Counter

import pytest

from companion.adapters.detection import SOURCES, Detector
from tests.bench.detection import CORPUS, LABELS, corpus, figures, ours

FLOORS = {
    "pii": (0.98, 0.95),
    "phi": (0.97, 0.96),
    "data_exposure": (0.98, 0.97),
    "prohibited_content": (1.0, 1.0),
    "prompt_injection": (0.97, 0.94),
    "invisible_text": (1.0, 1.0),
}
"""Label -> least precision and recall, just under what was measured. Decision 0011 says what unseen texts gave."""

TELLING = re.compile(r"[^\s\"'“”„:;,()/]*(?:\d{4}|@)[^\s\"'“”„:;,()/]*")
"""Words of a text that would give a person or an account away."""


@pytest.mark.req("R-SEC-09", "R-SEC-10", "H3", "H4")
@pytest.mark.parametrize("label", LABELS)
def test_it_finds_what_it_promises_to(label: str) -> None:
    """Precision and recall on each label do not fall below their floors; the figures are printed."""
    told, faults = figures(ours, label)
    print(f"{label}: precision {told.precision:.3f}, recall {told.recall:.3f}, F1 {told.f1:.3f}")
    least_precision, least_recall = FLOORS[label]
    assert told.precision >= least_precision, "\n".join(faults)
    assert told.recall >= least_recall, "\n".join(faults)


@pytest.mark.req("R-SEC-10")
def test_plain_traffic_is_left_alone() -> None:
    """Of the texts with nothing to find at most one in a hundred is marked: who cries wolf is switched off."""
    plain = [row for row in corpus() if not row.labels]
    marked = [row.id for row in plain if ours(row)]
    assert len(plain) >= 300
    assert len(marked) <= len(plain) // 100, marked


@pytest.mark.req("L6", "R-SEC-10")
def test_no_signal_repeats_what_was_found() -> None:
    """Words and place of a signal go into logs and traces, so neither holds a number or address of the text.

    Each text is tried as a value and as the name of a member, which a JSON pointer would repeat.
    """
    signals = 0
    for row in corpus():
        secrets = {word.strip(".") for word in TELLING.findall(row.text)}
        for shape in (row.value, {row.text: row.value}, [{"note": row.text, row.text[:30]: True}]):
            for signal in Detector().detect(shape, shape, prohibited_terms=row.terms):
                signals += 1
                shown = f"{signal.words} {signal.where}"
                assert not [secret for secret in secrets if secret in shown], (row.id, shown)
    assert signals > 1000


@pytest.mark.req("R-SEC-10")
def test_it_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of the libraries could call out (suffix lists, checks whether a key still works); here none of them does."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the detector reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    found = Counter(code for row in corpus() for code in ours(row))
    assert set(found) >= set(LABELS)


def test_the_corpus_is_honest() -> None:
    """Enough texts, known labels, no row twice, two in five with nothing to find, and no credential in one piece."""
    rows = corpus()
    assert len(rows) >= 300
    assert len({row.id for row in rows}) == len(rows)
    assert len({json.dumps(row.value) for row in rows}) == len(rows)
    assert {label for row in rows for label in row.labels} == set(LABELS) <= set(SOURCES)
    assert sum(not row.labels for row in rows) >= 0.4 * len(rows)
    live = re.compile(
        r"AKIA[A-Z0-9]{16}|gh[pousr]_\w{30}|[rs]k_live_\w{20}|xox[abp]-\d+|BEGIN [A-Z ]*PRIVATE KEY|glpat-\w{20}"
    )
    assert not live.findall(CORPUS.read_text())
