"""One round: every rule evaluated, what changed told."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from city.rules import advance, labels_of
from city.rules.file import seconds
from city.rules.notice import Notice, labels_told
from embedded.alerting.memory import Told
from embedded.alerting.outbox import groups, line
from embedded.alerting.questions import Round, questions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from city.rules import Alert, AlertingFile, Change, Group, Labels, Rule
    from embedded.alerting.memory import Memory
    from embedded.alerting.outbox import Outbox
    from embedded.alerting.questions import Asker

NS: Final = 1_000_000_000
Key = tuple[str, "Labels"]
"""A rule's uid and the labels of one of its series."""

_log = logging.getLogger("embedded.alerting")


@dataclass
class Watch:
    """Evaluates the rules of a file, round by round.

    Attributes:
        file: the compiled rules.
        ask: asks the store.
        memory: the alerts, and what people know of them.
        outbox: posts.
        say: hears a line for each alert that begins or ends.
    """

    file: AlertingFile
    ask: Asker
    memory: Memory
    outbox: Outbox
    say: Callable[[str], None]
    _fault: str = field(default="", init=False)

    def __post_init__(self) -> None:
        pairs = [(group, rule) for group in self.file.groups for rule in group.rules if not rule.isPaused]
        self._rules = {rule.uid: (group, rule, questions(rule)) for group, rule in pairs}

    @property
    def rules(self) -> dict[str, Rule]:
        """By uid."""
        return {uid: rule for uid, (_, rule, _) in self._rules.items()}

    @property
    def firing(self) -> int:
        """How many alerts people are told of."""
        return sum(alert.state.fires for state in self.memory.states.values() for alert in state.values())

    def standing(self) -> tuple[Notice, ...]:
        """What fires, as it would be told."""
        return tuple(self._begun(key, alert) for key, alert in self._firing())

    def round(self, now_ns: int) -> None:
        """Evaluate every rule at `now_ns`, a whole number of seconds, and tell what changed."""
        asked = Round(self.ask)
        for uid, (group, rule, wanted) in self._rules.items():
            answers = asked.answers(wanted, now_ns // NS)
            before = self.memory.states.get(uid, {})
            self.memory.states[uid], changes = advance(rule, answers, before, now_ns, seconds(group.interval))
            for change in changes:
                self._say(group, rule, change)
        self._post(now_ns)

    def _say(self, group: Group, rule: Rule, change: Change) -> None:
        fired = change.before is not None and change.before.fires
        if fired == change.alert.state.fires:
            return
        ended_ns = change.alert.since_ns if fired else None
        labels = labels_told(rule, group.folder, change.labels)
        self.say(line(Notice(rule, labels, change.alert.values, change.alert.since_ns, ended_ns)))

    # ------------------------------------------------------------------------------------------------ posting

    def _post(self, now_ns: int) -> None:
        """Post what people do not know yet. Only what arrived is told, so the rest is tried at the next round."""
        firing = dict(self._firing())
        news = {key: self._begun(key, alert) for key, alert in firing.items() if key not in self.memory.told}
        over = {key: self._ended(told, now_ns) for key, told in self.memory.told.items() if key not in firing}
        waiting = groups(notice for notice in (news | over).values() if notice is not None)
        still = {key: self._begun(key, firing[key]) for key in firing.keys() & self.memory.told.keys()}
        for notice in still.values():
            if notice.group in waiting:
                waiting[notice.group].append(notice)
        arrived = {id(group) for group in self.outbox.send(waiting.values())}
        self._report_fault()
        told = {group for group, notices in waiting.items() if id(notices) in arrived}
        for key, notice in news.items():
            if notice.group in told:
                self.memory.told[key] = Told(key[0], dict(key[1]), notice.started_ns, dict(notice.values))
        for key, ended in over.items():
            if ended is None or ended.group in told:
                del self.memory.told[key]

    def _firing(self) -> Iterator[tuple[Key, Alert]]:
        for uid, state in self.memory.states.items():
            yield from (((uid, labels), alert) for labels, alert in state.items() if alert.state.fires)

    def _begun(self, key: Key, alert: Alert) -> Notice:
        group, rule, _ = self._rules[key[0]]
        told = self.memory.told.get(key)
        started_ns = alert.since_ns if told is None else told.started_ns
        return Notice(rule, labels_told(rule, group.folder, key[1]), alert.values, started_ns)

    def _ended(self, told: Told, now_ns: int) -> Notice | None:
        """None where the rule is gone: nobody can say any more what it meant."""
        if told.rule not in self._rules:
            return None
        group, rule, _ = self._rules[told.rule]
        labels = labels_told(rule, group.folder, labels_of(told.labels))
        return Notice(rule, labels, told.values, told.started_ns, now_ns)

    def _report_fault(self) -> None:
        if self.outbox.fault != self._fault:
            self._fault = self.outbox.fault
            if self._fault:
                _log.warning("%s; tried again every round", self._fault)
            else:
                _log.info("the webhook takes alerts again")
