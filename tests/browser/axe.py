"""What axe finds on a page, in each way to look at it."""

from collections.abc import Iterator

from playwright.sync_api import Page

from tests.system.built import PAGE

AXE = PAGE / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => (await axe.run()).violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary ?? ''}`))"""
WIDTHS = (1440, 320)
SCHEMES = ("light", "dark")


def findings(page: Page) -> list[str]:
    """As lines; empty when axe finds nothing."""
    page.evaluate(AXE.read_text())
    found: list[str] = page.evaluate(RUN)
    return found


def findings_in_every_look(page: Page) -> list[str]:
    """Wide and narrow, light and dark; also names a look in which the page is wider than its window."""
    found = []
    for look in looks(page):
        found += [f"{look}: {line}" for line in findings(page)]
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append(f"{look}: the page scrolls sideways")
    return found


def looks(page: Page) -> Iterator[str]:
    """Puts the page into each look, one after the other, and gives the look's name.

    Without motion: a colour half-way between two schemes is none that anybody reads.
    """
    for width in WIDTHS:
        for scheme in SCHEMES:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            yield f"{width} {scheme}"
