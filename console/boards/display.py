"""A value → what is shown for it: text and colour, by mappings, thresholds, unit and what to say of nothing.

https://grafana.com/docs/grafana/latest/panels-visualizations/configure-overrides/
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import msgspec

from console.boards import interpolate
from console.boards.fields import Config, Custom, Result, Thresholds, ValueMap
from console.boards.frames import VALUE, Field, Frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from console.boards.document import Matcher, Override, Panel
    from console.boards.fields import Mapping
    from console.boards.frames import Value
    from console.boards.units import Writing

GREEN: Final = "green"
"""Grafana's colour where nothing names another."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands for a value. `colour` is a name of Grafana's palette; `raw` what links and files are told."""

    text: str
    colour: str
    raw: Value


def configured(frames: tuple[Frame, ...], panel: Panel) -> tuple[Frame, ...]:
    """The frames with each field's configuration: the panel's defaults, then its overrides, the later wins."""
    return tuple(
        replace(frame, fields=tuple(_configured(one, frame, frames, panel) for one in frame.fields)) for frame in frames
    )


def title(field: Field, frame: Frame, frames: tuple[Frame, ...] = ()) -> str:
    """A field's name as people read it: the panel's, the data source's, or one made of frame, field and labels."""
    if field.config.display_name:
        return interpolate.fill_in(field.config.display_name, _names(field, frame))
    if field.own_name:
        return field.own_name
    if field.kind == "time":
        return field.name
    return _computed_title(field, frame, frames)


def shown(value: Value, config: Config, writing: Writing, bounds: tuple[float, float] | None = None) -> Shown:
    """A value as its field is configured.

    Args:
        value: as the store gave it.
        config: of its field.
        writing: of the board.
        bounds: least and greatest value of the field, where thresholds in percent need them.
    """
    mapped = _mapped(config.mappings or (), value)
    number = value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    if number is not None and math.isnan(number):
        number = None
    colour = mapped.color if mapped else None
    text = mapped.text if mapped else None
    if text is None:
        if number is not None:
            text = writing.with_unit(number, config.unit, config.decimals)
        else:
            text = (str(value) if value is not None and value == value else "") or config.no_value or ""  # noqa: PLR0124 - NaN
    if colour is None:
        colour = _colour(number, config, bounds)
    return Shown(text, colour, value)


def threshold_colour(value: float, thresholds: Thresholds, bounds: tuple[float, float] | None = None) -> str:
    """The colour of the highest step that a value reaches."""
    if thresholds.mode == "percentage":
        low, high = bounds or (0.0, 100.0)
        value = (value - low) / (high - low) * 100 if high > low else 0.0
    reached = [step for step in thresholds.steps if step.value is None or step.value <= value]
    return reached[-1].color if reached else thresholds.steps[0].color


def _colour(number: float | None, config: Config, bounds: tuple[float, float] | None) -> str:
    if config.color is not None and config.color.mode == "fixed":
        return config.color.fixed_color
    if config.thresholds is None or not config.thresholds.steps:
        return GREEN
    return threshold_colour(-math.inf if number is None else number, config.thresholds, bounds)


def _mapped(mappings: Sequence[Mapping], value: Value) -> Result | None:
    """What the first mapping that holds says; nothing is mapped for a null."""
    if value is None:
        return None
    for mapping in mappings:
        if isinstance(mapping, ValueMap):
            found = mapping.options.get(_key(value))
            if found is not None:
                return found
        elif _within(value, mapping.options.from_, mapping.options.to):
            return mapping.options.result
    return None


def _key(value: Value) -> str:
    """A value as the keys of mappings write it: 3.0 is `3`."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _within(value: Value, low: float | None, high: float | None) -> bool:
    try:
        number = float(value) if value is not None else math.nan
    except ValueError:
        return False
    return (low is None or low <= number) and (high is None or number <= high) and not math.isnan(number)


def _configured(field: Field, frame: Frame, frames: tuple[Frame, ...], panel: Panel) -> Field:
    merged = panel.defaults
    for override in _matching(panel.overrides, field, frame, frames):
        merged = _over(merged, override.config)
    return replace(field, config=merged)


def _matching(
    overrides: Iterable[Override], field: Field, frame: Frame, frames: tuple[Frame, ...]
) -> Iterable[Override]:
    names = {field.name, title(field, frame, frames)}
    return (one for one in overrides if _matches(one.matcher, names, frame))


def _matches(matcher: Matcher, names: set[str], frame: Frame) -> bool:
    return frame.ref == matcher.options if matcher.id == "byFrameRefID" else matcher.options in names


def _over(below: Config, above: Config) -> Config:
    """What `above` says, and what it leaves open as `below` says."""
    custom = _said(above.custom)
    said = _said(above) | {"custom": msgspec.structs.replace(below.custom, **custom)}
    return msgspec.structs.replace(below, **said)


def _said(config: Config | Custom) -> dict[str, object]:
    return {name: value for name, value in msgspec.structs.asdict(config).items() if value is not None}


def _names(field: Field, frame: Frame) -> dict[str, str]:
    labels = {f"__field.labels.{name}": value for name, value in field.labels.items()}
    return labels | {"__field.name": field.name, "__field.displayName": field.name, "__series.name": frame.name}


def _computed_title(field: Field, frame: Frame, frames: tuple[Frame, ...]) -> str:
    parts = []
    if frame.name and len({one.name for one in frames}) > 1:
        parts.append(frame.name)
    if field.name and field.name != VALUE:
        parts.append(field.name)
    if field.labels:
        label_names = {name for one in frames or (frame,) for each in one.fields for name in each.labels}
        alone = len(label_names) == 1
        said = (value if alone else f'{name}="{value}"' for name, value in field.labels.items())
        parts.append(", ".join(said) if alone else f"{{{', '.join(said)}}}")
    if not parts and frame.name:
        parts.append(frame.name)
    return " ".join(parts) or field.name or VALUE
