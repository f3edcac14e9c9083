"""The parts of a city on one machine, as data: what starts, after what, and what it needs to know."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from producers.share import Share
from runtime.part import SUPERVISED
from runtime.settings import PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from runtime.settings import Settings

MOST_OF_ONE: Final = 8_000.0
"""Events/s up to which one process of simulators says them; above it two share them.

Measured (`docs/explanation/performance.md`): asked for 15,000, one says 12,900 on a quiet core, where its interpreter
is full. The rest is for other work on the machine and for slower ones.
"""

Facts = dict[str, dict[str, Any]]
"""Part → what it announced."""


@dataclass(frozen=True, slots=True)
class Part:
    """One process of the city."""

    name: str
    argv: tuple[str, ...]
    after: tuple[str, ...] = ()
    """Parts that must be ready before it starts."""
    again: tuple[str, ...] = ()
    """Arguments more, whenever it is started again."""
    takes_along: tuple[str, ...] = ()
    """Parts that are started anew with it, in the order they are stopped."""
    health_url: str = ""
    """Answers 200 while it is well; without one, being there is enough."""
    crew: str = ""
    """Parts of one crew do the same work together, and stop at once; without one it is alone."""
    stop_s: float = 2.0
    """How long it may take to end. All together stay below the ten seconds of a whole stop."""
    loss: str = ""
    """What its death costs, for the person who watches."""

    @property
    def stops_as(self) -> str:
        """Its crew, or itself: what `STOP_ORDER` names."""
        return self.crew or self.name


def parts_of(settings: Settings) -> tuple[Part, ...]:
    """The parts that `up` runs, in the order they start."""
    parts: list[Part] = []
    speakers = _speakers(settings)
    if not settings.broker:
        parts.append(
            Part(
                "broker",
                _module("embedded.broker", *(("--begin",) if _store_holds_data(settings) else ())),
                again=() if _store_holds_data(settings) else ("--begin",),
                takes_along=(*(share.part for share in speakers), "worker"),
                stop_s=0.5,
                loss="its log is gone, and with it every window that was open",
            )
        )
    if not settings.store_url:
        parts.append(Part("store", _module("embedded.store"), stop_s=2.0))
    servers = tuple(part.name for part in parts)
    parts.append(
        Part(
            "worker",
            _module("stream_app"),
            after=servers,
            health_url=f"http://127.0.0.1:{settings.metrics_port}/health",
            stop_s=4.5,
        )
    )
    parts.append(Part("alerting", _module("embedded.alerting"), after=("worker",), stop_s=0.5))
    # It keeps nothing and every write is whole: killed anywhere, it goes on from what the store holds.
    parts.append(Part("summary", _module("summary"), after=("worker",), stop_s=0.3))
    for share in speakers:
        asked = ("--share", f"{share.number}/{share.of}")
        parts.append(Part(share.part, _module("producers.live", *asked), after=servers, crew="producers", stop_s=1.2))
    if settings.console_port:
        own_store = tuple(part.name for part in parts if part.name == "store")
        parts.append(
            Part(
                "console", _module("console"), after=own_store, health_url=f"{console_url(settings)}/health", stop_s=0.3
            )
        )
    return tuple(parts)


def _speakers(settings: Settings) -> tuple[Share, ...]:
    """The processes that say the city together; no rate needs none, and one partition has one publisher."""
    if settings.rate == 0:
        return ()
    processes = 1 if settings.rate <= MOST_OF_ONE else min(2, settings.partitions)
    return tuple(Share(number, processes) for number in range(1, processes + 1))


def console_url(settings: Settings) -> str:
    """Where the console is found on this machine."""
    host = settings.console_host
    anywhere = host in {"0.0.0.0", "::"}  # noqa: S104 - such a server is asked on loopback
    return f"http://{'127.0.0.1' if anywhere else host}:{settings.console_port}"


STOP_ORDER = ("console", "alerting", "summary", "producers", "worker", "broker", "store")
"""Who watches stops first, for an orderly end is no alarm; then who speaks, then who counts, so that the worker still
reaches both servers for its last flush."""


def wired(settings: Settings, facts: Facts) -> Settings:
    """The settings of a part: the person's, and the addresses that earlier parts announced."""
    changes: dict[str, object] = {"data_dir": settings.data_dir.absolute()}
    if "broker" in facts:
        changes |= {"broker": facts["broker"]["address"], "broker_embedded": True}
    if "store" in facts:
        changes |= {"store_url": facts["store"]["url"]}
    return settings.but(**changes)


def environment_of(settings: Settings, inherited: Mapping[str, str]) -> dict[str, str]:
    """The environment of a part: these settings and no others, and the sign that somebody watches over it."""
    outer = {name: value for name, value in inherited.items() if not name.upper().startswith(PREFIX)}
    return {**outer, **settings.environment(), SUPERVISED: "1", "PYTHONUNBUFFERED": "1"}


def store_files(data_dir: Path) -> list[Path]:
    """What the embedded store keeps in `data_dir`: its file and the files beside it."""
    return sorted(data_dir.glob("store.duckdb*"))


def _store_holds_data(settings: Settings) -> bool:
    # Nobody can say cheaply what another InfluxDB holds; a begin tick too many costs one window.
    return bool(settings.store_url) or bool(store_files(settings.data_dir))


def _module(name: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", name, *arguments)


def here() -> dict[str, str]:
    """This process's own environment, to hand down."""
    return dict(os.environ)
