"""`python -m tests.bench.detection [--misses]`: precision, recall, F1 and time of each engine, on the labelled corpus.

Nothing is written. Engines that were looked at and not taken are measured when they are installed: make a throw-away
environment with the project, `datafog`, `datafog-core` and `presidio-analyzer`.

What the labels mean. pii: from this text a stranger could reach or name one person: mailbox, telephone, postal address,
identity number, account, card, birth date, full name. phi: the health of somebody. data_exposure: a credential that
would work, not a place-holder, a digest or a public key. prohibited_content: one of the row's terms. prompt_injection:
an order to the model or the reviewer. invisible_text: read otherwise than it looks. Nothing: all of these are absent.

Batch 1 was there while the engine was chosen and its words were written. Batches 2, 3 and 4 were each written without
looking at the engine and measured once before anything was changed for them: those figures stand in decision 0011.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from companion.adapters.detection import Detector

CORPUS = Path(__file__).parents[1] / "corpora" / "detection.jsonl"
LABELS = ("pii", "phi", "data_exposure", "prohibited_content", "prompt_injection", "invisible_text")


@dataclass(frozen=True)
class Row:
    """One text, or JSON value, with the labels that it carries."""

    id: str
    batch: int
    labels: frozenset[str]
    value: Any
    terms: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of it as one text, for engines that know no JSON."""
        return "\n".join(_lines(self.value, ""))


@dataclass(frozen=True)
class Figures:
    """How one engine did on one label."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 0.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 0.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


Engine = Callable[[Row], set[str]]


@lru_cache(maxsize=1)
def corpus() -> tuple[Row, ...]:
    """All rows. A credential stands cut in two, so that no scanner of repositories takes it for a live one."""
    rows = [json.loads(line) for line in CORPUS.read_text().splitlines()]
    return tuple(
        Row(row["id"], row["batch"], frozenset(row["labels"]), _joined(row["value"]), tuple(row.get("terms", ())))
        for row in rows
    )


def ours(row: Row) -> set[str]:
    """The labels that the product's detector gives, with the row as model output."""
    return {signal.code for signal in Detector().detect(None, row.value, prohibited_terms=row.terms)}


def figures(engine: Engine, label: str, batch: int | None = None) -> tuple[Figures, list[str]]:
    """The figures of an engine on a label, and the ids of what it got wrong."""
    right = wrong = missed = 0
    faults = []
    for row in corpus():
        if batch is not None and row.batch != batch:
            continue
        said, is_so = label in engine(row), label in row.labels
        right += said and is_so
        wrong += said and not is_so
        missed += is_so and not said
        if said != is_so:
            faults.append(f"{'wrong ' if said else 'missed'} {row.id} {row.text[:100]!r}")
    return Figures(right, wrong, missed), faults


def engines() -> Iterator[tuple[str, tuple[str, ...], Engine]]:
    """Name, labels and function of each engine that is installed."""
    yield "handoff", LABELS, ours
    if find_spec("datafog"):
        from datafog.engine import _regex_entities

        yield "datafog 4.9", ("pii",), lambda row: {"pii"} if _regex_entities(row.text, locales=["de"]) else set()
        yield (
            "datafog 4.9, without dates and zips", ("pii",),
            lambda row: {"pii" for e in _regex_entities(row.text, locales=["de"]) if e.type not in _LOOSE},
        )  # fmt: skip
    if find_spec("datafog_core"):
        import datafog_core

        def core(row: Row) -> set[str]:
            kinds = {found.entity_type for found in datafog_core.scan(row.text, config={"locale": "de"})}
            return {"data_exposure" if kind in _CORE_SECRETS else "pii" for kind in kinds - _LOOSE}

        yield "datafog-core 0.4 (Rust)", ("pii", "data_exposure"), core
    if find_spec("presidio_analyzer"):
        yield from _presidio()
    if find_spec("phonenumbers"):
        from phonenumbers import Leniency, PhoneNumberMatcher

        from companion.adapters.detection.phones import REGIONS

        def phones(row: Row) -> set[str]:
            return {"pii" for region in REGIONS if PhoneNumberMatcher(row.text, region, Leniency.VALID).has_next()}

        yield "phonenumbers alone, 25 countries", ("pii",), phones
    if find_spec("detect_secrets"):
        yield from _detect_secrets()


_LOOSE = {"DATE", "DOB", "ZIP_CODE", "ZIP", "DE_POSTAL_CODE", "DE_VAT_ID", "US_ROUTING_NUMBER", "NPI"}
_CORE_SECRETS = {"API_KEY", "BEARER_TOKEN", "JWT", "PRIVATE_KEY", "CREDENTIAL_URI"}
_NOT_A_PERSON = {
    "DateRecognizer", "UrlRecognizer", "UuidRecognizer", "CryptoRecognizer", "MacAddressRecognizer",
    "DeVatIdRecognizer", "DeHandelsregisterRecognizer", "ItVatCodeRecognizer", "InGstinRecognizer",
}  # fmt: skip


