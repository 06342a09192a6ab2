"""Finds links in Markdown files that lead nowhere inside this repository. Links to other sites are not followed."""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tests.system.places import CHECKOUT

LINK = re.compile(
    r"(?<!!)\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)|!\[[^\]]*\]\(([^)\s]+)[^)]*\)|^\[[^\]]+\]:\s+(\S+)", re.MULTILINE
)
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]+`")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
ANCHOR = re.compile(r"<a\s+(?:id|name)=\"([^\"]+)\"")


def main() -> int:
    dead = [f"{file.relative_to(CHECKOUT)}: {problem}" for file in markdown_files() for problem in dead_links(file)]
    print("\n".join(dead))
    return 1 if dead else 0


def markdown_files() -> list[Path]:
    """All that git knows or would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", "*.md"]
    names = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [path for path in map(CHECKOUT.joinpath, names) if path.exists()]


def dead_links(file: Path) -> list[str]:
    """A sentence for each link of `file` whose file or heading is not there."""
    text = CODE.sub("", FENCE.sub("", file.read_text()))
    targets = [next(filter(None, match)) for match in LINK.findall(text)]
    return [problem for target in targets if (problem := _problem(file, target))]


def _problem(file: Path, target: str) -> str | None:
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return None
    path = file if not parts.path else (file.parent / unquote(parts.path)).resolve()
    if not path.exists():
        return f"{target} leads to no file"
    if parts.fragment and path.suffix == ".md" and unquote(parts.fragment) not in _anchors(path):
        return f"{target} leads to no heading"
    return None


def _anchors(file: Path) -> set[str]:
    """The fragments that GitHub gives to the headings of a file."""
    text = FENCE.sub("", file.read_text())
    anchors = set(ANCHOR.findall(text))
    for heading in HEADING.findall(text):
        slug = re.sub(r"[^\w\- ]", "", _plain(heading).lower()).replace(" ", "-")
        number = 0
        while (unique := f"{slug}-{number}" if number else slug) in anchors:
            number += 1
        anchors.add(unique)
    return anchors


def _plain(heading: str) -> str:
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)


if __name__ == "__main__":
    sys.exit(main())
