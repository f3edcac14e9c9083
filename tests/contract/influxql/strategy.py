"""Queries made by hypothesis: of the store's own grammar, and such that mean something for generated_data()."""

# ruff: noqa: S608 - InfluxQL of our own words
from __future__ import annotations

from functools import cache
from importlib.resources import files

from hypothesis import strategies as st
from hypothesis.extra.lark import from_lark
from lark import Lark

RANGE = "time >= '2026-11-20T00:00:00Z' AND time < '2026-11-20T00:04:00Z'"
NUMBERS, FIELDS = ("i", "f"), ("i", "f", "b", "s")
EXACT = ("min", "max", "first", "last", "sum", "median", "spread", "mode")
OF_NUMBERS = (*EXACT, "mean", "stddev")
OF_ANY = ("count", "first", "last")
SELECTORS = ("min", "max", "first", "last")

_number = st.sampled_from(NUMBERS)
_intervals = st.sampled_from(["10s", "20s", "30s", "1m", "70s", "1h", "1m, 7s", "40s, -3s"])
_fills = st.sampled_from(
    ["", "", " fill(none)", " fill(null)", " fill(0)", " fill(-2.5)", " fill(previous)", " fill(linear)"]
)
_conditions = st.sampled_from(
    [
        "area = 'a1'",
        "area != 'a2'",
        "area =~ /a[13]/ AND kind = 'bus'",
        "kind !~ /^b/",
        "(area = 'a1' OR kind = 'car')",
        "i > 5",
        "f <= 12.5 AND area = 'a3'",
        "b = true",
        "s =~ /[0-4]$/",
        "i + f > 0",
        "nothing = ''",
        "i > 1000",
    ]
)
_tags = st.sampled_from(["", "", "area", "kind", "area, kind", "kind, area", "*", "/a/", "nothing"])


@st.composite
def reductions(draw: st.DrawFn) -> str:
    """A call that makes one value of a window's points."""
    choice = draw(st.integers(0, 5))
    if choice == 0:
        return f"percentile({draw(_number)}, {draw(st.sampled_from(['50', '90', '99.5', '100']))})"
    if choice == 1:
        return f"count(distinct({draw(st.sampled_from(FIELDS))}))"
    if choice == 2:
        return f"{draw(st.sampled_from(OF_ANY))}({draw(st.sampled_from(FIELDS))})"
    if choice == 3:
        return f"{draw(st.sampled_from(SELECTORS))}({draw(_number)})"
    return f"{draw(st.sampled_from(OF_NUMBERS))}({draw(_number)})"


_of_numbers = st.builds("{}({})".format, st.sampled_from([*OF_NUMBERS, "count"]), _number)
_exact = st.builds("{}({})".format, st.sampled_from([*EXACT, "count"]), _number)
"""Without rounding: whether a difference is just below zero must not depend on the order of a sum."""


