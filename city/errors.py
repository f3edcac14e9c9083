"""The error tree: everything a person can cause or should be told in one line.

CityopsError            it failed: exit 1
├── UsageError          it was asked for wrongly: exit 2
├── ConfigurationError  what a setting names is not there, or cannot be used: parts end with 78, as for a wrong setting
├── CatalogueError      a pack is wrong; carries every fault found
├── UnreachableError    a server does not answer, or refuses us
└── DataError           a file or a record is not what it should be
"""

from __future__ import annotations


class CityopsError(Exception):
    """Something failed; the message says what, where, and what to do."""

    exit_code = 1


class UsageError(CityopsError):
    """The command was asked for wrongly."""

    exit_code = 2


class ConfigurationError(CityopsError):
    """What a setting names is not there, or cannot be used: only a person can help."""


class CatalogueError(CityopsError):
    """One or more packs are wrong. `faults` lists all of them, a line each."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("the catalogue has faults:\n" + "\n".join(f"  - {fault}" for fault in faults))


class UnreachableError(CityopsError):
    """A server does not answer, or refuses what we are."""


class DataError(CityopsError):
    """A file or a record is not what it should be."""
