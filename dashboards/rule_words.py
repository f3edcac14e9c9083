"""What a compiled rule tells people: annotations in both languages, with value, unit, target and ways on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from city.language import Language
from city.layout import RUNBOOK
from city.rules.places import of_label
from city.units import written
from dashboards import words
from dashboards.names import board_uid, panel_id
from dashboards.places import names

if TYPE_CHECKING:
    from city.domain import AlertRule, Kpi, RuleBook
    from city.geography import City

NORMAL: Final = "M"
"""The step that holds the median of what is normal."""

PLACES: Final = ("area", "zone")
"""Tags that name a place."""


def board_of(rule: AlertRule, book: RuleBook) -> str:
    """The uid of the board a rule links to: the operators' own language."""
    return board_uid(rule.board or book.name, Language.VI)


def panel_of(rule: AlertRule) -> int:
    """The id of the panel a rule links to."""
    return panel_id(rule.panel or f"course_{rule.kpi}")


def told(rule: AlertRule, kpi: Kpi, book: RuleBook, city: City, step: str) -> dict[str, str]:
    """All that is told beside the labels; `step` is the refId of the value.

    Grafana fills the templates in. Where it evaluates nothing (no data, an error) there is no value to print.
    """
    uid = board_of(rule, book)
    printed = f'{{{{ printf "%.{kpi.decimals}f" .Values.{step}.Value }}}}'
    value = _guarded(printed)
    return {
        # Grafana's own names, which give the alert its links to board and panel.
        "__dashboardUid__": uid,
        "__panelId__": str(panel_of(rule)),
        "summary": _filled(rule, value, kpi, city, Language.VI),
        "summary_en": _filled(rule, value, kpi, city, Language.EN),
        "description": _described(rule, kpi, Language.VI),
        "description_en": _described(rule, kpi, Language.EN),
        "value": value,
        "unit": written(kpi.unit, Language.VI, kpi.unit_vi),
        "target": _target(kpi, Language.VI),
        "runbook_url": f"/d/{uid}?viewPanel={panel_id(RUNBOOK)}",
    }


def _guarded(printed: str) -> str:
    return f"{{{{ if .Values }}}}{printed}{{{{ else }}}}?{{{{ end }}}}"


def _filled(rule: AlertRule, value: str, kpi: Kpi, city: City, language: Language) -> str:
    """`{value}` and `{area}` as Grafana's templates. The dot reads what `$labels` does, and needs no `$`."""
    normal = _guarded(f'{{{{ printf "%.{kpi.decimals}f" .Values.{NORMAL}.Value }}}}')
    parts = language.say(rule.summary).replace("{value}", value).replace("{normal}", normal)
    for tag in PLACES:
        if f"{{{tag}}}" in parts:
            parts = parts.replace(f"{{{tag}}}", of_label(tag, names(tag, city, language)))
    for tag in rule.by:
        parts = parts.replace(f"{{{tag}}}", f"{{{{ .Labels.{tag} }}}}")
    return parts


def _described(rule: AlertRule, kpi: Kpi, language: Language) -> str:
    unit = written(kpi.unit, language, kpi.unit_vi)
    about = language.say(kpi.about)
    ends = rule.threshold if rule.recovers_at is None else rule.recovers_at
    if rule.unusual:
        return _described_unusual(rule, kpi, language)
    side = {"below": ("dưới", "below", "trên", "above"), "above": ("trên", "above", "dưới", "below")}[rule.fires]
    if language is Language.VI:
        return (
            f"{kpi.title.vi} {side[0]} {rule.threshold:g} {unit} trong {rule.for_s} giây; "
            f"hết khi {side[2]} {ends:g} {unit}. Mục tiêu: {_target(kpi, language)}. {about}"
        )
    return (
        f"{kpi.title.en} {side[1]} {rule.threshold:g} {unit} for {rule.for_s} s; "
        f"ends {side[3]} {ends:g} {unit}. Target: {_target(kpi, language)}. {about}"
    )


def _described_unusual(rule: AlertRule, kpi: Kpi, language: Language) -> str:
    """The threshold counts spreads from what is normal for the place and the hour."""
    about, often = language.say(kpi.about), f"{abs(rule.threshold):g}"
    if language is Language.VI:
        side = "thấp" if rule.fires == "below" else "cao"
        return (
            f"{kpi.title.vi} {side} hơn mức thường của nơi này vào giờ này trên {often} lần độ dao động, "
            f"trong {rule.for_s} giây. Mục tiêu: {_target(kpi, language)}. {about}"
        )
    side = "below" if rule.fires == "below" else "above"
    return (
        f"{kpi.title.en} {side} what is normal for the place and the hour by more than {often} of its spreads, "
        f"for {rule.for_s} s. Target: {_target(kpi, language)}. {about}"
    )


def _target(kpi: Kpi, language: Language) -> str:
    if kpi.target is None:
        return language.say(words.NO_TARGET)
    sign = "≥" if kpi.target.good == "above" else "≤"
    return f"{sign} {kpi.target.value:g} {written(kpi.unit, language, kpi.unit_vi)}"
