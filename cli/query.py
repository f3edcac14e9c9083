"""`./cityops query`: a question in InfluxQL, to the store of the running city or to the one set."""

from __future__ import annotations

import csv
import json
import sys
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli._options import DataDir  # noqa: TC001 — typer reads the annotation when it runs
from runtime.ask import ask
from runtime.connect import find_store
from runtime.settings import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Format(StrEnum):
    """How the answer is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def query(
    influxql: Annotated[str, typer.Argument(metavar="INFLUXQL", help="The question.")],
    db: Annotated[str, typer.Option(help="Bucket: city (settled), city_live (open too), city_rollup.")] = "city_live",
    form: Annotated[Format, typer.Option("--format", help="How the answer is written.")] = Format.TABLE,
    data_dir: DataDir = None,
) -> None:
    """Ask the store a question in InfluxQL."""
    settings = load(data_dir=data_dir)
    results = ask(find_store(settings), db, influxql)
    series = [one for result in results for one in result.get("series", ())]
    match form:
        case Format.JSON:
            json.dump({"results": results}, sys.stdout, indent=2, ensure_ascii=False)
            print()
        case Format.CSV:
            _write_csv(series)
        case Format.TABLE:
            _write_tables(series)


def _rows(one: dict[str, Any]) -> Iterator[list[str]]:
    tags = [str(value) for value in one.get("tags", {}).values()]
    for values in one.get("values", ()):
        yield [one.get("name", ""), *tags, *map(_text, values)]


def _header(one: dict[str, Any]) -> list[str]:
    return ["name", *one.get("tags", {}), *one["columns"]]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def _blocks(series: Iterable[dict[str, Any]]) -> Iterator[tuple[list[str], list[list[str]]]]:
    """Header and rows; series side by side with the same columns make one block."""
    for header, group in groupby(series, key=_header):
        yield header, [row for one in group for row in _rows(one)]


def _write_csv(series: list[dict[str, Any]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    for number, (header, rows) in enumerate(_blocks(series)):
        if number:
            print()
        writer.writerow(header)
        writer.writerows(rows)


def _write_tables(series: list[dict[str, Any]]) -> None:
    if not series:
        print("no points", file=sys.stderr)
    for number, (header, rows) in enumerate(_blocks(series)):
        if number:
            print()
        widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
        for row in (header, ["-" * width for width in widths], *rows):
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
