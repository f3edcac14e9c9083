"""`./cityops alerts`: the rules' tests and their lint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from city.errors import CityopsError, DataError

if TYPE_CHECKING:
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
    from dashboards.rule_lint import lint

    found = _books(domains)
    faults = [fault for book in found for fault in lint(book)]
    files = provisioned.build(catalogue.load())
    notifying = [text for path, text in files.items() if path.startswith("alerting/") and path != RULES]
    try:
        rules.decode(files[RULES])
        routing_file.decode(*notifying)
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
