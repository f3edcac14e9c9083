"""Instants: text and nanoseconds, there and back."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from city.instant import NS, nanoseconds, rfc3339

FIRST = 31_536_000 * NS  # 1971-01-01
LAST = 9_214_646_400 * NS - 1  # the end of 2261

instants = st.integers(FIRST, LAST)
zones = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(1972, 1, 1), datetime(2261, 12, 30), timezones=zones)  # noqa: DTZ001 - hypothesis adds the zones


@given(instants)
def test_an_instant_survives_its_text(ns: int) -> None:
    assert nanoseconds(rfc3339(ns)) == ns


@given(instants, instants)
def test_texts_of_one_precision_sort_as_their_instants_do(one: int, other: int) -> None:
    one, other = (ns // 1_000_000 * 1_000_000 for ns in (one, other))
    assert (rfc3339(one) < rfc3339(other)) == (one < other)


@given(moments)
def test_any_zone_is_read_as_datetime_reads_it(moment: datetime) -> None:
    exact = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1_000
    assert nanoseconds(moment.isoformat()) == exact


@given(instants)
def test_the_text_is_what_datetime_reads(ns: int) -> None:
    to_the_microsecond = datetime.fromisoformat(rfc3339(ns // 1_000 * 1_000))
    assert (to_the_microsecond - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) == ns // 1_000


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("2026-11-22T05:00:00Z", 1_795_323_600 * NS),
        ("2026-11-22t05:00:00z", 1_795_323_600 * NS),
        ("2026-11-22T12:00:00+07:00", 1_795_323_600 * NS),
        ("2026-11-22T04:30:00-00:30", 1_795_323_600 * NS),
        ("2026-11-22T05:00:00.1Z", 1_795_323_600 * NS + 100_000_000),
        ("2026-11-22T05:00:00.000000001Z", 1_795_323_600 * NS + 1),
        ("2028-02-29T00:00:00Z", 1_835_395_200 * NS),
    ],
)
def test_rfc_3339_is_read_exactly(text: str, ns: int) -> None:
    assert nanoseconds(text) == ns


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (1_795_323_600 * NS, "2026-11-22T05:00:00.000Z"),
        (1_795_323_600 * NS + 120_000_000, "2026-11-22T05:00:00.120Z"),
        (1_795_323_600 * NS + 120_500_000, "2026-11-22T05:00:00.1205Z"),
        (1_795_323_600 * NS + 1, "2026-11-22T05:00:00.000000001Z"),
    ],
)
def test_text_has_milliseconds_and_more_only_where_there_is_more(ns: int, text: str) -> None:
    assert rfc3339(ns) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "1795323600",
        "2026-11-22",
        "2026-11-22T05:00:00",
        "2026-11-22 05:00:00Z",
        "2026-11-22T05:00Z",
        "2026-11-22T05:00:00.Z",
        "2026-11-22T05:00:00.1234567890Z",
        "2026-11-22T05:00:00+7",
        "2026-11-22T05:00:00+24:00",
        "2026-11-22T05:00:00+07:60",
        "2026-11-22T05:00:00ZZ",
        " 2026-11-22T05:00:00Z",
        "2026-11-22T05:00:00Z\n",
        "2026-02-29T05:00:00Z",
        "2026-13-01T05:00:00Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T05:00:60Z",
        "1970-06-01T00:00:00Z",
        "2262-01-01T00:00:00Z",
        "٢٠٢٦-11-22T05:00:00Z",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"not an RFC 3339 time with a zone: {text!r}")):
        nanoseconds(text)


@given(st.text(max_size=40))
def test_no_text_does_worse_than_being_refused(text: str) -> None:
    try:
        ns = nanoseconds(text)
    except ValueError:
        return
    assert isinstance(ns, int)
