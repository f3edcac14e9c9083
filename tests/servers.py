"""Real servers for tests that need one: skipped with the reason where there is none, failed with CITYOPS_LIVE=1."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NoReturn

import pytest

from city.errors import CityopsError
from infra.native.cache import default_cache, installed

if TYPE_CHECKING:
    from infra.native.server import Server


def cannot(why: str) -> NoReturn:
    """End a test that lacks something of its machine: skipped, or failed where all must be there."""
    if os.environ.get("CITYOPS_LIVE") == "1":
        pytest.fail(why)
    pytest.skip(why)


def needs(server: type[Server]) -> None:
    """End the test where this server is not installed."""
    try:
        installed(server.recipe, default_cache())
    except CityopsError as error:
        cannot(str(error))
