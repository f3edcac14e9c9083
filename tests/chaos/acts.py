"""What one can do to a city. An act takes the stage and one number, which each explains."""

from __future__ import annotations

import signal
import threading
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import psutil
from kafka import KafkaAdminClient
from kafka.admin import MemberToRemove

from tests.chaos.scripts import bucket_of
from tests.whole.proxy import cut, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.server import BaseHTTPRequestHandler

    from tests.chaos.stage import Stage

_SOON_S = 120.0
_LONG_S = 120.0
_MB = 1 << 20
_MORE_MB = 24
_MORE_FILES = 8


@dataclass(frozen=True, slots=True)
class Act:
    """One step of a schedule: so many seconds after the step before it is done, do this with that."""

    after_s: float
    do: Callable[[Stage, int], None]
    to: int = 0

    def __str__(self) -> str:
        """For people: `3.2 kill 0`."""
        return f"{self.after_s:.1f} {self.do.__name__} {self.to}"


# ------------------------------------------------------------------------------------------------------- workers


def start(stage: Stage, who: int) -> None:
    """Start a worker."""
    stage.start(who)


def start_and_wait(stage: Stage, who: int) -> None:
    """Start a worker and wait until it has partitions."""
    stage.start(who)
    stage.ready(who)


def stop(stage: Stage, who: int) -> None:
    """SIGTERM to a worker."""
    stage.stop(who)


def kill(stage: Stage, who: int) -> None:
    """SIGKILL to a worker, and another in its place."""
    stage.kill(who)
    stage.start(who)


def kill_before_commit(stage: Stage, who: int) -> None:
    """SIGKILL to a worker when the store has taken its settled points and it does not know yet; another instead."""
    taken, done = threading.Lock(), threading.Event()

    def script(request: BaseHTTPRequestHandler, body: bytes) -> bool:
        if bucket_of(request) != "city" or not taken.acquire(blocking=False):
            return False
        stage.proxy.forward(request, body)
        stage.signal(who, signal.SIGKILL)
        done.set()
        return cut(request)

    stage.proxy.do(script)
    wait_until(done.is_set, _SOON_S, f"worker {who} writes settled points")
    stage.proxy.do(None)
    kill(stage, who)


def kill_for_good(stage: Stage, who: int) -> None:
    """SIGKILL to a worker."""
    stage.kill(who)


def freeze(stage: Stage, who: int) -> None:
    """SIGSTOP to a worker."""
    stage.before = {other: stage.assignments(other) for other in stage.others(who)}
    stage.signal(who, signal.SIGSTOP)


def freeze_in_a_write(stage: Stage, who: int) -> None:
    """SIGSTOP to a worker while the store has its request; it is let through when the worker is thawed."""
    taken, frozen, thawed = threading.Lock(), threading.Event(), threading.Event()

    def script(request: BaseHTTPRequestHandler, _: bytes) -> bool:
        if stage.sender(request) == who and taken.acquire(blocking=False):
            freeze(stage, who)
            frozen.set()
            thawed.wait(_LONG_S)
        return False

    stage.proxy.do(script)
    wait_until(frozen.is_set, _SOON_S, f"worker {who} writes")
    stage.proxy.do(None)
    stage.thawing.append(thawed)


def thaw(stage: Stage, who: int) -> None:
    """SIGCONT to a frozen worker, once another one owns its partitions."""
    wait_until(
        lambda: any(stage.assignments(other) > count for other, count in stage.before.items()),
        _SOON_S,
        f"another worker takes what worker {who} had",
    )
    stage.signal(who, signal.SIGCONT)
    while stage.thawing:
        stage.thawing.pop().set()


def evict(stage: Stage, _: int) -> None:
    """Some member is put out of the group: everybody joins again."""
    admin = KafkaAdminClient(bootstrap_servers=stage.ground.broker)
    try:
        members = admin.describe_groups([stage.group])[stage.group]["members"]
        if members:
            admin.remove_group_members(stage.group, [MemberToRemove(stage.dice.choice(members)["member_id"])])
    finally:
        admin.close()


def watch(stage: Stage, seconds: int) -> None:
    """Look at the memory and the open files of every worker: when it runs smoothly they no longer grow."""
    begun, settled = seconds // 3, seconds // 3 * 2
    said, since = len(stage.voice.said), time.monotonic()
    seen: dict[int, list[tuple[int, int]]] = {who: [] for who in stage.workers}
    for _ in range(seconds):
        stage.pause(1)
        for who, figures in seen.items():
            process = psutil.Process(stage.workers[who].process.pid)
            figures.append((process.memory_info().rss // _MB, process.num_fds()))
    stage.notes.append(f"{(len(stage.voice.said) - said) / (time.monotonic() - since):.0f} events/s")
    for who, figures in seen.items():
        before, after = figures[begun:settled], figures[settled:]
        for name, most, at in (("MB", _MORE_MB, 0), ("open files", _MORE_FILES, 1)):
            low, high = (median(one[at] for one in part) for part in (before, after))
            stage.notes.append(f"worker {who}: {low:g} then {high:g} {name}")
            if high - low > most:
                stage.faults.append(f"worker {who} holds {high:g} {name} after {low:g}, and more than {most} more")


def wait(stage: Stage, seconds: int) -> None:
    """Time passes."""
    stage.pause(seconds)
