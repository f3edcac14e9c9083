"""What is normal for each place at this hour and the next: written for the rules that say "unusual"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from city.deviation import BASELINE, DAYS, hour_of, normal, start_of
from city.influxql import Last, kpi_query
from city.instant import NS
from city.rollup import of_day, offset_s, rolled
from stream_app.core.lineprotocol import escape
from summary.store import ROLLUP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from city.catalogue import Catalogue
    from city.domain import Domain, Kpi
    from summary.store import Port

_HOUR_S: Final = 3_600
_PLACE: Final = ("area", "zone")


class Baselines:
    """Writes what is normal once an hour, from the hourly roll-ups of the weeks before."""

    def __init__(self, store: Port, catalogue: Catalogue) -> None:
        self._store = store
        self._catalogue = catalogue
        self._written = -1
        self.watched: tuple[tuple[Domain, Kpi], ...] = tuple(
            (domain, kpi)
            for domain in catalogue.domains
            for kpi in domain.kpis
            if any(rule.unusual and rule.kpi == kpi.name for rule in domain.rules)
        )

    def bring_up(self, now_s: int) -> int:
        """Write what is not written yet; how many places were told of.

        Raises:
            CityopsError: the store does not answer.
            StoreAwayError: it does not take the points.
        """
        ahead_s = offset_s(self._catalogue.city, now_s * NS)
        hour = hour_of(now_s * NS, ahead_s)
        if hour == self._written:
            return 0
        lines = [line for domain, kpi in self.watched for line in self._lines(domain, kpi, (hour, hour + 1), ahead_s)]
        if lines:
            self._store.write(ROLLUP, lines)
        self._written = hour
        return len(lines)

    def _lines(self, domain: Domain, kpi: Kpi, hours: tuple[int, ...], ahead_s: int) -> Iterator[str]:
        hourly = rolled(kpi, of_day(kpi.measurement))
        query = kpi_query(hourly, Last((DAYS + 1) * 24 * _HOUR_S), step=_HOUR_S, by=_PLACE)
        past: dict[tuple[str, str], dict[int, float]] = {}
        for row in self._store.rows(ROLLUP, query):
            if "value" in row.values:
                place = (row.tags["area"], row.tags["zone"])
                past.setdefault(place, {})[hour_of(row.time, ahead_s)] = row.values["value"]
        for (area, zone), values in past.items():
            tags = f"area={area},domain={domain.name},kpi={kpi.name},zone={escape(zone)}"
            for hour in hours:
                if (usual := normal(values, hour)) is not None:
                    fields = f"median={usual.median!r},spread={usual.spread!r},days={usual.days}i"
                    yield f"{BASELINE},{tags} {fields} {start_of(hour, ahead_s)}"
