"""What a compiled rule tells people: annotations in both languages, with value, unit, target and ways on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from city.layout import RUNBOOK
from dashboards import words
from dashboards.names import board_uid, panel_id
from dashboards.words import Language

if TYPE_CHECKING:
    from city.domain import AlertRule, Kpi, RuleBook

PLACES: Final = ("area", "zone")
"""Tags that name a place."""


def board_of(book: RuleBook) -> str:
    """The uid of the board a rule links to: the operators' own language."""
    return board_uid(book.name, Language.VI)


def panel_of(rule: AlertRule) -> int:
    """The id of the panel a rule links to."""
    return panel_id(rule.panel or f"course_{rule.kpi}")


def told(rule: AlertRule, kpi: Kpi, book: RuleBook, step: str) -> dict[str, str]:
    """All that is told beside the labels; `step` is the refId of the value.

    Grafana fills the templates in. Where it evaluates nothing (no data, an error) there is no value to print.
    """
    uid = board_of(book)
    printed = f'{{{{ printf "%.{kpi.decimals}f" .Values.{step}.Value }}}}'
    value = f"{{{{ if .Values }}}}{printed}{{{{ else }}}}?{{{{ end }}}}"
    return {
        # Grafana's own names, which give the alert its links to board and panel.
        "__dashboardUid__": uid,
        "__panelId__": str(panel_of(rule)),
        "summary": _filled(rule.summary.vi, rule, value),
        "summary_en": _filled(rule.summary.en, rule, value),
        "description": _described(rule, kpi, Language.VI),
        "description_en": _described(rule, kpi, Language.EN),
        "value": value,
        "unit": words.written_unit(kpi.unit, Language.VI, kpi.unit_vi),
        "target": _target(kpi, Language.VI),
        "runbook_url": f"/d/{uid}?viewPanel={panel_id(RUNBOOK)}",
    }


def _filled(summary: str, rule: AlertRule, value: str) -> str:
    """`{value}` and `{area}` as Grafana's templates. The dot reads what `$labels` does, and needs no `$`."""
    parts = summary.replace("{value}", value)
    for tag in (*PLACES, *rule.by):
        parts = parts.replace(f"{{{tag}}}", f"{{{{ .Labels.{tag} }}}}")
    return parts


def _described(rule: AlertRule, kpi: Kpi, language: Language) -> str:
    unit = words.written_unit(kpi.unit, language, kpi.unit_vi)
    about = language.say(kpi.about)
    ends = rule.threshold if rule.recovers_at is None else rule.recovers_at
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


def _target(kpi: Kpi, language: Language) -> str:
    if kpi.target is None:
        return language.say(words.NO_TARGET)
    sign = "≥" if kpi.target.good == "above" else "≤"
    return f"{sign} {kpi.target.value:g} {words.written_unit(kpi.unit, language, kpi.unit_vi)}"
