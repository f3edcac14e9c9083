"""Fills in the templates of a rule's annotations, as Grafana does: the part of Go's language that the compiler writes.

`{{ .Labels.source }}`, names of places (`places`), `{{ printf "%.1f" .Values.B.Value }}` and
`{{ if .Values }}…{{ else }}…{{ end }}`.
https://grafana.com/docs/grafana/latest/alerting/alerting-rules/templates/reference/
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from city.errors import DataError
from city.rules.places import filled

if TYPE_CHECKING:
    from collections.abc import Mapping

_CHOICE: Final = re.compile(r"\{\{ if \.Values \}\}(.*?)\{\{ else \}\}(.*?)\{\{ end \}\}")
_LABEL: Final = re.compile(r"\{\{ \.Labels\.(\w+) \}\}")
_VALUE: Final = re.compile(r'\{\{ printf "%\.(\d)f" \.Values\.(\w+)\.Value \}\}')
_NOTHING: Final = "<no value>"
"""What Go prints for a key that a map does not have."""


def render(template: str, labels: Mapping[str, str], values: Mapping[str, float | None]) -> str:
    """The text for one alert.

    Args:
        template: an annotation.
        labels: of the alert.
        values: the numbers of its last evaluation, by refId; empty where nothing was evaluated.

    Raises:
        DataError: the template uses what is not supported here.
    """
    chosen = _CHOICE.sub(lambda found: found[1] if values else found[2], template)
    named = _LABEL.sub(lambda found: labels.get(found[1], _NOTHING), filled(chosen, labels))
    text = _VALUE.sub(lambda found: _number(values.get(found[2], 0.0), int(found[1])), named)
    if "{{" in text:
        raise DataError(f"a template that only Grafana can fill in: {template!r}")
    return text


def _number(value: float | None, decimals: int) -> str:
    """As Go's `printf` has it: a value that is missing is NaN, one of no step is 0."""
    if value is None or math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return f"{value:.{decimals}f}"
