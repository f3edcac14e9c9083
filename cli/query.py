"""`./cityops query`: a question in InfluxQL, to the store of the running city or to the one set."""

from __future__ import annotations

import csv
import http.client
import json
import sys
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode, urlsplit

import typer

from city.errors import CityopsError, UnreachableError
from cli._options import DataDir  # noqa: TC001 — typer reads the annotation when it runs
from runtime.connect import find_store
from runtime.settings import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runtime.connect import Store

PATIENCE_S = 60.0


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


def ask(store: Store, db: str, influxql: str) -> list[dict[str, Any]]:
    """The store's answer: one result a statement, as InfluxDB's JSON has it.

    Raises:
        UnreachableError: the store does not answer, or refuses the token.
        CityopsError: it refuses the question.
    """
    where = urlsplit(store.url)
    kind = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
    connection = kind(where.hostname or "", where.port, timeout=PATIENCE_S)
    headers = {
        "Authorization": f"Token {store.token}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
    }
    try:
        connection.request("POST", "/query", urlencode({"db": db, "q": influxql}), headers)
        response = connection.getresponse()
        return _results(store, response.status, response.read())
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise UnreachableError(f"no answer from the store at {store.url}: {reason}") from error
    finally:
        connection.close()


def _results(store: Store, status: int, body: bytes) -> list[dict[str, Any]]:
    if status in {401, 403}:
        raise UnreachableError(f"the store at {store.url} refuses our token ({status}): see store_token_file")
    try:
        answer = json.loads(body)
        fault = answer.get("error") or answer.get("message")
        results: list[dict[str, Any]] = answer.get("results", [])
        faults = [fault, *(result.get("error") for result in results)]
    except (ValueError, AttributeError, TypeError) as error:
        raise CityopsError(f"{store.url} answers {status}, and not as InfluxDB does") from error
    if any(faults):
        raise CityopsError(f"the store: {' '.join(next(filter(None, faults)).split())}")
    if status != 200:
        raise CityopsError(f"the store at {store.url} answers {status}")
    return results


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
