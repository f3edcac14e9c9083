"""The name of the file in what is said about it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from city.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def faults_of(file: Path) -> Iterator[None]:
    """Put the file's name before what is wrong with its lines, where it does not stand there yet.

    Raises:
        DataError: the block raised one.
    """
    try:
        yield
    except DataError as error:
        if str(error).startswith(f"{file}:"):
            raise
        raise DataError(f"{file}: {error}") from error
