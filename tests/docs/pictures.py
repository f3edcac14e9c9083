"""Draws the documentation's pictures: `.venv/bin/python -m tests.docs.pictures [days] [terminal]`, a few minutes.

`days` are series of simulated days, one figure a domain, out of nothing but the catalogue: simulate, fold as `truth`
does, divide sums. `terminal` is a session with a city that really runs, in a copy of the project.
"""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

import matplotlib as mpl
from matplotlib.figure import Figure
from rich.console import Console
from rich.text import Text

from city import catalogue
from city.domain import Rate, Ratio
from city.event import encode
from city.instant import NS, nanoseconds
from city.lines import Line
from city.weather import Weather
from producers.simulators import find, together
from stream_app.truth import compute
from tests.docs.snippets import Tree
from tests.docs.tree import ROOT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from city.domain import Domain, Kpi

FOLDER: Final = ROOT / "docs" / "explanation" / "pictures"
SEED: Final = 2026
STEP_S: Final = 1_800
DAY_S: Final = 86_400
EVENTS_PER_S: Final = 1.0

MOST_KPIS: Final = 7
"""With the rain, eight panels a figure."""

DAYS: Final = {
    "a Wednesday in June": "2026-06-10T00:00:00+07:00",
    "a Sunday in June": "2026-06-14T00:00:00+07:00",
    "the first day of Tết": "2026-02-17T00:00:00+07:00",
}
STYLES: Final = (("#00695c", "-"), ("#e65100", "--"), ("#6a1b9a", ":"))
"""Colour and dash of each day: never colour alone."""

Course = list[float | None]
"""A value for each step of a day; None where there is nothing to divide by."""


def steered_by(domain: Domain) -> list[Kpi]:
    """The first of the KPIs that follow from the domain's own series by sums."""
    own = {series.name for series in domain.series}
    made_of_sums = [kpi for kpi in domain.kpis if kpi.measurement in own and isinstance(kpi.formula, Ratio | Rate)]
    return made_of_sums[:MOST_KPIS]


