"""Health data of a person, by words (R-SEC-10). No library does this offline without a language model.

Some words say it alone (“diagnosed with”, a drug with its dose). The name of an illness counts when somebody has it: a
charity run for cancer research is nobody's health.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from companion.adapters.detection.openings import closing, opening
from companion.adapters.detection.texts import Mark
from companion.adapters.detection.views import View
from companion.adapters.detection.words import word_pattern

_DRUG_STEMS: Final = (
    r"pril|sartan|statin|olol|formin|gliptin|gliflozin|glutide|cillin|mycin|floxacin|prazole|azepam|"
    r"zolam|oxetine|traline|talopram|triptyline|zapine|peridone|mab|tinib|ovir|avir|conazole|sone|solone|dipine|semide|"
    r"thiazide|parin|codone|morphone|setron|triptan|barbital"
)
_DRUG_WORDS: Final = (
    r"insulin|ibuprofen|paracetamol|aspirin|morphine|"
    r"methadone|tramadol|fentanyl|lithium|levothyroxine|l-thyroxin|warfarin|salbutamol|methotrexate|gabapentin|"
    r"pregabalin|methylphenidate|ritalin|digoxin|naloxone|buprenorphine"
)
"""Stems of international names of drugs, and drugs without such a stem."""
_DRUGS: Final = rf"[a-z]{{3,14}}(?:{_DRUG_STEMS})|{_DRUG_WORDS}"
_FIRM_WORDS: Final = (
    rf"(?<![\w-])(?:{word_pattern('health-alone')})(?![\w-])|"
    r"\b(?:icd(?:-?1[01])?(?:-?cm)?|diagnos\w{0,6})[^\w\n]{0,3}(?:code )?\(?[a-tv-z]\d[0-9a-z](?:\.\d{1,3})?\b|"
    r"\bpcr (?:test|result)|\b[rd]x: ?\w|\bmrn\b[^\w\n]{0,3}\w{0,3}-?\d{4,}|\bbp \d{2,3}/\d{2,3}\b"
)
_FIRM: Final = re.compile(
    rf"{_FIRM_WORDS}|"
    rf"(?<![\w-])(?:{_DRUGS}) ?\d{{1,4}}(?:[.,]\d{{1,2}})? ?(?:mg|mcg|µg|ug|ml|iu|ie|units?)\b"
)
_ILLNESS_STEMS: Final = (
    r"itis|ectomy|ostomy|carcinoma|lymphoma|melanoma|sarcoma|adenoma|haematoma|hematoma|neuropathy|neuralgia|myalgia|arthralgia|"
    r"aemia|plegia|sclerosis|ektomie|entzundung|erkrankung|krankheit"
)
_INJURIES: Final = (
    r"(?:broke|broken|fractured|sprained|tore|torn|dislocated|injured|twisted|bruised) "
    r"(?:my |his |her |their |the |a |both )?"
    r"(?:left |right )?(?:arm|leg|wrist|ankle|foot|hand|finger|toe|ribs?|hip|knee|shoulder|collarbone|neck|nose|skull|"
    r"spine|elbow|jaw|pelvis|achilles|tendon|ligament|meniscus)|"
    r"(?:knie|huft|herz|augen|rucken|schulter|magen|darm|hand|fuss)-?(?:op\b|operation)|"
    r"(?:knee|hip|heart|eye|gallbladder|spinal|brain|back|shoulder|cataract|kidney|liver) "
    r"(?:surgery|operation|replacement|removal|transplant|op\b)"
)
_AFTER_ILLNESS: Final = "syndrome|disorder|disease|deficiency|infection"
_STEMS: Final = rf"[a-z]{{3,16}}(?:{_ILLNESS_STEMS})|{_INJURIES}|[a-z]{{4,16}} (?:{_AFTER_ILLNESS})"
"""How medicine makes the names of illnesses and operations."""
_ILLNESS: Final = re.compile(
    rf"(?<![\w-])(?:{word_pattern('health-illnesses')}|{_STEMS}|{_DRUGS}|(?:have|has|had|having) ms)(?![\w-])"
)
_PERSON: Final = re.compile(rf"(?<![\w-])(?:{word_pattern('people')})(?![\w-])")
_MEMBER: Final = re.compile(
    r"diagnos[ie]s?|medications?|allerg(?:y|ies)|mrn|icd_?(?:10|11)?(?:_?code)?|symptoms?|prescriptions?|lab_results?|"
    r"blood_type"
)
_DRUG_OPENS: Final = closing(_DRUG_STEMS) | opening(re.compile(rf"\b(?:{_DRUG_WORDS})"))
_NAMED_ILLNESS: Final = rf"(?:{word_pattern('health-illnesses')})(?![\w-])|{_INJURIES}|ha(?:ve|s|d|ving) ms"
_FIRM_OPENS: Final = _DRUG_OPENS | opening(re.compile(_FIRM_WORDS))
_ILLNESS_OPENS: Final = (
    _DRUG_OPENS
    | closing(_ILLNESS_STEMS)
    | opening(re.compile(rf"\b(?:{_AFTER_ILLNESS})"))
    | opening(re.compile(rf"(?<![\w-])(?:{_NAMED_ILLNESS})"))
)
_BEFORE_CHARS: Final = 160
"""How far before an illness the person stands who has it. After it, a person is somebody else as often as not."""


def find(view: View, key: str) -> Iterator[Mark]:
    """At most one mark for a window: the first firm word, else the first illness that somebody has, else three."""
    low = view.low
    firm = _FIRM.search(low) if view.opens & _FIRM_OPENS else None
    if firm:
        yield Mark("phi", "health data", firm.start())
        return
    if _is_health_member(key) and any(map(str.isalpha, view.text)):
        yield Mark("phi", "health data", 0)
        return
    if not view.opens & _ILLNESS_OPENS:
        return
    named: dict[str, int] = {}
    for illness in _ILLNESS.finditer(low):
        named.setdefault(illness[0], illness.start())
        before = low[max(0, illness.start() - _BEFORE_CHARS) : illness.start()]
        if _PERSON.search(before) or len(named) > 2:
            yield Mark("phi", "health data of somebody", illness.start())
            return


@lru_cache(maxsize=512)
def _is_health_member(key: str) -> bool:
    return _MEMBER.fullmatch(key.lower()) is not None
