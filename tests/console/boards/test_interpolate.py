"""Variables in questions and addresses: whatever is chosen is a pattern that means exactly that."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from city.errors import DataError
from console.boards.interpolate import ALL, Chosen, escape, link, pattern, question, refuse_outside_patterns

HOSTILE = (
    "'; DROP MEASUREMENT traffic_flow; --",
    'x/ OR time > 0 OR "a" =~ /y',
    "a\nb",
    '"',
    "\\",
    ".*",
    "a|b",
    "$timeFilter",
    "${area:raw}",
    "Đống Đa",
    "",
)


def chosen(*values: str) -> Chosen:
    return Chosen(values, values)


FILLED = {
    "$x": ('"t" =~ /^$x$/', chosen("a"), '"t" =~ /^a$/'),
    "${x}": ('"t" =~ /^${x}$/', chosen("a"), '"t" =~ /^a$/'),
    "${x:regex}": ('"t" =~ /^${x:regex}$/', chosen("a.b"), '"t" =~ /^a\\.b$/'),
    "several are joined in brackets": ('"t" =~ /^$x$/', chosen("a", "b"), '"t" =~ /^(a|b)$/'),
    "all by its own value, as it stands": ('"t" =~ /^$x$/', Chosen((ALL,), ("a", "b"), ".*"), '"t" =~ /^.*$/'),
    "all without one is each of them": ('"t" =~ /^$x$/', Chosen((ALL,), ("a", "b")), '"t" =~ /^(a|b)$/'),
    "nothing of what is offered": ('"t" =~ /^$x$/', chosen(), '"t" =~ /^()$/'),
    "macros stay": ("$timeFilter GROUP BY time($__interval)", chosen("a"), "$timeFilter GROUP BY time($__interval)"),
}


@pytest.mark.parametrize(("text", "values", "filled"), FILLED.values(), ids=FILLED)
def test_a_question_is_filled_in_as_grafana_fills_it_in(text: str, values: Chosen, filled: str) -> None:
    assert question(text, {"x": values}) == filled


@pytest.mark.parametrize("text", ["/^$y$/", '"t" =~ /^${x:csv}$/'])
def test_a_question_with_a_name_or_a_format_that_is_not_known_is_refused(text: str) -> None:
    with pytest.raises(DataError):
        question(text, {"x": chosen("a")})


@pytest.mark.parametrize(
    "query",
    [
        "SELECT $x FROM m",
        "SELECT a FROM m WHERE t = '$x'",
        "SELECT a FROM m WHERE t = '/$x/'",
        "SELECT a FROM \"m\" WHERE t =~ /a/ AND s = '${x:regex}'",
        "SELECT a FROM m WHERE t =~ /a\\/ $x",
    ],
)
def test_a_variable_outside_a_regular_expression_is_refused(query: str) -> None:
    with pytest.raises(DataError, match=r"\$x"):
        refuse_outside_patterns(query)


@given(value=st.one_of(st.sampled_from(HOSTILE), st.text()), other=st.text())
def test_a_value_is_a_pattern_that_means_exactly_that_value(value: str, other: str) -> None:
    written = pattern(chosen(value))
    assert re.fullmatch(written, value)
    assert bool(re.fullmatch(written, other)) == (value == other)


@given(value=st.one_of(st.sampled_from(HOSTILE), st.text()))
def test_a_value_cannot_end_the_pattern_that_it_stands_in(value: str) -> None:
    written = escape(value)
    assert "/" not in re.sub(r"\\.", "", written)
    assert not re.search(r"(?<!\\)(\\\\)*\\$", written)
    assert not re.search(r"[\x00-\x1f\x7f]", written)


def test_what_a_value_says_is_not_filled_in_again() -> None:
    assert question('"t" =~ /^$x$/', {"x": chosen("$y"), "y": chosen("b")}) == '"t" =~ /^\\$y$/'


def test_an_address_keeps_what_is_chosen_quoted() -> None:
    values = {"kind": chosen("a b", "c&d"), "zone": Chosen((ALL,), ("a",))}
    macros = {"__value.raw": "00004", "__url_time_range": "from=now-3h&to=now"}
    address = link(
        "/d/b?var-area=${__value.raw}&${kind:queryparam}&${zone:queryparam}&${__url_time_range}", values, macros
    )
    assert address == "/d/b?var-area=00004&var-kind=a%20b&var-kind=c%26d&var-zone=$__all&from=now-3h&to=now"
