"""JSON Schemas of the events, generated from their types, and what they say of each attribute."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from city.event import MAX_EVENT_BYTES, Tick

if TYPE_CHECKING:
    from city.catalogue import Catalogue
    from city.event import Event

FOLDER: Final = "events"
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def type_name(event: type[Event | Tick]) -> str:
    """The CloudEvents `type`: `vn.hanoi.traffic.flow.v1`."""
    return str(event.__struct_config__.tag)


def file_of(event: type[Event | Tick]) -> str:
    """The schema's file below `docs/reference/`."""
    return f"{FOLDER}/{type_name(event)}.schema.json"


def schemas(catalogue: Catalogue) -> dict[str, str]:
    """File → schema of every event of the catalogue and of the tick."""
    events: tuple[type[Event | Tick], ...] = (Tick, *(event for domain in catalogue.domains for event in domain.events))
    return {file_of(event): _text(event) for event in events}


def _text(event: type[Event | Tick]) -> str:
    comment = (
        f"Made by `./cityops docs build` from {event.__module__}.{event.__name__}. An event has at most "
        f"{MAX_EVENT_BYTES} bytes; attributes that are not listed are allowed and ignored."
    )
    schema = {"$schema": _DIALECT, "$comment": comment, **msgspec.json.schema(event)}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


class Attribute(NamedTuple):
    """An attribute below `data`, in words."""

    name: str
    kind: str
    required: bool


def attributes(event: type[Event]) -> list[Attribute]:
    """What an event's `data` may hold, in the order of its type."""
    definitions = msgspec.json.schema(event)["$defs"]
    envelope = definitions[event.__name__]
    data = _resolved(envelope["properties"]["data"], definitions)
    needed = set(data.get("required", ()))
    return [
        Attribute(name, _kind(_resolved(what, definitions)), name in needed)
        for name, what in data.get("properties", {}).items()
    ]


def _resolved(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref", "")
    found: dict[str, Any] = definitions[reference.rpartition("/")[2]] if reference else schema
    return found


def _kind(schema: dict[str, Any]) -> str:
    """The type and its bounds in words; `null` is told by the attribute not being required."""
    if "anyOf" in schema:
        kinds = [_kind(one) for one in schema["anyOf"] if one.get("type") != "null"]
        return " or ".join(kinds)
    if "enum" in schema:
        return "one of " + ", ".join(f"`{value}`" for value in schema["enum"])
    kind = str(schema.get("type", "anything"))
    bounds = [f"{sign} {schema[key]:,}" for key, sign in _BOUNDS.items() if key in schema]
    if "maxLength" in schema:
        bounds.append(f"at most {schema['maxLength']} characters")
    return ", ".join([kind, *bounds])


_BOUNDS: Final = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
