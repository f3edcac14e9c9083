"""Tag values come back from a line as they went in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from city.domain import Series, Tag
from stream_app.core.lineprotocol import escape, point, tag_prefix
from tests.core.domain import AREAS, CITY, Reading, at, quick

tag_values = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=12).filter(
    lambda value: not value.endswith("\\")
)


def unescaped(line: str) -> list[str]:
    """The series key's parts as InfluxDB reads them: a backslash escapes a comma, an equals sign and a space alone."""
    parts, now, at_char = list[str](), "", 0
    while at_char < len(line) and line[at_char] != " ":
        char = line[at_char]
        if char == "\\" and line[at_char + 1 : at_char + 2] in set(",= "):
            at_char += 1
            now += line[at_char]
        elif char in ",=":
            parts.append(now)
            now = ""
        else:
            now += char
        at_char += 1
    return [*parts, now]


@quick
@given(st.lists(tag_values, min_size=2, max_size=2, unique=True))
def test_tag_values_read_back_as_they_were_written(values: list[str]) -> None:
    series = Series("s", Reading, 10, 0, (), (Tag("one", "data.one"), Tag("two", "data.two")))
    prefix = tag_prefix(series, CITY.zone_of, (AREAS[0], *values))
    line = point(prefix, "count=1i", at(0), final=True)
    expected = ["s", "area", AREAS[0], "one", values[0], "two", values[1], "zone", "east"]
    assert unescaped(line) == expected
    assert len({escape(value) for value in values}) == 2
