"""What a commit says comes back word for word, and what is no commit of ours is as none."""

from __future__ import annotations

from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from city.catalogue import load
from city.domain import Domain, Measure, Series, Tag
from city.event import Event
from city.instant import NS
from stream_app.core import Checkpoint, Start, begin
from stream_app.core.checkpoint import MAX_METADATA_BYTES, NEVER, Log, fingerprint, parse
from tests.core.domain import DEPLOYED, DOMAIN, KINDS, LEVEL, PEOPLE, B, Reading, at, quick

offsets = st.integers(0, 2**53)
instants = st.just(NEVER) | st.integers(at(0), 2**62)
barriers = st.just(NEVER) | st.integers(0, 9_999_999_999).map(lambda second: second * NS)
marks = st.text("0123456789abcdef", min_size=6, max_size=6)


@quick
@given(
    st.builds(
        Checkpoint,
        offset=offsets,
        pos=offsets,
        clock=instants,
        barrier=instants,
        partitions=st.integers(1, 1000),
        prints=st.dictionaries(marks, barriers, max_size=6),
    )
)
def test_a_checkpoint_comes_back_from_its_text(said: Checkpoint) -> None:
    text = said.text()
    assert parse(said.offset, text) == said
    assert len(text.encode()) < MAX_METADATA_BYTES


@pytest.mark.parametrize("domain", [*load().domains, *DEPLOYED], ids=lambda domain: domain.name)
def test_the_metadata_of_every_pack_stays_short_with_every_number_at_its_longest(domain: Domain) -> None:
    prints = {fingerprint(one): 9_999_999_999 * NS for one in domain.series}
    said = Checkpoint(2**53, 2**53, 2**63 - 1, 2**63 - 1, 1000, prints)
    assert len(said.text().encode()) < MAX_METADATA_BYTES


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "v1",
        "v2 1 - - 4 abcdef",
        "v1 1 - - 4",
        "v1 1 - - 4 abcdef more",
        "v1 x - - 4 abcdef",
        "v1 1 now - 4 abcdef",
        "v1 1 - - four abcdef",
        "v1 1 - - 4 abcdef@soon",
        '{"pos": 1}',
        "\x00\xff",
    ],
)
def test_metadata_that_is_not_ours_is_as_none(text: str) -> None:
    assert parse(3, text) is None
    assert begin((3, text), Log(0, 9, 4), DOMAIN.series) == Start(3, NEVER, 3, 9, 4, barrier_unknown=True)


@quick
@given(st.text(max_size=80))
def test_no_metadata_stops_a_worker(text: str) -> None:
    assert begin((3, text), Log(0, 9, 4), DOMAIN.series).pos == 3


@pytest.mark.parametrize(
    "changed",
    [
        Series("b2", Reading, 6, 5, B.measures, B.tags),
        Series("b", Reading, 7, 5, B.measures, B.tags),
        Series("b", Reading, 6, 4, B.measures, B.tags),
        Series("b", Reading, 6, 5, B.measures[:1], B.tags),
        Series("b", Reading, 6, 5, (Measure("level", "level", "1", scale=100), PEOPLE), B.tags),
        Series("b", Reading, 6, 5, B.measures, (Tag("kind", "data.kind", KINDS),)),
    ],
)
def test_a_fingerprint_changes_with_whatever_changes_the_values(changed: Series) -> None:
    assert fingerprint(changed) != fingerprint(B)
    assert fingerprint(Series("b", Reading, 6, 5, B.measures, B.tags)) == fingerprint(B)


Level = Annotated[float, Meta(ge=-10, le=10)]
LooseLevel = Annotated[float, Meta(ge=-10, le=11)]


def event_with(level: object, told: str) -> type[Event]:
    """One event type, again and again: with this attribute and this docstring."""
    data = msgspec.defstruct("Data", [("level", level)], namespace={"__doc__": told})
    told_event = msgspec.defstruct("Told", [("data", data)], bases=(Event,), tag="vn.test.told.v1", kw_only=True)
    assert issubclass(told_event, Event)
    return told_event


def test_a_fingerprint_changes_with_the_bounds_of_the_event_and_not_with_its_docstring() -> None:
    told, retold, loose = (
        fingerprint(Series("b", event_with(level, doc), 6, 5, (LEVEL,)))
        for level, doc in ((Level, "A level."), (Level, "How high it stands."), (LooseLevel, "A level."))
    )
    assert told == retold != loose
