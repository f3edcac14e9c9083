"""`./cityops alerts`: the rules' tests and their lint."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 — typer reads the annotation when it runs
from typing import TYPE_CHECKING, Annotated

import typer

from city.errors import CityopsError, DataError

if TYPE_CHECKING:
    from city.deviation_trial import Trial
    from city.domain import RuleBook

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

RULES = "alerting/rules.yaml"

Domains = Annotated[list[str] | None, typer.Argument(metavar="DOMAIN", help="Only these; all when none is named.")]


@app.callback()
def alerts() -> None:
    """Test and check the alert rules of the packs."""


@app.command("test")
def run_tests(
    domains: Domains = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say what passed, too.")] = False,
) -> None:
    """Run every pack's alerts_test.yaml: values over time, then what fires, when, with which labels."""
    from dashboards.rule_tests import cases, run

    results = [run(case, book) for book in _books(domains) for case in cases(book)]
    failed = [result for result in results if not result.passed]
    for result in results if verbose else failed:
        print(result)
    if failed:
        raise CityopsError(f"{len(failed)} of {len(results)} rule tests failed")
    print(f"{len(results)} rule tests passed")


@app.command()
def check(domains: Domains = None) -> None:
    """Lint the rules: texts, thresholds, times, tests, runbooks; and the compiled file against Grafana's format."""
    from city import catalogue, rules
    from city.rules import routing_file
    from dashboards import provisioned
    from dashboards.rule_lint import broken_links, lint

    found = _books(domains)
    faults = [fault for book in found for fault in lint(book)]
    files = provisioned.build(catalogue.load())
    notifying = [text for path, text in files.items() if path.startswith("alerting/") and path != RULES]
    try:
        rules.decode(files[RULES])
        routing_file.decode(*notifying)
        faults += broken_links(files)
    except DataError as error:
        faults.append(f"the compiled files: {error}")
    if faults:
        raise CityopsError("the alert rules have faults:\n" + "\n".join(f"  - {fault}" for fault in faults))
    print(f"{sum(len(book.rules) for book in found)} alert rules without fault")


def _books(names: list[str] | None) -> tuple[RuleBook, ...]:
    """The books of rules of these domains; of all, and the stream's, where none is named."""
    from city import catalogue
    from dashboards.alerting import books

    packs = catalogue.load()
    chosen = [packs.domain(name).name for name in names or ()]
    return tuple(book for book in books(packs.domains) if not chosen or book.name in chosen)


@app.command()
def deviation(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="CSV: timestamp,value; named as its label.")],
    labels: Annotated[
        Path | None, typer.Option(metavar="JSON", help="What people labelled: name → [[from, until], …].")
    ] = None,
) -> None:
    """Measure how well "unusual" finds what people have labelled: precision, recall, delay, false alarms a week."""
    from city.deviation_trial import Trial, trial
    from cli._courses import course, labelled

    windows = labelled(labels) if labels else {}
    whole = Trial()
    print(f"{'course':<24} {'alarms':>6} {'right':>6} {'found':>6} {'false a week':>13} {'delay (h)':>10}")
    for path in files:
        found = trial(course(path), next((w for name, w in windows.items() if path.stem.endswith(name)), []))
        whole += found
        print(_measured(path.stem, found))
    print(_measured("all", whole))
    print(f"precision {whole.precision:.2f}, recall {whole.recall:.2f}, false alarms a week {whole.false_a_week:.2f}")


def _measured(name: str, of: Trial) -> str:
    delay = f"{sorted(of.delays_s)[len(of.delays_s) // 2] / 3600:.1f}" if of.delays_s else "-"
    found = f"{of.found}/{of.windows}"
    return f"{name:<24} {of.right + of.false:>6} {of.right:>6} {found:>6} {of.false_a_week:>13.2f} {delay:>10}"
