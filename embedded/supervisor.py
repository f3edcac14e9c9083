"""The supervisor: starts the parts of a city in order, watches over them, and leaves nothing behind.

One thread, one loop, no framework: every tenth of a second each part takes at most one step between its states.

    waiting ─► starting ─► ready ─┐
       ▲          │               │ dies, or does not answer
       └─────── resting ◄─────────┘ (exponential back-off)
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING, Any

import psutil

from city.errors import CityopsError
from embedded.child import Child
from embedded.health import answers
from embedded.parts import STOP_ORDER, Facts, Part, environment_of, wired
from embedded.post import Post, State, Status, rest_s
from embedded.premises import refuse_full_disk
from runtime.part import CITY_FILE, EX_CONFIG, read_json, run_file, write_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from runtime.settings import Settings

STEP_S = 0.1
START_LIMIT_S = 60.0
SILENCE_LIMIT_S = 30.0
HEALTH_EVERY_S = 2.0
WELL_AFTER_S = 60.0
STOP_LIMIT_S = 9.5
HOPELESS_AFTER = 3


class Supervisor:
    """Runs the parts that `plan` names until asked to stop.

    `report` hears every change. `empty` clears what the city has kept, between the stop and the start of a
    reset. All three are called in the thread of `run`.
    """

    def __init__(
        self,
        settings: Settings,
        plan: Callable[[], Iterable[Part]],
        environment: Mapping[str, str],
        report: Callable[[tuple[Status, ...]], None],
        empty: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._plan = plan
        self._environment = environment
        self._report = report
        self._empty = empty
        self._posts = [Post(part) for part in plan()]
        self._told: tuple[Status, ...] = ()
        self._written: dict[str, Any] = {}
        self._stop_asked = 0
        self._reset_asked = False
        self._resets = 0
        self._reset_error = ""
        self._log_checked = 0.0

    # ------------------------------------------------------------------------------ asked by signal handlers

    def ask_stop(self) -> None:
        """End the run; asked a second time, kill what still stops."""
        self._stop_asked += 1

    def ask_reset(self) -> None:
        """Stop all, empty the city, start again."""
        self._reset_asked = True

    # ---------------------------------------------------------------------------------------------- the loop

    def run(self, seconds: float | None = None) -> None:
        """Run until asked to stop, or for `seconds` after all parts were first ready.

        Raises:
            CityopsError: a part cannot run; its last log line says why. All parts are stopped by then.
        """
        end: float | None = None
        try:
            while not self._stop_asked and (end is None or time.monotonic() < end):
                if self._reset_asked:
                    self._reset()
                    continue
                for post in self._posts:
                    self._step(post)
                self._keep_logs_small()
                self._tell()
                if end is None and seconds is not None and self.ready:
                    end = time.monotonic() + seconds
                time.sleep(STEP_S)
        finally:
            self._stop()
            (self._settings.data_dir / CITY_FILE).unlink(missing_ok=True)

    @property
    def ready(self) -> bool:
        """Whether every part is ready."""
        return all(post.state is State.READY for post in self._posts)

    def _step(self, post: Post) -> None:
        now = time.monotonic()
        if post.child is not None:
            code = post.child.exit_code()
            if code is not None:
                self._died(post, _ending(code), hopeless=code == EX_CONFIG)
            elif post.state is State.STARTING:
                self._await_ready(post, now)
            else:
                self._watch(post, now)
        elif now >= post.due and all(self._is_ready(name) for name in post.part.after):
            self._start(post, now)

    def _start(self, post: Post, now: float) -> None:
        part = post.part
        data_dir = self._settings.data_dir
        run_file(data_dir, part.name).unlink(missing_ok=True)
        facts: Facts = {other.part.name: other.facts for other in self._posts if other.state is State.READY}
        argv = (*part.argv, *(part.again if post.starts else ()))
        environment = environment_of(wired(self._settings, facts), self._environment)
        try:
            post.child = Child(argv, environment, data_dir / "logs" / f"{part.name}.log")
        except OSError as error:  # a full disk, no more processes: it may pass
            self._rest(post, f"cannot start: {error.strerror}")
            return
        post.starts += 1
        post.state, post.detail, post.since = State.STARTING, f"pid {post.child.pid}", now

    def _await_ready(self, post: Post, now: float) -> None:
        assert post.child is not None
        said = read_json(run_file(self._settings.data_dir, post.part.name))
        if said is not None and said.get("pid") == post.child.pid and answers(post.part.health_url):
            post.facts = said
            post.state, post.since, post.answered, post.was_ready = State.READY, now, now, True
            shown = [str(value) for name, value in said.items() if name in {"address", "url"}]
            post.detail = ", ".join([*shown, f"pid {post.child.pid}"])
        elif now > post.since + START_LIMIT_S:
            self._died(post, f"was not ready within {START_LIMIT_S:.0f} s")

    def _watch(self, post: Post, now: float) -> None:
        if post.failures and now > post.since + WELL_AFTER_S:
            post.failures = 0
        if not post.part.health_url or now < post.asked + HEALTH_EVERY_S:
            return
        post.asked = now
        if answers(post.part.health_url):
            post.answered = now
        elif now > post.answered + SILENCE_LIMIT_S:
            self._died(post, f"did not answer for {SILENCE_LIMIT_S:.0f} s")

    def _died(self, post: Post, how: str, *, hopeless: bool = False) -> None:
        assert post.child is not None
        last_line = post.child.last_line()
        self._release(post)
        post.detail = how
        if hopeless or (not post.was_ready and post.failures + 1 >= HOPELESS_AFTER):
            log = self._settings.data_dir / "logs" / f"{post.part.name}.log"
            refuse_full_disk(self._settings.data_dir)  # it says more than the log, which may be cut by it
            reason = last_line.removeprefix("cityops: ") or how
            raise CityopsError(f"{post.part.name} cannot run: {reason} (log: {log})")
        loss = f"; {post.part.loss}" if post.part.loss and post.was_ready else ""
        self._rest(post, how + loss)
        self._tell()
        along = [other for name in post.part.takes_along for other in self._posts if other.part.name == name]
        self._end(along, time.monotonic() + STOP_LIMIT_S)
        for other in along:
            other.state, other.detail, other.due = State.WAITING, f"waits for {post.part.name}", 0.0

    def _rest(self, post: Post, why: str) -> None:
        post.failures += 1
        rest = rest_s(post.failures)
        post.state, post.due, post.detail = State.RESTING, time.monotonic() + rest, f"{why}; again in {rest:g} s"

    # ------------------------------------------------------------------------------------- stopping and reset

    def _stop(self) -> None:
        last = {name: at for at, name in enumerate(STOP_ORDER)}
        ordered = sorted(self._posts, key=lambda post: last.get(post.part.stops_as, -1))
        self._end(ordered, time.monotonic() + STOP_LIMIT_S)
        self._tell()

    def _end(self, posts: Iterable[Post], deadline: float) -> None:
        """End the posts one after the other, a crew at once, each within its time, all before `deadline`."""
        asked = self._stop_asked
        for _, crew in groupby(posts, key=lambda post: post.part.stops_as):
            ending = list(crew)
            children = [post.child for post in ending if post.child is not None]
            for child in children:
                child.ask_to_end()
            limit = min(deadline, time.monotonic() + max(post.part.stop_s for post in ending))
            while (
                any(child.exit_code() is None for child in children)
                and time.monotonic() < limit
                and self._stop_asked <= max(1, asked)
            ):
                time.sleep(0.02)
            for post in ending:
                if post.child is not None:
                    self._release(post)
                    post.detail = ""
                post.state = State.STOPPED

    def _release(self, post: Post) -> None:
        if post.child is not None:
            post.child.kill()
        post.child = None
        post.facts = {}
        run_file(self._settings.data_dir, post.part.name).unlink(missing_ok=True)

    def _reset(self) -> None:
        self._reset_asked = False
        self._stop()
        self._reset_error = ""
        try:
            self._empty()
        except CityopsError as error:
            self._reset_error = str(error)
        self._resets += 1
        self._posts = [Post(part) for part in self._plan()]

    # ------------------------------------------------------------------------------------------------ telling

    def _tell(self) -> None:
        statuses = tuple(
            Status(post.part.name, post.state, post.detail, max(0, post.starts - 1)) for post in self._posts
        )
        if statuses != self._told:
            self._told = statuses
            with suppress(OSError):  # the terminal may be gone; the city is not
                self._report(statuses)
        city = self._city()
        if city != self._written:
            try:
                write_json(self._settings.data_dir / CITY_FILE, city)
                self._written = city
            except OSError:  # a full disk: tried again at the next step, but a city must be found to begin with
                if not self._written:
                    raise

    def _city(self) -> dict[str, Any]:
        """The text of `city.json`: how other commands find this city."""
        settings = self._settings
        servers: dict[str, Any] = {}
        if settings.broker:
            servers["broker"] = {"address": settings.broker, "embedded": settings.broker_embedded}
        if settings.store_url:
            servers["store"] = {"url": settings.store_url, "embedded": False}
        parts = {post.part.name: {**post.facts, "embedded": True} for post in self._posts if post.state is State.READY}
        return {
            "pid": os.getpid(),
            "started": psutil.Process().create_time(),
            "ready": self.ready,
            "rate": settings.rate,
            "resets": self._resets,
            "reset_error": self._reset_error,
            **servers,
            **parts,
        }

    def _is_ready(self, name: str) -> bool:
        return any(post.part.name == name and post.state is State.READY for post in self._posts)

    def _keep_logs_small(self) -> None:
        now = time.monotonic()
        if now > self._log_checked + 1.0:
            self._log_checked = now
            for post in self._posts:
                if post.child is not None:
                    post.child.keep_log_small()


def _ending(code: int) -> str:
    return f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
