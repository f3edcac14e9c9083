"""`./cityops new-domain NAME`: a folder that runs at once."""

from __future__ import annotations

from typing import Annotated

import typer


def new_domain(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Lower-case, words joined by _: parking, air_quality.")],
    vi: Annotated[str | None, typer.Option(metavar="TITLE", help="What operators call it, in Vietnamese.")] = None,
    en: Annotated[str | None, typer.Option(metavar="TITLE", help="The same in English (default: the name).")] = None,
) -> None:
    """Make city/domains/NAME: events, series, KPIs, a tested rule, runbooks, samples and a simulator, ready to run.

    Everything else follows from that folder: topic, store, boards, rules and pages. Change what is in it to what your
    sources say; the tutorial docs/tutorials/your-first-domain.md goes along.
    """
    from city.domain import Text
    from cli._new_domain import make

    english = en or name.replace("_", " ").capitalize()
    for path in make(name, Text(vi or english, english)):
        print(path)
    print(f"""
The domain runs: change what is in the folder, and look again.
  ./cityops catalogue {name} --check
  ./cityops alerts test {name}
  ./cityops simulate {name} --for 10s
  ./cityops up
Before a commit, what follows from it: ./cityops dashboards build && ./cityops docs build""")
