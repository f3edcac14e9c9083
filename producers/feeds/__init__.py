"""Real data in: each feed turns an outside data set into events. One file per feed, found by `registry`."""

from producers.feeds.model import Dirt, Dirty, Feed, InFile, Options
from producers.feeds.registry import find

__all__ = ["Dirt", "Dirty", "Feed", "InFile", "Options", "find"]
