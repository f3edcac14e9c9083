"""Options that several commands share, and how their texts are read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from city.errors import UsageError

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", metavar="DIR", help="Folder of the city (default: .cityops).")
]

_UNITS_S = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def seconds(text: str) -> float:
    """A duration as people write it, `90s`, `5m`, `1.5h`, in seconds.

    Raises:
        UsageError: it is none.
    """
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h|d|)", text.strip(), re.ASCII)
    if found is None:
        raise UsageError(f"{text!r} is no duration; write for example 90s, 5m or 2h")
    return float(found[1]) * _UNITS_S[found[2]]
