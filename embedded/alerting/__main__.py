"""`python -m embedded.alerting`: the alert rules of a running city, configured by settings alone."""

from __future__ import annotations

import importlib.util
import logging
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from city import rules
from city.errors import UsageError
from city.rules.notice import FIRING_FILE, standing
from embedded.alerting.memory import FILE, keep, recall
from embedded.alerting.outbox import Outbox, deliver
from embedded.alerting.questions import store_asker
from embedded.alerting.watch import NS, Watch
from runtime.connect import find_store
from runtime.part import announce, run, start, told_to_stop, write_json

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from runtime.settings import Settings

EVERY_S: Final = 10
WARM_UP_S: Final = 60
"""A city that has just started has closed no window yet: until then, no data is no news."""

LINES: Final = "alerts.log"
"""Where a line is added for each alert that begins or ends; `up` shows it."""

_log = logging.getLogger("embedded.alerting")


def compiled_rules() -> Path:
    """The rules that Grafana is provisioned with. The room is found, not imported: its builders are heavy."""
    room = importlib.util.find_spec("dashboards")
    assert room is not None
    assert room.submodule_search_locations is not None
    return Path(room.submodule_search_locations[0]) / "provisioned" / "alerting" / "rules.yaml"


def watch(settings: Settings, say: Callable[[str], None]) -> Watch:
    """A watch over the settings' store, which remembers what the one before knew.

    Raises:
        UsageError: the rules' file cannot be read.
        DataError: it is not of Grafana's format.
    """
    path = settings.alert_rules or compiled_rules()
    try:
        file = rules.decode(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"the alert rules {path}: {error.strerror}") from error
    by_uid = {rule.uid: rule for group in file.groups for rule in group.rules}
    return Watch(
        file,
        store_asker(find_store(settings)),
        recall(settings.data_dir / FILE, by_uid),
        Outbox(settings.alert_webhook_url(), partial(deliver, token=settings.alert_webhook_token())),
        say,
    )


def watch_forever(settings: Settings, stop: threading.Event) -> None:
    """A round at every whole ten seconds, as Grafana's scheduler ticks, until `stop`."""
    lines = settings.data_dir / "logs" / LINES

    def say(text: str) -> None:
        _log.info("%s", text)
        with lines.open("a", encoding="utf-8") as file:
            file.write(f"{text}\n")

    lines.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = watch(settings, say)
    announce(settings, "alerting", rules=len(made.rules))
    _log.info("%d rules, first evaluated in %d s", len(made.rules), WARM_UP_S)
    stop.wait(WARM_UP_S)
    while not stop.wait(EVERY_S - time.time() % EVERY_S):
        now_s = int(time.time()) // EVERY_S * EVERY_S
        made.round(now_s * NS)
        try:
            keep(settings.data_dir / FILE, made.memory, made.rules)
            write_json(settings.data_dir / FIRING_FILE, standing(made.standing(), now_s * NS))
        except OSError as error:
            _log.warning("what fires could not be written, and would be told again after a restart: %s", error)


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    watch_forever(start(), told_to_stop())


if __name__ == "__main__":
    run(main)
