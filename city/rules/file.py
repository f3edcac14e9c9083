"""Grafana's alerting provisioning file, as strictly as it is documented: what is not here is refused.

https://grafana.com/docs/grafana/latest/alerting/set-up/provision-alerting-resources/file-provisioning/
"""

from __future__ import annotations

import re
from typing import Any, Final, Literal

import msgspec

from city.errors import DataError

EXPRESSION: Final = "__expr__"
"""The data source uid of what Grafana computes itself."""

Reducer = Literal["last", "mean", "min", "max", "sum", "count"]
Comparison = Literal["gt", "lt", "gte", "lte"]
NoDataState = Literal["Alerting", "NoData", "KeepLast"]
ErrorState = Literal["Alerting", "Error", "KeepLast"]

_UNITS_S: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_DURATION: Final = re.compile(r"(?:\d+[smhd])+", re.ASCII)


class _Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A part of the file."""


class RelativeTimeRange(_Model, frozen=True, rename={"from_": "from"}, omit_defaults=False):
    """Seconds before now: `[now - from, now - to]`."""

    from_: int
    to: int = 0


class DataSourceRef(_Model, frozen=True):
    """A data source by type and uid."""

    type: str
    uid: str


class InfluxQuery(_Model, frozen=True):
    """The model of a question in InfluxQL."""

    refId: str  # noqa: N815 - the format's own names, here and below
    query: str
    rawQuery: Literal[True]  # noqa: N815
    resultFormat: Literal["time_series"]  # noqa: N815
    datasource: DataSourceRef
    intervalMs: int = 1_000  # noqa: N815
    maxDataPoints: int = 43_200  # noqa: N815


class ReduceSettings(_Model, frozen=True):
    """`dropNN`: points that are no numbers do not count."""

    mode: Literal["dropNN"]


class Reduce(_Model, frozen=True, tag_field="type", tag="reduce"):
    """Each series of `expression` → one number."""

    refId: str  # noqa: N815
    expression: str
    reducer: Reducer
    settings: ReduceSettings
    datasource: DataSourceRef


class Math(_Model, frozen=True, tag_field="type", tag="math"):
    """Numbers joined by their labels and computed with."""

    refId: str  # noqa: N815
    expression: str
    datasource: DataSourceRef


class Evaluator(_Model, frozen=True):
    """A comparison with the first of `params`."""

    type: Comparison
    params: tuple[float]


class Condition(_Model, frozen=True):
    """Fires by `evaluator`; what fires ends by `unloadEvaluator` (recovery threshold), where there is one."""

    evaluator: Evaluator
    unloadEvaluator: Evaluator | None = None  # noqa: N815


class Threshold(_Model, frozen=True, tag_field="type", tag="threshold"):
    """Each number of `expression` → 1 (fires) or 0."""

    refId: str  # noqa: N815
    expression: str
    conditions: tuple[Condition]
    datasource: DataSourceRef


Expression = Reduce | Math | Threshold


class Query(_Model, frozen=True):
    """One step of a rule: a question to a data source, or an expression over other steps."""

    refId: str  # noqa: N815
    datasourceUid: str  # noqa: N815
    model: dict[str, Any]
    relativeTimeRange: RelativeTimeRange | None = None  # noqa: N815

    @property
    def parsed(self) -> InfluxQuery | Expression:
        """The model by its type.

        Raises:
            msgspec.ValidationError: it is none of those.
        """
        if self.datasourceUid == EXPRESSION:
            expression: Expression = msgspec.convert(self.model, Expression)
            return expression
        return msgspec.convert(self.model, InfluxQuery)


class Rule(_Model, frozen=True, rename={"for_": "for"}):
    """One alert rule: one alert for each set of labels that its condition gives."""

    uid: str
    title: str
    condition: str
    for_: str
    keepFiringFor: str  # noqa: N815
    missing_series_evals_to_resolve: int
    noDataState: NoDataState  # noqa: N815
    execErrState: ErrorState  # noqa: N815
    labels: dict[str, str]
    annotations: dict[str, str]
    data: tuple[Query, ...]
    dashboardUid: str = ""  # noqa: N815
    panelId: int = 0  # noqa: N815
    isPaused: bool = False  # noqa: N815


class Group(_Model, frozen=True):
    """Rules that are evaluated together, every `interval`."""

    orgId: int  # noqa: N815
    name: str
    folder: str
    interval: str
    rules: tuple[Rule, ...]


class AlertingFile(_Model, frozen=True):
    """The whole file."""

    apiVersion: Literal[1]  # noqa: N815
    groups: tuple[Group, ...]


def decode(content: str | bytes) -> AlertingFile:
    """The rules of a provisioning file as Grafana takes them: `$$` is `$`, except in models.

    Raises:
        DataError: the file is not as documented; says where.
    """
    try:
        document = _dollars(msgspec.yaml.decode(content), "$$", "$")
        file = msgspec.convert(document, AlertingFile)
        for rule in (rule for group in file.groups for rule in group.rules):
            for query in rule.data:
                _ = query.parsed
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise DataError(f"no alerting file of Grafana's: {error}") from error
    return file


def encode(file: AlertingFile) -> dict[str, Any]:
    """Plain values for a YAML writer, in the format's order; `$` doubled, for Grafana expands `$X` outside models."""
    document: dict[str, Any] = _dollars(msgspec.to_builtins(file), "$", "$$")
    return document


def seconds(duration: str) -> int:
    """`2m` → 120.

    Raises:
        ValueError: it is no duration.
    """
    if not _DURATION.fullmatch(duration):
        raise ValueError(f"no duration: {duration!r}; write for example 90s, 2m or 1h30m")
    return sum(int(number) * _UNITS_S[unit] for number, unit in re.findall(r"(\d+)([smhd])", duration))


def duration(count_s: int) -> str:
    """120 → `2m`: the greatest unit that says it whole."""
    for unit in ("d", "h", "m"):
        if count_s and count_s % _UNITS_S[unit] == 0:
            return f"{count_s // _UNITS_S[unit]}{unit}"
    return f"{count_s}s"


def _dollars(value: Any, old: str, new: str) -> Any:
    match value:
        case str():
            return value.replace(old, new)
        case dict():
            return {key: part if key == "model" else _dollars(part, old, new) for key, part in value.items()}
        case list() | tuple():
            return [_dollars(part, old, new) for part in value]
        case _:
            return value
