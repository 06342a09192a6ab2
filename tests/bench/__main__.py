"""`./dev bench`: all benchmarks, as ratios to floors of the same run, written to docs/benchmarks.md."""

import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.bench.http import cycle, opening, running
from tests.bench.inbox import MANY, inbox
from tests.bench.page import phone
from tests.bench.policy import figures
from tests.bench.resume import resume
from tests.bench.routes import routing
from tests.system.commands import say
from tests.system.debian import need_programs

REPORT = Path(__file__).parents[2] / "docs" / "benchmarks.md"
SECONDS = 5


@dataclass(frozen=True)
class Line:
    """One promise: what was measured, against what, and whether it holds."""

    what: str
    measured: str
    ratio: float
    bound: float
    at_least: bool

    @property
    def holds(self) -> bool:
        """Whether the promise is kept in this run."""
        return self.ratio >= self.bound if self.at_least else self.ratio <= self.bound

    def row(self) -> str:
        """A row of the table."""
        sign = "≥" if self.at_least else "≤"
        holds = "yes" if self.holds else "**no**"
        return f"| {self.what} | {self.measured} | {self.ratio:.2f} | {sign} {self.bound:g} | {holds} |"


def main() -> int:
    """Run everything; the exit code says only whether it could be measured, for a missed figure is a finding."""
    if sys.argv[1:] not in ([], ["--quick"]):
        say("usage: ./dev bench [--quick]   (about ten minutes; --quick is shorter and writes nothing)")
        return 2
    need_programs(browser=True)
    quick = "--quick" in sys.argv
    seconds = 3 if quick else SECONDS
    lines: list[Line] = []
    with running() as system:
        say("Opening and its floors …")
        a = opening(system, seconds)
        against = f"{a['open']:.0f}/s, one script {a['script']:.0f}/s, empty route {a['empty']:.0f}/s"
        lines.append(Line("open, against one script", against, a["open"] / a["script"], 0.7, True))
        lines.append(Line("open, against an empty route", against, a["open"] / a["empty"], 0.35, True))
        say("The whole cycle …")
        c = cycle(system, seconds)
        told = f"{c['cycles']:.0f} cycles/s"
        lines.append(Line("open, decide, callback; against one script", told, c["cycles"] / a["script"], 0.3, True))
        ages = f"p50 {c['callback_p50_ms']:.1f} ms, p99 {c['callback_p99_ms']:.1f} ms"
        lines.append(Line("callback after the decision, milliseconds", ages, c["callback_p50_ms"], 10, False))
        say("The inbox …")
        i = inbox(system, 20_000 if quick else MANY)
        pages = f"{i['many_ms']:.1f} ms with {i['many']:,.0f}, {i['few_ms']:.1f} ms with 1,000"
        lines.append(Line("first page of the inbox", pages, i["many_ms"] / i["few_ms"], 1.5, False))
        allowed = 2 * i["package_bytes"] + 2048
        memory = f"{i['memory_bytes']:.0f} bytes each, its package {i['package_bytes']:.0f}"
        lines.append(Line("memory, against 2 × package + 2 kB", memory, i["memory_bytes"] / allowed, 1, False))
    say("Routing in batches, without and with the search for personal data and secrets …")
    with running(HANDOFF_DETECTION="off") as system:
        routed = routing(system, seconds)
        lines.append(Line("routes in batches of 100, over HTTP", f"{routed:.0f} items/s", routed / 5_000, 1, True))
    with running() as system:
        searched = routing(system, 2 * seconds)
        lines.append(
            Line("the same with detection on (no bound)", f"{searched:.0f} items/s", searched / 5_000, 0, True)
        )
    say("Policies in one process …")
    for what, measured, promised in figures():
        lines.append(Line(what, f"{measured:,.0f} items/s of one core", measured / promised, 1, True))
    say("A case on a slow phone …")
    p = phone()
    seen = f"{p['cold_ms']:.0f} ms with an empty cache, {p['warm_ms']:.0f} ms again"
    lines.append(Line("the question of a case on a slow phone, seconds", seen, p["cold_ms"] / 1_000, 1.5, False))
    say("n8n's own Wait node and ours …")
    n = resume()
    both = f"{n['handoff_ms']:.0f} ms, n8n's Wait node {n['wait_ms']:.0f} ms"
    lines.append(Line("decision to finished execution", both, n["handoff_ms"] / n["wait_ms"], 1.15, False))
    table = "\n".join(line.row() for line in lines)
    say(table)
    if not quick:
        REPORT.write_text(HEAD.format(cores=os.cpu_count(), machine=platform.machine()) + table + "\n" + notes())
    return 0


HEAD = """# Benchmarks

Made by `./dev bench`. Each figure is a ratio to a floor that was measured in the same run, on the same server, with the
store on disk (`appendfsync always`), 16 connections and {cores} cores ({machine}), which load generator, store, web and
worker share.
*One script* is a bare Flask route that runs the very store commands of an opening and does nothing else; *empty route*
answers an empty JSON object. Absolute figures say little about another machine; the ratios say where the time goes.

| what | measured | ratio | bound | holds |
|---|---|---|---|---|
"""


def notes() -> str:
    """What holds a missed figure is written by hand, and kept from run to run."""
    if not REPORT.exists() or "\n## " not in REPORT.read_text():
        return ""
    return "\n## " + REPORT.read_text().split("\n## ", 1)[1]


if __name__ == "__main__":
    sys.exit(main())
