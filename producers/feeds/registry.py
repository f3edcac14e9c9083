"""Finds the feeds: every module beside this one that has a `FEED`."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from producers.feeds.model import Feed


def find() -> dict[str, Feed]:
    """Name → feed, sorted by name."""
    names = sorted(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    modules = [importlib.import_module(f"producers.feeds.{name}") for name in names if name != "registry"]
    feeds: list[Feed] = [module.FEED for module in modules if hasattr(module, "FEED")]
    return {feed.name: feed for feed in sorted(feeds, key=lambda feed: feed.name)}
