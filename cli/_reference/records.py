"""The page of what a record must be: the envelope, and why a record is rejected or late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from city.event import AHEAD_NS, MAX_EVENT_BYTES, Reason, Tick
from city.instant import NS
from cli._reference.markdown import code, codes, page, table
from cli._reference.schemas import file_of, type_name

if TYPE_CHECKING:
    from city.catalogue import Catalogue

REASONS: Final = {
    Reason.NOT_UTF8: "the bytes are no UTF-8",
    Reason.NOT_JSON: "the bytes are no JSON, or nested too deep to mean anything",
    Reason.WRONG_FIELD: "an attribute is missing, or not of its type, vocabulary or form",
    Reason.UNKNOWN_TYPE: "the topic's domain has no event of that `type`",
    Reason.UNKNOWN_AREA: "the city has no unit of that `area`",
    Reason.OUT_OF_BOUNDS: "a number lies outside of its bounds",
    Reason.CLOCK_AHEAD: f"`time` lies more than {AHEAD_NS // NS} s after `recordedtime`: a fast clock",
    Reason.RECORDED_AHEAD: f"`recordedtime` lies more than {AHEAD_NS // NS} s after the record's own timestamp",
    Reason.WRONG_KEY: "the record's key is not its `area`",
    Reason.WRONG_PARTITION: "the record is not in the partition where murmur2 puts its key",
    Reason.TOO_LARGE: f"more than {MAX_EVENT_BYTES:,} bytes",
}
"""What each reason means. A test holds that none is missing."""

_ENVELOPE: Final = (
    ("specversion", "`1.0`", "yes"),
    ("type", "`vn.hanoi.<domain>.<observation>.v1`, first in the text", "yes"),
    ("source", "who observed, a URI reference: `traffic/00070/003`", "yes"),
    ("id", "of the observation; `source`, `id` and `time` together identify an event", "yes"),
    ("time", "when it happened, RFC 3339 with a zone: decides the window", "yes"),
    ("recordedtime", "when the publisher accepted it: decides whether it is late", "stamped by the publisher"),
    ("area", "the code of the unit, also the record's key; `01` is the whole city", "yes"),
    ("data", "the observation, typed by the domain", "yes"),
)

_HEADERS: Final = ("topic-partition-offset", "reason", "detail", "size", "key-size")


def pages(catalogue: Catalogue) -> dict[str, str]:
    """File → page."""
    events = [(domain.name, event) for domain in catalogue.domains for event in domain.events]
    schemas = [(code(type_name(event)), name, f"[schema]({file_of(event)})") for name, event in events]
    text = page(
        "Records",
        "An event is a CloudEvent 1.0 in structured JSON (`content-type: application/cloudevents+json`) on the topic "
        "of its domain; binary mode (`ce_` headers) is read too.",
        table(("attribute", "what", "required"), [(code(name), what, must) for name, what, must in _ENVELOPE]),
        "## Types",
        table(("type", "domain", ""), [*schemas, (code(type_name(Tick)), "every topic", f"[schema]({file_of(Tick)})")]),
        f"`{type_name(Tick)}` is a tick: it has no content and moves a partition's clock.",
        "## Topics",
        table(
            ("topic", "what"),
            [
                *((code(domain.topic), f"events of {domain.name}") for domain in catalogue.domains),
                ("`city.rejected`", f"records that no rule may count, as they came; headers {codes(_HEADERS)}"),
                ("`city.late`", "events whose window had closed; headers likewise, `series` for `reason`"),
            ],
        ),
        "## Reasons of rejection",
        "The list is closed. Each is a value of the tag `reason` of [`pipeline`](operations.md), and of the header "
        "`reason` on `city.rejected`.",
        table(("reason", "what is wrong"), [(code(reason), REASONS[reason]) for reason in Reason]),
        "`./cityops check FILE` says the same of a file's lines.",
    )
    return {"records.md": text}