@st.composite
def streams(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    """A function of successive values of `inner`."""
    name = draw(
        st.sampled_from(
            [
                "difference({})",
                "non_negative_difference({})",
                "derivative({})",
                "derivative({}, 10s)",
                "non_negative_derivative({}, 1m)",
                "moving_average({}, 2)",
                "moving_average({}, 4)",
                "cumulative_sum({})",
                "elapsed({}, 1s)",
            ]
        )
    )
    return name.format(draw(inner))


def arithmetic(of: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """An expression of numbers."""
    return st.one_of(
        of,
        of,
        st.builds(
            "{} {} {}".format, of, st.sampled_from(["+", "-", "*", "/", "%"]), st.sampled_from(["2", "0.5", "0"])
        ),
        st.builds("({} - {}) / 3".format, of, of),
        st.builds("abs({})".format, of),
        st.builds("round({} / 7)".format, of),
        st.builds("pow({}, 2)".format, of),
    )


@st.composite
def clauses(draw: st.DrawFn, *, interval: str = "", limits: bool = True) -> str:
    """WHERE and what follows it."""
    where = [RANGE] if interval or draw(st.booleans()) else []
    if draw(st.booleans()):
        where.append(draw(_conditions))
    tags = draw(_tags)
    dimensions = [text for text in (f"time({interval})" if interval else "", tags) if text]
    text = f" WHERE {' AND '.join(where)}" if where else ""
    text += f" GROUP BY {', '.join(dimensions)}" if dimensions else ""
    text += draw(_fills) if interval else ""
    text += draw(st.sampled_from(["", "", " ORDER BY time DESC"]))
    if limits:
        text += draw(st.sampled_from(["", "", " LIMIT 3", " LIMIT 2 OFFSET 1", " OFFSET 2"]))
        text += draw(st.sampled_from(["", "", " SLIMIT 1", " SLIMIT 2 SOFFSET 1"]))
    return text + draw(st.sampled_from(["", "", "", " tz('Asia/Ho_Chi_Minh')"]))


@st.composite
def of_windows(draw: st.DrawFn) -> str:
    """Reductions, and functions of them, in windows."""
    number = st.one_of(_of_numbers, streams(_exact), streams(streams(_exact)))
    columns = draw(st.lists(st.one_of(reductions(), arithmetic(number)), min_size=1, max_size=3))
    return f"SELECT {', '.join(columns)} FROM gen{draw(clauses(interval=draw(_intervals)))}"


@st.composite
def of_everything(draw: st.DrawFn) -> str:
    """Reductions without windows."""
    columns = draw(st.lists(st.one_of(reductions(), arithmetic(_of_numbers)), min_size=1, max_size=3))
    return f"SELECT {', '.join(columns)} FROM {draw(st.sampled_from(['gen', 'gen, few', '/e/']))}{draw(clauses())}"


@st.composite
def of_points(draw: st.DrawFn) -> str:
    """Fields of points, and functions of successive ones."""
    kind = draw(st.integers(0, 3))
    if kind == 0:
        columns = [draw(arithmetic(streams(_number)))]
    elif kind == 1:
        rank = f"{draw(st.sampled_from(['top', 'bottom']))}({draw(_number)}, {draw(st.sampled_from(['', 'area, ']))}2)"
        columns = [rank, *draw(st.sampled_from([[], ["kind"], ["s", "area"]]))]
    elif kind == 2:
        columns = [f"distinct({draw(st.sampled_from(FIELDS))})"]
    else:
        columns = draw(
            st.lists(st.sampled_from(["i", "f", "s", "b", "area", "i * f", "-i", "abs(i)"]), min_size=1, max_size=3)
        )
    return f"SELECT {', '.join(columns)} FROM gen{draw(clauses())}"


@st.composite
def of_selectors(draw: st.DrawFn) -> str:
    """A selector with what stands beside it."""
    call = f"{draw(st.sampled_from(SELECTORS))}({draw(_number)})"
    beside = draw(st.sampled_from(["", ", area", ", s, kind", ", f"]))
    interval = draw(st.one_of(st.just(""), _intervals))
    return f"SELECT {call}{beside} FROM gen{draw(clauses(interval=interval))}"


@st.composite
def of_subqueries(draw: st.DrawFn) -> str:
    """A reduction of what a subquery gives.

    Where several of its series fall into one, their points share times: then only what does not ask for their order.
    """
    tags = draw(st.sampled_from(["", "area", "kind", "area, kind"]))
    condition = draw(st.one_of(st.just(""), _conditions.map(" AND {}".format)))
    group = ", ".join(filter(None, [f"time({draw(st.sampled_from(['10s', '20s', '30s', '1m']))})", tags]))
    inner = f"SELECT {draw(_exact)} AS x FROM gen WHERE {RANGE}{condition} GROUP BY {group}"
    reduction = st.sampled_from(["sum(x)", "max(x)", "count(x)", "median(x)", "spread(x)", "count(distinct(x))"])
    if draw(st.booleans()):
        outer = draw(st.one_of(reduction, streams(st.just("x"))))
        return f"SELECT {outer} FROM ({inner}{draw(_fills)}) WHERE {RANGE}{f' GROUP BY {tags}' if tags else ''}"
    group = draw(st.sampled_from(["", " GROUP BY area", " GROUP BY time(1m)", " GROUP BY time(1m), kind"]))
    return f"SELECT {draw(reduction)} FROM ({inner}) WHERE {RANGE}{group}"


@st.composite
def shows(draw: st.DrawFn) -> str:
    """SHOW statements."""
    source = draw(st.sampled_from(["", " FROM gen", " FROM gen, few", " FROM /e/", " FROM nowhere"]))
    where = draw(st.sampled_from(["", " WHERE area = 'a1'", " WHERE kind =~ /b/", " WHERE area != 'a1'"]))
    cut = draw(st.sampled_from(["", " LIMIT 1", " LIMIT 2 OFFSET 1"]))
    key = draw(st.sampled_from(["= area", "!= kind", "=~ /a/", "!~ /k/", "IN (area, kind)", "= nothing"]))
    return draw(
        st.sampled_from(
            [
                f"SHOW MEASUREMENTS{where}{cut}",
                f"SHOW MEASUREMENTS WITH MEASUREMENT =~ /e/{where}{cut}",
                f"SHOW SERIES{source}{where}{cut}",
                f"SHOW TAG KEYS{source}{where}{cut}",
                f"SHOW TAG VALUES{source} WITH KEY {key}{where}{cut}",
                f"SHOW FIELD KEYS{source}{cut}",
            ]
        )
    )


def meaningful() -> st.SearchStrategy[str]:
    """Queries of every kind above."""
    return st.one_of(of_windows(), of_windows(), of_everything(), of_points(), of_selectors(), of_subqueries(), shows())


@cache
def grammatical() -> st.SearchStrategy[str]:
    """Any text of the store's grammar, over names that the data has."""
    text = (files("embedded.store.influxql") / "grammar.lark").read_text(encoding="utf-8")
    grammar = Lark(text, parser="lalr", maybe_placeholders=True)
    words = {
        terminal.name: st.just(f" {terminal.pattern.value.removesuffix(chr(92) + 'b')} ")
        for terminal in grammar.terminals
        if terminal.pattern.type == "re" and terminal.pattern.value.endswith("\\b")
    }
    names = ["gen", "few", "i", "f", "area", "kind", "time", "mean", "count", "difference", "top", "distinct", "abs"]
    return from_lark(
        grammar,
        start="start",
        explicit={
            **words,
            "_DOT": st.just("."),
            "CAST": st.sampled_from(["field ", "tag ", "float "]),
            "IDENT": st.sampled_from([f" {name} " for name in names]),
            "QUOTED": st.sampled_from(['"i"', '"area"']),
            "STRING": st.sampled_from(["'a1'", "'2026-11-20T00:01:00Z'", "'UTC'"]),
            "REGEX": st.sampled_from(["/a/", "/^i$/"]),
            "INTEGER": st.sampled_from([" 0 ", " 1 ", " 2 ", " 7 "]),
            "NUMBER": st.sampled_from([" 0.5 ", " 2. "]),
            "DURATION": st.sampled_from([" 10s ", " 1m "]),
        },
    )