def courses(name: str, start: int, seconds: int = DAY_S, events_per_s: float = EVENTS_PER_S) -> dict[str, Course]:
    """KPI → its course from `start` (ns), of a simulated piece of time."""
    packs = catalogue.load()
    domain = packs.domain(name)
    heard = together(find([domain], packs.city), SEED, start, start + seconds * NS, events_per_s=events_per_s)
    true = compute((Line(encode(event)) for _, _, event in heard), domain, packs.city)
    sums: dict[tuple[str, int, str], float] = defaultdict(float)
    for key, fields in true.points.items():
        step = (key.start - start) // (STEP_S * NS)
        for field, value in fields.items():
            sums[key.measurement, step, field] += float(value)
    return {kpi.name: [_value(kpi, sums, step) for step in range(seconds // STEP_S)] for kpi in steered_by(domain)}


def _value(kpi: Kpi, sums: dict[tuple[str, int, str], float], step: int) -> float | None:
    match kpi.formula:
        case Ratio(numerator, denominator, factor):
            below = sums.get((kpi.measurement, step, denominator))
            return factor * sums[kpi.measurement, step, numerator] / below if below else None
        case Rate(field, per_s):
            return sums.get((kpi.measurement, step, field), 0.0) * per_s / STEP_S
        case _:
            return None


def figure(domain: Domain, of_days: dict[str, dict[str, Course]], rain: dict[str, Course]) -> Figure:
    """A panel for each KPI, a line in it for each day, and the rain of those days below."""
    kpis = steered_by(domain)
    columns = 2
    rows = -(-(len(kpis) + 1) // columns)
    drawn = Figure(figsize=(10, 1.9 * rows + 0.7), layout="constrained")
    panels = drawn.subplots(rows, columns, sharex=True, squeeze=False).flatten().tolist()
    for axes, kpi in zip(panels, kpis, strict=False):
        _draw(axes, f"{kpi.title.en}, {kpi.unit}", kpi.title.vi, {day: of_days[day][kpi.name] for day in of_days})
    _draw(panels[len(kpis)], "Rain, mm/h", "Mưa", rain)
    for axes in panels[len(kpis) + 1 :]:
        axes.set_axis_off()
    handles, labels = panels[0].get_legend_handles_labels()
    drawn.legend(handles, labels, loc="outside upper center", ncols=len(labels), frameon=False)
    return drawn


def _draw(axes: Axes, title: str, below: str, lines: dict[str, Course]) -> None:
    for (colour, dash), (day, course) in zip(STYLES, lines.items(), strict=False):
        hours = [step * STEP_S / 3_600 for step in range(len(course))]
        axes.plot(hours, [float("nan") if value is None else value for value in course], dash, color=colour, label=day)
    axes.set_title(title, fontsize=9, loc="left")
    axes.set_title(below, fontsize=8, loc="right", color="#777777")
    axes.set_xlim(0, 24)
    axes.set_xticks(range(0, 25, 6), [f"{hour}:00" for hour in range(0, 25, 6)])
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)


def rain_of(start: int) -> Course:
    """Rain (mm/h) at the middle of each step of a day."""
    weather = Weather(SEED, catalogue.load().city)
    return [weather.at(start + (step * STEP_S + STEP_S // 2) * NS).rain_mm_h for step in range(DAY_S // STEP_S)]


def save(drawn: Figure, path: Path) -> None:
    """As SVG: text stays text, and the same figure gives the same bytes."""
    path.parent.mkdir(exist_ok=True)
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "cityops", "font.family": "sans-serif"}):
        text = StringIO()
        drawn.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    path.write_text(re.sub(r"[ \t]+$", "", text.getvalue(), flags=re.MULTILINE), encoding="utf-8", newline="\n")


def draw_days() -> None:
    """A figure for each domain."""
    domains = catalogue.load().domains
    starts = {day: nanoseconds(text) for day, text in DAYS.items()}
    rain = {day: rain_of(start) for day, start in starts.items()}
    with ProcessPoolExecutor(2) as pool:
        asked = {
            (domain.name, day): pool.submit(courses, domain.name, start)
            for domain in domains
            for day, start in starts.items()
        }
        for domain in domains:
            of_days = {day: asked[domain.name, day].result() for day in DAYS}
            save(figure(domain, of_days, rain), FOLDER / f"day-{domain.name}.svg")
            sys.stdout.write(f"drew day-{domain.name}.svg\n")


# ----------------------------------------------------------------------------------------------------- terminal

COLUMNS: Final = 112
_SPEEDS: Final = (
    'SELECT sum("count"), sum("speed_wsum") / sum("speed_weight_sum") AS "km/h" FROM "traffic_flow" '
    'WHERE time > now() - 1m AND "zone" =~ /^(ba-dinh|cau-giay|hoan-kiem|tay-ho)$/ GROUP BY "zone"'
)
SESSION: Final = (
    "./cityops doctor",
    "./cityops catalogue --areas 'hoan kiem'",
    f"./cityops query '{_SPEEDS}'",
    "./cityops record so-far.jsonl.gz --from-start --for 0s",
    "./cityops truth so-far.jsonl.gz --compare",
)


def typed(command: str, tree: Tree) -> str:
    """What a command prints on a terminal of `COLUMNS` columns, with its escape sequences."""
    ours, theirs = pty.openpty()
    environment = tree.environment | {"TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "LINES": "50"}
    with subprocess.Popen(
        ["sh", "-c", command], cwd=tree.folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        said = b""
        while process.poll() is None or select.select([ours], [], [], 0.2)[0]:
            if select.select([ours], [], [], 0.2)[0]:
                try:
                    said += os.read(ours, 65_536)
                except OSError:  # the terminal is gone with its last process
                    break
    os.close(ours)
    return said.decode().replace("\r\n", "\n")


def session(said: dict[str, str], title: str) -> str:
    """A session as SVG: each command after its prompt, and what it printed."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True, color_system="truecolor")
    for command, text in said.items():
        console.print(Text("$ ", style="bold green") + Text(command, style="bold"))
        console.print(Text.from_ansi(re.sub(r"\x1b\[[0-9;]*[A-HJKf]", "", text.rstrip())))
        console.print()
    svg = console.export_svg(title=title, unique_id="session")
    # Nothing is fetched from elsewhere: the reader's own monospaced font has all these letters.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return re.sub(r"[ \t]+$", "", svg.replace("Fira Code", "monospace"), flags=re.MULTILINE)


def draw_terminal() -> None:
    """The session with a city that runs."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Tree(Path(folder) / "cityops", own_ports=False)
        try:
            tree.start_city("./cityops up --rate 600")
            told = (tree.folder / "city.log").read_text(encoding="utf-8")
            said = {"./cityops up --rate 600 &": told}
            time.sleep(75)  # so that whole windows of a minute have settled
            said |= {command: typed(command, tree) for command in SESSION}
        finally:
            tree.stop_city()
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "terminal.svg").write_text(session(said, "cityops"), encoding="utf-8", newline="\n")
    sys.stdout.write("drew terminal.svg\n")


def main(chosen: list[str]) -> None:
    """Draw what is named, or all."""
    for name, draw in {"days": draw_days, "terminal": draw_terminal}.items():
        if not chosen or name in chosen:
            draw()


if __name__ == "__main__":
    main(sys.argv[1:])
