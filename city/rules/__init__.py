"""A compiled alert rule + series + state + now → state, as Grafana documents it; the only place that decides this.

`file` is the provisioning format, `expression` and `evaluation` turn answers into verdicts, `state` into alerts.
"""

from city.rules.evaluation import Answer, Failure, Labels, Points, labels_of
from city.rules.file import AlertingFile, Group, Rule, decode, encode
from city.rules.state import Alert, Change, RuleState, State, advance

__all__ = [
    "Alert",
    "AlertingFile",
    "Answer",
    "Change",
    "Failure",
    "Group",
    "Labels",
    "Points",
    "Rule",
    "RuleState",
    "State",
    "advance",
    "decode",
    "encode",
    "labels_of",
]
