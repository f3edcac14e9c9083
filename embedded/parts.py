"""The parts of a city on one machine, as data: what starts, after what, and what it needs to know."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runtime.part import SUPERVISED
from runtime.settings import PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from runtime.settings import Settings

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
    stop_s: float = 2.0
    """How long it may take to end. All together stay below the ten seconds of a whole stop."""
    loss: str = ""
    """What its death costs, for the person who watches."""


def parts_of(settings: Settings) -> tuple[Part, ...]:
    """The parts that `up` runs, in the order they start."""
    parts: list[Part] = []
    if not settings.broker:
        parts.append(
            Part(
                "broker",
                _module("embedded.broker", *(("--begin",) if _store_holds_data(settings) else ())),
                again=() if _store_holds_data(settings) else ("--begin",),
                takes_along=("producers", "worker"),
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
    if settings.rate > 0:
        parts.append(Part("producers", _module("producers.live"), after=servers, stop_s=1.2))
    if settings.console_port:
        own_store = tuple(part.name for part in parts if part.name == "store")
        parts.append(
            Part(
                "console", _module("console"), after=own_store, health_url=f"{console_url(settings)}/health", stop_s=0.3
            )
        )
    return tuple(parts)


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
