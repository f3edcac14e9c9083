"""Where a FROM says that a measurement is: its bucket and retention policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from embedded.store.errors import StatementError

if TYPE_CHECKING:
    from embedded.store.catalogue import Bucket, Catalogue
    from embedded.store.influxql import syntax as ast

AUTOGEN = "autogen"
"""The one retention policy that each bucket has."""


def bucket_of(source: ast.Measurement, catalogue: Catalogue, database: str) -> Bucket:
    """The bucket that a source names, or that of the request.

    Raises:
        StatementError: none is named, or there is none of that name, or no such policy.
    """
    bucket = named(catalogue, source.database or database)
    if source.retention not in {"", AUTOGEN}:
        raise StatementError(f"retention policy not found: {source.retention}")
    return bucket


def named(catalogue: Catalogue, name: str) -> Bucket:
    """The bucket of a name.

    Raises:
        StatementError: there is no name, or none of it.
    """
    if not name:
        raise StatementError("database name required")
    bucket = catalogue.buckets.get(name)
    if bucket is None:
        raise StatementError(f"database not found: {name}")
    return bucket
