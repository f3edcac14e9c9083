"""What a command said, for operators: the lines of `./cityops replay` and `simulate --live` in the page's language.

The commands speak English, for they are a developer's. Here stands every line that somebody at this page can bring
about; a test holds them against the commands themselves. Any other line is shown as it is, and called English.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from city.instant import nanoseconds
from city.language import Language
from console.numbers import local, number
from console.texts import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from city.geography import City

_INSTANT: Final = r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)"
_PATH: Final = r"(?:.*/)?(?P<name>[^/]+)"

_SAID: Final = {
    # What the page itself refuses.
    "said.not_offered": r"that is not offered",
    "said.busy": r".+ is playing: stop it first",
    "said.not_started": r"(?P<name>.+) cannot be played: .*",
    # The file.
    "said.no_file": rf"{_PATH}: there is no such file",
    "said.folder": rf"{_PATH}: is a folder, not a file of events",
    "said.unreadable": rf"{_PATH}: cannot be read: .*",
    "said.cut": rf"{_PATH}: the gzip file is cut short, after line (?P<line>\d+): .*",
    "said.damaged": rf"{_PATH}: the gzip file is damaged after line (?P<line>\d+) .*",
    "said.no_events": r"there is nothing to replay: .*",
    "said.strangers": rf"{_PATH}: holds records of (?P<topics>.+), which no domain speaks in",
    # The city.
    "said.no_city": r"no city runs on .*",
    "said.not_ready": r"the \w+ of the city on .* is not ready: .*",
    "said.clock": rf"the city's clock stands at (?P<clock>{_INSTANT}) and the file would begin at "
    rf"(?P<begin>{_INSTANT}): .*",
    "said.no_broker": r"no Kafka answers at .*|the log at .* (?:cannot be read: .*|stopped answering)|"
    r"there is no topic .*",
    "said.unstored": r"(?P<n>\d+) records were not stored: .*",
    "said.slow": r".*the broker is slow or away: (?P<n>\d+) records wait, .*",
    "said.again": r".*; trying again|.*the producer's session is lost .*",
    "said.speed": r"--speed (?P<speed>.+): a number, .*",
    "said.fault": r"a fault of cityops itself: .*",
    # How it goes.
    "said.read": r"read: (?P<n>\d+) lines.*",
    "said.closing": r"replay: \d+ of \d+ lines, closing, .*",
    "said.at": rf"replay: (?P<n>\d+) of (?P<of>\d+) lines, (?P<at>{_INSTANT})",
    "said.shifted": rf"replay: shifted to (?P<begin>{_INSTANT}) – (?P<end>{_INSTANT}), .*",
    "said.waits": r"replay: begins in (?P<n>\d+) s, .*",
    "said.disorder": r"replay: (?P<n>\d+) lines were heard earlier .*",
    "said.replayed": r"replayed (?P<n>[\d,]+) events and (?P<unusable>[\d,]+) unusable lines",
    "said.live": r".* (?P<rate>[\d.e+]+) events/s from .*",
    "said.lived": r".* stopped after (?P<n>\d+) events, (?P<lost>\d+) of them not stored",
}
_GOING: Final = frozenset({f"said.{key}" for key in ("read", "closing", "at", "shifted", "waits", "disorder", "live")})
_NUMBERS: Final = frozenset({"n", "of", "line", "unusable", "lost"})
_INSTANTS: Final = frozenset({"at", "begin", "end", "clock"})


def operators_words(line: str, language: Language, city: City, *, over: bool = False) -> str:
    """The line in the page's language; where nobody knows it, as it is, and in Vietnamese called English.

    Args:
        line: the last that was said.
        language: the page's.
        city: whose clock its instants are told by.
        over: nothing plays any more: how far it had come is no news then.
    """
    for key, pattern in _SAID.items():
        if found := re.fullmatch(pattern, line, re.DOTALL):
            if over and key in _GOING:
                return ""
            shown = _shown(language, city)
            return say(language, key, **{name: shown(name, text) for name, text in found.groupdict().items()})
    return say(language, "said.other", line=line) if line and language is Language.VI else line


def _shown(language: Language, city: City) -> Callable[[str, str], str]:
    def shown(name: str, text: str) -> str:
        if name in _NUMBERS:
            return number(int(text.replace(",", "")), language)
        if name in _INSTANTS:
            return local(nanoseconds(text), city).strftime("%H:%M:%S %d/%m/%Y")
        return text

    return shown
