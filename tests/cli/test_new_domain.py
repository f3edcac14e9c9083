"""A new domain is a folder that runs at once, and that a careful developer could have written."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import ROOT, fails
from tests.docs.tree import copy_of_the_project

if TYPE_CHECKING:
    from pathlib import Path

LONGEST = "a_name_of_20_letters"
NAMES = ("air", "parking", LONGEST)
TITLE = "Một tên dài đúng bằng bốn mươi ký tự ạ!!"
assert len(TITLE) == 40


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with three new domains."""
    folder = copy_of_the_project(tmp_path_factory.mktemp("project"))
    for name in NAMES:
        made = run(folder, "new-domain", name, "--vi", TITLE, "--en", TITLE)
        assert made.returncode == 0, made.stderr
        assert f"city/domains/{name}/pack.py" in made.stdout
    return folder


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return python(folder, "-m", "cli.main", *arguments)


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PYTHONUTF8": "1", "PYTHONSAFEPATH": "1", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_it_is_found_and_has_no_fault(project: Path) -> None:
    checked = run(project, "catalogue", "--check")
    assert (checked.returncode, checked.stderr) == (0, "")
    shown = run(project, "catalogue", "parking").stdout
    assert "topic city.parking" in shown
    assert "parking_observations\t" in shown


def test_its_rules_are_tested_and_without_fault(project: Path) -> None:
    assert run(project, "alerts", "test", *NAMES).returncode == 0
    assert run(project, "alerts", "check", *NAMES).returncode == 0


def test_it_speaks_with_and_without_its_scenario(project: Path) -> None:
    plain = run(project, "simulate", "air", "--from", "2026-06-10T12:00:00+07:00", "--for", "60s", "--rate", "20")
    high = run(
        project, "simulate", "air", "--from", "2026-06-10T12:00:00+07:00", "--for", "60s", "--rate", "20",
        "--scenario", "air-high",
    )  # fmt: skip
    levels = [[json.loads(line)["data"]["level"] for line in said.stdout.splitlines()] for said in (plain, high)]
    assert all(1_000 < len(one) < 1_300 for one in levels)
    assert min(levels[1]) > max(levels[0])


def test_what_it_says_joins_exactly(project: Path) -> None:
    script = (
        "from city.domains.air.simulator import simulate\n"
        "start, s = 1780000000_123456789, 10**9\n"
        "for rate in (0.3, 7, 333):\n"
        "    whole = list(simulate(1, start, start + 60 * s, events_per_s=rate))\n"
        "    cuts = (start, start + 17 * s + 987654, start + 60 * s)\n"
        "    parts = [e for a, b in zip(cuts, cuts[1:]) for e in simulate(1, a, b, events_per_s=rate)]\n"
        "    assert whole == parts and 0.8 * rate * 60 - 2 < len(whole) < 1.1 * rate * 60 + 2, (rate, len(whole))\n"
    )
    done = python(project, "-c", script)
    assert done.returncode == 0, done.stderr


def test_its_points_equal_the_truth_of_what_it_said(project: Path) -> None:
    run(project, "simulate", "air", "--for", "2m", "-o", "air.jsonl")
    true = run(project, "truth", "air.jsonl")
    assert true.returncode == 0, true.stderr
    assert " air_observations,area=" in true.stdout
    checked = run(project, "check", "air.jsonl").stdout.splitlines()[-1]
    wrong = dict(part.split("=") for part in checked.split())
    assert set(wrong) <= {"lines", "events", "ticks", "wrong", "clock-ahead"}, "but for the clocks it plays"


def test_it_tells_what_is_wrong_with_what_it_said(project: Path) -> None:
    script = (
        "from city.catalogue import load\n"
        "from city.domains.air.simulator import injected, simulate\n"
        "from city.event import encode\n"
        "from city.lines import Line\n"
        "from stream_app.truth import compute\n"
        "span = dict(seed=3, start_ns=1780000000 * 10**9, end_ns=1780003600 * 10**9, events_per_s=5)\n"
        "packs = load()\n"
        "true = compute((Line(encode(event)) for event in simulate(**span)), packs.domain('air'), packs.city)\n"
        "told = injected(**span)\n"
        "assert told['late'] and +told == +true.counts, (told, true.counts)\n"
    )
    done = python(project, "-c", script)
    assert done.returncode == 0, done.stderr


def test_it_has_a_board_and_pages(project: Path) -> None:
    assert "boards/vi/air.json" in run(project, "dashboards", "build").stdout
    assert "domains/air.md" in run(project, "docs", "build").stdout


def test_the_projects_tests_of_samples_hold_for_it_as_it_stands(project: Path) -> None:
    tested = python(project, "-m", "pytest", "-p", "no:cacheprovider", "-n0", "-v", "tests/samples")
    assert tested.returncode == 0, tested.stdout
    for name in NAMES:
        assert f"test_every_line_of_a_good_sample_is_usable_and_in_the_order_it_was_heard[{name}-" in tested.stdout


def test_what_was_made_passes_the_projects_own_lint_and_types(project: Path) -> None:
    folders = [f"city/domains/{name}" for name in NAMES]
    for arguments in (("ruff", "check"), ("ruff", "format", "--check")):
        linted = python(project, "-m", *arguments, "--no-cache", *folders)
        assert linted.returncode == 0, linted.stdout
    typed = python(
        project, "-m", "mypy", "--cache-dir", "/dev/null", *(f for n in NAMES for f in ("-p", f"city.domains.{n}"))
    )
    assert typed.returncode == 0, typed.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("Parking",), ["'Parking' can be no domain's name", "lower-case"]),
        (("1st",), ["can be no domain's name"]),
        (("a__b",), ["can be no domain's name"]),
        (("../evil",), ["can be no domain's name"]),
        (("a" * 21,), ["can be no domain's name"]),
        (("class",), ["a meaning of its own"]),
        (("sources",), ["a meaning of its own"]),
        (("traffic",), ["the domain 'traffic' exists"]),
        (("metro", "--en", 'a "quote"'), ["is no title"]),
        (("metro", "--vi", " "), ["is no title"]),
        ((), ["Missing argument"]),
    ],
)
def test_a_name_that_cannot_be_is_refused_and_nothing_is_written(
    arguments: tuple[str, ...], words: list[str], project: Path
) -> None:
    before = sorted(path.name for path in (project / "city" / "domains").iterdir())
    fails(run(project, "new-domain", *arguments), 2, *words)
    assert sorted(path.name for path in (project / "city" / "domains").iterdir()) == before


def test_a_domain_that_would_not_hold_leaves_nothing_behind(project: Path) -> None:
    template = project / "cli" / "_new_domain" / "templates" / "pack.py.tmpl"
    good = template.read_text(encoding="utf-8")
    template.write_text(good.replace("window_s=10", "window_s=999"), encoding="utf-8")
    try:
        made = run(project, "new-domain", "metro")
    finally:
        template.write_text(good, encoding="utf-8")
    assert made.returncode == 1
    assert "a window lasts 1 to 300 s, not 999" in made.stderr
    assert not (project / "city" / "domains" / "metro").exists()


def test_the_copy_is_of_this_project(project: Path) -> None:
    assert (project / "pyproject.toml").read_bytes() == (ROOT / "pyproject.toml").read_bytes()
