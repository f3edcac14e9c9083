"""What is wrong with a pack's alert rules, beyond what their types refuse."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING, Final

from city.language import Language
from city.rules.file import decode
from dashboards.alerting import EVERY_S, grouping
from dashboards.provisioned import runbook_of
from dashboards.rule_tests import cases

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from city.domain import AlertRule, RuleBook

_LINK: Final = re.compile(r"/d/([\w-]+)\?viewPanel=(\d+)")
_UID: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
"""What Grafana takes as a uid."""

_KIND: Final = re.compile(
    r"\b(?:phường|xã|khu vực|ward|commune|zone)s? \{(?:area|zone)\}|\{(?:area|zone)\} (?:ward|commune|zone)"
)
"""A kind before or after a place's name, which is told with it: `phường Hoàn Kiếm`, `the Hoan Kiem zone`."""


def lint(book: RuleBook) -> list[str]:
    """Every fault of the book's rules, a line each."""
    return [f"{book.name}: rule {rule.name}: {fault}" for rule in book.rules for fault in _faults(rule, book)]


def broken_links(files: Mapping[str, str]) -> list[str]:
    """Every link of a compiled rule that leads to no panel of the boards beside it: to its own, or to its runbook.

    Args:
        files: what is provisioned, by path.
    """
    boards = [json.loads(text) for path, text in files.items() if path.startswith(f"boards/{Language.VI}/")]
    panels = {(board["uid"], panel["id"]) for board in boards for panel in board["panels"]}
    faults = []
    for rule in (rule for group in decode(files["alerting/rules.yaml"]).groups for rule in group.rules):
        runbook = _LINK.fullmatch(rule.annotations.get("runbook_url", ""))
        if (rule.dashboardUid, rule.panelId) not in panels:
            faults.append(f"{rule.uid}: links to panel {rule.panelId} of {rule.dashboardUid}, which is not there")
        if runbook is None or (runbook[1], int(runbook[2])) not in panels:
            faults.append(f"{rule.uid}: its runbook's link leads nowhere")
    return faults


def _faults(rule: AlertRule, book: RuleBook) -> Iterator[str]:
    if not _UID.fullmatch(rule.name):
        yield "Grafana's uids are 1 to 40 letters, digits, _ and -"
    yield from _time_faults(rule)
    yield from _threshold_faults(rule)
    yield from _text_faults(rule, book)
    own = [case for case in cases(book) if case.rule == rule.name]
    if not any(case.fires for case in own):
        yield "no case in alerts_test.yaml where it fires"
    if all(case.fires for case in own):
        yield "no case in alerts_test.yaml where it does not fire"


def _time_faults(rule: AlertRule) -> Iterator[str]:
    for name in ("for_s", "keep_firing_s", "over_s"):
        if getattr(rule, name) % EVERY_S:
            yield f"{name} is {getattr(rule, name)}: not a multiple of {EVERY_S} s, at which rules are evaluated"
    if rule.over_s <= 0:
        yield "over_s must look at some time"


def _threshold_faults(rule: AlertRule) -> Iterator[str]:
    if rule.recovers_at is None:
        return
    inside = rule.recovers_at < rule.threshold if rule.fires == "below" else rule.recovers_at > rule.threshold
    if inside:
        yield f"it fires {rule.fires} {rule.threshold:g} and recovers at {rule.recovers_at:g}, where it would fire"


def _text_faults(rule: AlertRule, book: RuleBook) -> Iterator[str]:
    known = {"value", *grouping(rule), *(("normal",) if rule.unusual else ())}
    for language in Language:
        for what, text in (("title", language.say(rule.title)), ("summary", language.say(rule.summary))):
            if not text.strip():
                yield f"no {what} in {language}"
            if _KIND.search(text):
                yield f"the {what} in {language} says what kind of place it is; its name says so already"
            if text != unicodedata.normalize("NFC", text):
                yield f"the {what} in {language} is not NFC"
            if unknown := sorted(set(re.findall(r"\{(\w*)\}", text)) - known):
                yield f"the {what} in {language} names {{{unknown[0]}}}; it knows {', '.join(sorted(known))}"
        if f"`{rule.name}`" not in runbook_of(book, language):
            yield f"no section in runbook.{language}.md names `{rule.name}`"
