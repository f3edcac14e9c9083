"""The differences from InfluxDB that stay, read from docs/reference/influxql.md: no test allows any other."""

from __future__ import annotations

import re
from pathlib import Path

from tests.contract.influxql.questions import DAY

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "influxql.md"

EXCUSED = {
    "SELECT percentile(count, 95) FROM flow": "point-of-a-percentile",
    "SELECT percentile(speed_sum, 99.9) FROM flow GROUP BY area": "point-of-a-percentile",
    f"SELECT integral(count, 1h) FROM flow WHERE {DAY} AND kind = 'car' GROUP BY area": "integral-of-groups",  # noqa: S608 - InfluxQL
    "SELECT * FROM (SELECT mean(count) AS m, max(count) AS x FROM flow GROUP BY area)": "calls-of-a-subquery",
}
"""Questions whose answer may differ → the name of the difference."""
EXCUSED_BEGINNINGS = {
    "SELECT integral(count, 1h) FROM flow WHERE DAY AND kind = 'car' GROUP BY area": "integral-of-groups"
}


def documented() -> dict[str, str]:
    """Name → the row of the page's table that tells of it."""
    section = PAGE.read_text(encoding="utf-8").partition("## Different from InfluxDB")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `([a-z0-9-]+)` \| (.+) \|$", section, re.MULTILINE))
