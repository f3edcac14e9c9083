"""`./cityops dashboards`: the files that Grafana is provisioned with."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from city.errors import CityopsError, UsageError
from cli import _generated
from cli._generated import Check  # noqa: TC001 — typer reads it when it runs
from cli._options import DataDir  # noqa: TC001 — likewise

if TYPE_CHECKING:
    from dashboards.publishing import Grafana, Step

PATIENCE_S = 15.0

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def dashboards() -> None:
    """Build the Grafana boards, data sources and alert rules out of the packs."""


@app.command()
def build(check: Check = False) -> None:
    """Write every provisioned file, in both languages."""
    from city import catalogue
    from dashboards import provisioned

    made = _generated.Generated(provisioned.FOLDER, provisioned.build(catalogue.load()), provisioned.is_ours)
    _generated.build(made, check=check, command="./cityops dashboards build", source="the packs say")


Address = Annotated[str, typer.Option("--grafana", metavar="URL", help="The Grafana to publish to.")]
TokenFile = Annotated[Path, typer.Option(metavar="FILE", help="File that holds a service account's token.")]
CaFile = Annotated[Path | None, typer.Option(metavar="FILE", help="Certificates to trust, instead of the system's.")]
Patience = Annotated[
    float, typer.Option("--timeout", metavar="S", min=0.1, help="Seconds that a request may go unanswered.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and what differs; write nothing.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite what people have made or changed, too.")]


@app.command()
def check() -> None:
    """Look for faults in the boards: units, words, languages, data sources, names in questions, the grid."""
    from city import catalogue
    from dashboards import board_lint, provisioned

    known = catalogue.load()
    files = provisioned.build(known)
    if found := list(board_lint.faults(files, known)):
        raise CityopsError(f"{len(found)} faults in the boards:" + "".join(f"\n  - {fault}" for fault in found))
    print(f"{sum(path.endswith('.json') for path in files)} boards, no fault")


@app.command()
def publish(
    grafana: Address,
    token_file: TokenFile,
    folder: Annotated[str, typer.Option(metavar="TITLE", help="A folder to put ours below.")] = "",
    store_url: Annotated[
        str | None, typer.Option(metavar="URL", help="InfluxDB as that Grafana reaches it (default: ours).")
    ] = None,
    secrets: Annotated[
        Path | None,
        typer.Option("--secrets", metavar="DIR", help="Secrets of contact points (default: infra/secrets)."),
    ] = None,
    ca_file: CaFile = None,
    timeout: Patience = PATIENCE_S,
    dry_run: DryRun = False,
    force: Force = False,
    data_dir: DataDir = None,
) -> None:
    """Put data sources, boards, rules and contacts into a Grafana that exists already, by its API."""
    from city import catalogue
    from dashboards.publishing import Source, manifest, material, plan
    from dashboards.publishing import publish as carry_out
    from dashboards.publishing.material import ALERTS
    from infra.secret_files import FOLDER
    from runtime.connect import find_store
    from runtime.settings import load

    there = _grafana(grafana, token_file, ca_file, timeout)
    store = find_store(load(data_dir=data_dir))
    source = Source(store_url or store.url, store.token, secrets or FOLDER, os.environ, folder)
    known = manifest.read(there)
    steps = plan(there, material(catalogue.load(), source), known, force=force)
    if dry_run:
        for step in steps:
            _tell(step)
    else:
        carry_out(there, steps, known, ALERTS, _tell)
    counts = {action: sum(step.action == action for step in steps) for action in ("create", "update", "keep", "remove")}
    done = ", ".join(f"{count} to {action}" for action, count in counts.items())
    refused = sum(step.action == "refuse" for step in steps)
    print(
        f"{done}{f', {refused} refused without --force' if refused else ''}{'; nothing was written' if dry_run else ''}"
    )


@app.command()
def unpublish(
    grafana: Address,
    token_file: TokenFile,
    ca_file: CaFile = None,
    timeout: Patience = PATIENCE_S,
    dry_run: DryRun = False,
    force: Force = False,
) -> None:
    """Remove what `publish` made, and nothing else."""
    from dashboards.publishing import manifest
    from dashboards.publishing import unpublish as carry_out

    there = _grafana(grafana, token_file, ca_file, timeout)
    known = manifest.read(there)
    if not known.made:
        print(f"nothing was published to {grafana}")
        return
    carry_out(there, known, _tell, force=force, dry_run=dry_run)


def _grafana(url: str, token_file: Path, ca_file: Path | None, patience_s: float) -> Grafana:
    from dashboards.publishing import Grafana

    try:
        token = token_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise UsageError(f"the token file {token_file}: {reason}") from error
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError(f"the token file {token_file} holds no token, which is one line of ASCII")
    if ca_file is not None and not ca_file.is_file():
        raise UsageError(f"the certificates {ca_file}: no such file")
    there = Grafana(url, token, ca_file, patience_s)
    version = there.greet()
    print(f"Grafana {version} at {there.url}")
    return there


def _tell(step: Step) -> None:
    print(step)
    for line in step.diff():
        print(f"    {line}")