def _presidio() -> Iterator[tuple[str, tuple[str, ...], Engine]]:
    """All pattern recognizers of presidio, with blank tokens in place of a language model and no list from the net."""
    import inspect

    import spacy
    import tldextract
    from presidio_analyzer import AnalyzerEngine, PatternRecognizer, RecognizerRegistry, predefined_recognizers
    from presidio_analyzer.nlp_engine.slim_spacy_nlp_engine import SlimSpacyNlpEngine

    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=())
    tokens = SlimSpacyNlpEngine(models=[{"lang_code": "en", "model_name": "blank"}])
    tokens.nlp = {"en": spacy.blank("en")}
    registry = RecognizerRegistry(supported_languages=["en"])
    for name, kind in inspect.getmembers(predefined_recognizers, inspect.isclass):
        patterns = issubclass(kind, PatternRecognizer) and kind is not PatternRecognizer
        if (patterns or name == "PhoneRecognizer") and name not in _NOT_A_PERSON:
            registry.add_recognizer(kind(supported_language="en"))
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=tokens, supported_languages=["en"])
    for least in (0.4, 0.5, 0.7):
        yield (
            f"presidio 2.2, score ≥ {least}", ("pii",),
            lambda row, least=least: {"pii"} if analyzer.analyze(row.text, "en", score_threshold=least) else set(),
        )  # fmt: skip


def _detect_secrets() -> Iterator[tuple[str, tuple[str, ...], Engine]]:
    """detect-secrets as its command runs it on a file, with and without its entropy plugins."""
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
    from detect_secrets.core.scan import _process_line_based_plugins
    from detect_secrets.settings import transient_settings

    names = [plugin.__name__ for plugin in get_mapping_from_secret_type_to_class().values()]
    filters = [
        f"detect_secrets.filters.heuristic.{name}"
        for name in ("is_indirect_reference", "is_likely_id_string", "is_not_alphanumeric_string", "is_potential_uuid",
                     "is_prefixed_with_dollar_sign", "is_sequential_string", "is_templated_secret")
    ]  # fmt: skip
    entropy = {"Base64HighEntropyString", "HexHighEntropyString"}
    for title, left_out in (("all", {"IPPublicDetector"}), ("forms only", {"IPPublicDetector"} | entropy)):
        chosen = [{"name": name} for name in names if name not in left_out]
        settings = {"plugins_used": chosen, "filters_used": [{"path": path} for path in filters]}

        def scan(row: Row, settings: dict[str, Any] = settings) -> set[str]:
            with transient_settings(settings):
                lines = list(enumerate(row.text.splitlines(), 1))
                return {"data_exposure" for _ in _process_line_based_plugins(lines, "text.yaml")}

        yield f"detect-secrets 1.5, {title}", ("data_exposure",), scan


def main() -> int:
    """Print the table."""
    sample = ("The customer writes that parcel 4471-2296-1108 has not arrived and asks for a call. " * 25)[:2048]
    print(f"{len(corpus())} texts, {sum(not row.labels for row in corpus())} of them with nothing to find\n")
    print("| engine | label | precision | recall | F1 | 2 kB of text |\n|---|---|---|---|---|---|")
    faults: list[str] = []
    for name, labels, engine in engines():
        row = Row("sample", 0, frozenset(), sample, ())
        engine(row)
        best = min(_timed(engine, row) for _ in range(7))
        for label in labels:
            for batch in (None, 1, 2, 3, 4) if engine is ours else (None,):
                told, wrong = figures(engine, label, batch)
                title = name if batch is None else f"{name}, batch {batch}"
                shares = f"{told.precision:.3f} | {told.recall:.3f} | {told.f1:.3f}"
                print(f"| {title} | {label} | {shares} | {best * 1e3:.2f} ms |")
                if batch is None and engine is ours:
                    faults += [f"{label}: {fault}" for fault in wrong]
    if "--misses" in sys.argv:
        print("\n" + "\n".join(faults))
    return 0


def _timed(engine: Engine, row: Row) -> float:
    start = time.perf_counter()
    engine(row)
    return time.perf_counter() - start


def _joined(value: Any) -> Any:
    if isinstance(value, dict):
        return "".join(value["cut"]) if set(value) == {"cut"} else {key: _joined(item) for key, item in value.items()}
    return [_joined(item) for item in value] if isinstance(value, list) else value


def _lines(value: Any, key: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _lines(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _lines(item, key)
    elif value is not None:
        yield f"{key}: {value}" if key else str(value)


if __name__ == "__main__":
    sys.exit(main())
