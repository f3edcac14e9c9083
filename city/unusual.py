"""When a place is called unusual: one rule for every domain, the very one that `city/deviation_trial.py` plays.

Its numbers are no pack's own: they count robust spreads from what is normal (`city/deviation.py`), of whatever it is.
docs/explanation/deviation.md says how well they find what people have labelled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from city.domain import AlertRule

if TYPE_CHECKING:
    from city.domain import Text

OVER_S: Final = 1_800
THRESHOLD: Final = 5.0
RECOVERS: Final = 3.0
FOR_S: Final = 900
KEEP_S: Final = 3_600
"""The mean of half an hour, this many spreads from normal for so long; it ends when it has been closer to normal for
so long."""


def unusual(name: str, kpi: str, title: Text, summary: Text, fires: Literal["above", "below"]) -> AlertRule:
    """The rule for a KPI of each ward and commune, on the side of normal that is bad."""
    side = 1 if fires == "above" else -1
    return AlertRule(
        name,
        kpi,
        title,
        summary,
        severity="info",
        fires=fires,
        threshold=side * THRESHOLD,
        recovers_at=side * RECOVERS,
        over_s=OVER_S,
        for_s=FOR_S,
        keep_firing_s=KEEP_S,
        # A city that has no past yet has no normal; that it has no data is said by its own rule.
        no_data="keep_last",
        unusual=True,
    )
