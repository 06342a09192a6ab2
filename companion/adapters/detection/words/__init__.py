"""Words and phrases that detectors look for: one a line, `#` begins a remark."""

import re
from functools import lru_cache
from importlib.resources import files

from companion.adapters.detection.folding import plainly


@lru_cache(maxsize=16)
def lines(name: str) -> tuple[str, ...]:
    """The lines of `name`.txt, without remarks."""
    text = files(__package__).joinpath(f"{name}.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


def word_pattern(name: str) -> str:
    """The words of a file as one alternative, for texts that went through `plainly`.

    `~` at the end of a word allows any ending, and a hyphen does for a space.
    """
    words = dict.fromkeys(
        re.escape(plainly(word.rstrip("~"))) + ("~" if word.endswith("~") else "") for word in lines(name)
    )
    return "|".join(word.replace("~", r"[^\W\d_]{0,14}").replace(r"\ ", "[ -]") for word in words)


def phrase_pattern(name: str) -> re.Pattern[str]:
    """The phrases of a file, which are regular expressions, as one. Repeats in them are bounded."""
    phrases = lines(name)
    # A common \b stands once before all of them: then each is first asked by its first letter, which is far cheaper.
    words = [phrase.removeprefix(r"\b") for phrase in phrases if phrase.startswith(r"\b")]
    others = [f"(?:{phrase})" for phrase in phrases if not phrase.startswith(r"\b")]
    return re.compile("|".join([rf"\b(?:{'|'.join(words)})", *others]))
