"""`./cityops alerts`: the rules' tests and their lint."""

from __future__ import annotations

from typing import Annotated

import typer

from city.errors import CityopsError, DataError

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

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
    from city import catalogue
    from dashboards.rule_tests import cases, run

    packs = catalogue.load()
    results = [run(case, packs.domain(name)) for name in domains or packs.by_name for case in cases(packs.domain(name))]
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
    from dashboards import provisioned
    from dashboards.rule_lint import lint

    packs = catalogue.load()
    names = domains or list(packs.by_name)
    faults = [fault for name in names for fault in lint(packs.domain(name))]
    try:
        rules.decode(provisioned.build(packs)["alerting/rules.yaml"])
    except DataError as error:
        faults.append(f"the compiled file: {error}")
    if faults:
        raise CityopsError("the alert rules have faults:\n" + "\n".join(f"  - {fault}" for fault in faults))
    count = sum(len(packs.domain(name).rules) for name in names)
    print(f"{count} alert rule{'' if count == 1 else 's'} without fault")
