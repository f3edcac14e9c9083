"""Line protocol made by hypothesis: sound lines with every escape and type, and lines a little wrong."""

from __future__ import annotations

import time

from hypothesis import strategies as st

T0 = int(time.time()) * 10**9
"""Now: a line without a time then falls into the same shard of InfluxDB, and types are of a shard there."""

_names = st.sampled_from(["a", "b", "fi\\ eld", "x\\,y", "x\\=y", '"q"', "đo", "\\a", "_f", "1", "é\\ è", "a:b", "a.b"])
_tag_values = st.sampled_from(
    ["1", "b\\ c", "b\\,c", "b\\=c", "Thường\\ Tín", '"', '"b"', "-", "b\\\\c", "€", "true", "2i"]
)
_values = st.sampled_from(
    [
        *["1", "-1", "1.5", "1e3", "-1.5E-3", ".5", "5.", "0", "-0.0", "1e308", "00012"],
        *["1i", "-7i", "0i", "9223372036854775807i", "-9223372036854775808i", "007i"],
        *["t", "T", "true", "True", "TRUE", "f", "F", "false", "False", "FALSE"],
        *['""', '"text"', '"a b,c=d"', '"say \\"hi\\""', '"back\\\\slash"', '"Cầu Giấy"', '"a\\nb"', '"line\nbreak"'],
    ]
)
_wrong = st.sampled_from(
    [
        *[
            "NaN",
            "inf",
            "-Inf",
            "1u",
            "1ii",
            "1.5i",
            "9223372036854775808i",
            "1e400",
            "tRUE",
            "yes",
            "",
            '"open',
            "0x10",
        ],
        *["+1", "1_0", "--1", "1e", "-", "1 2", "'x'", "1,"],
    ]
)
_times = st.sampled_from(["", f" {T0}", f" {T0 + 1}", f" {T0 + 10**9}", f" {T0}"])
_wrong_times = st.sampled_from([" x", " 1.5", f" {T0} 1", " 99999999999999999999", f" {T0}i", f"  {T0}", f" {T0} "])


def _pairs(names: st.SearchStrategy[str], values: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.builds("{}={}".format, names, values), max_size=3, unique_by=lambda pair: pair.partition("=")[0])


@st.composite
def lines(draw: st.DrawFn, measurement: str, *, wrong: bool = False) -> str:
    """One line; with `wrong` something in it may be."""
    tags = "".join(f",{pair}" for pair in draw(_pairs(_names, _tag_values)))
    value = st.one_of(_values, _wrong) if wrong else _values
    fields = ",".join([f"v={draw(value)}", *draw(_pairs(_names, _values))])
    time = draw(st.one_of(_times, _wrong_times) if wrong else _times)
    return f"{measurement}{tags} {fields}{time}"


@st.composite
def bodies(draw: st.DrawFn, measurement: str) -> str:
    """A few lines of a measurement, a comment or an empty one among them, one perhaps wrong."""
    made = draw(st.lists(lines(measurement), min_size=1, max_size=4))
    if draw(st.integers(0, 5)) == 5:
        made.append(draw(lines(measurement, wrong=True)))
    if draw(st.booleans()):
        made.insert(draw(st.integers(0, len(made))), draw(st.sampled_from(["# a comment", "", "   ", "  # also one"])))
    end = "\r\n" if draw(st.integers(0, 9)) == 9 else "\n"
    return end.join(made) + draw(st.sampled_from(["", "\n"]))
