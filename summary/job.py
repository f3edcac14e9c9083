"""The job's rounds: how places stand each minute; roll-ups, with looks that go further back the rarer they are."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from city.errors import CityopsError
from city.standing import EVERY_S
from stream_app.sink import StoreAwayError
from summary.baselines import Baselines
from summary.rollup import RollUps
from summary.standings import findings, lines
from summary.store import LIVE

if TYPE_CHECKING:
    from collections.abc import Callable

    from city.catalogue import Catalogue
    from summary.store import Port

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """How far back roll-ups are checked, and how often; None is everything the store keeps."""

    every_s: int
    back_s: int | None


LOOKS: Final = (Look(21_600, None), Look(900, 26 * 3_600), Look(60, 3_600))
"""The furthest first: the one that is due is taken. The first round of a process looks at everything."""

AFTER_S: Final = 5
"""A round begins so long after the minute, when its points are mostly settled."""


class Job:
    """Does rounds until stopped."""

    def __init__(self, store: Port, catalogue: Catalogue) -> None:
        self._store = store
        self._catalogue = catalogue
        self._roll_ups = RollUps(store, catalogue.city)
        self._baselines = Baselines(store, catalogue)
        self._looked: dict[Look, int] = {}

    def round(self, now_s: int) -> bool:
        """Do what is due; whether all of it was done. What was not is due again in the next round."""
        stood = self._tried(self._stand, now_s)
        rolled = self._tried(self._roll, now_s)
        told = self._tried(self._tell_normal, now_s)
        return stood and rolled and told

    @staticmethod
    def _tried(task: Callable[[int], None], now_s: int) -> bool:
        try:
            task(now_s)
        except (CityopsError, StoreAwayError) as error:
            _log.warning("not done, tried again in a minute: %s", error)
            return False
        return True

    def _stand(self, now_s: int) -> None:
        found = list(findings(self._store, self._catalogue))
        if written := lines(found, self._catalogue.city, now_s):
            self._store.write(LIVE, written)

    def _roll(self, now_s: int) -> None:
        due = (look for look in LOOKS if now_s - self._looked.get(look, -look.every_s) >= look.every_s)
        look = next(due, LOOKS[-1])  # a process begins within a minute, so its second round comes sooner
        windows = sum(self._roll_ups.bring_up(series, look.back_s) for series in self._catalogue.series.values())
        # A look that goes further back has seen what the nearer ones would.
        self._looked |= dict.fromkeys(LOOKS[LOOKS.index(look) :], now_s)
        if windows:
            _log.info("rolled up %d windows", windows)

    def _tell_normal(self, now_s: int) -> None:
        if places := self._baselines.bring_up(now_s):
            _log.info("said what is normal, %d times", places)


def next_round_s(now_s: float) -> float:
    """Seconds until the next round begins."""
    return EVERY_S - (now_s - AFTER_S) % EVERY_S
