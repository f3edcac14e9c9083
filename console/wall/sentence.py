"""The city in one sentence, for people who stand five metres away and ask: must I do something?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from city.instant import NS
from city.standing import State
from console.numbers import clock, place
from console.texts import say

if TYPE_CHECKING:
    from city.geography import City
    from city.language import Language
    from console.alerts.firing import Firing
    from console.wall.situation import Situation

MOST_PLACES: Final = 3
MOST_MATTERS: Final = 2


def sentence(now: Situation, city: City, language: Language) -> tuple[State, str]:
    """How grave it is, and what to say; the worst first. What cannot be seen is never called well."""
    if now.away_ns:
        return State.BLIND, say(language, "wall.away", since=clock(now.away_ns, city, now.at_ns))
    if not now.domains:
        return State.BLIND, say(language, "wall.first")
    firing = now.alerts.firing if now.alerts else ()
    # What fires because it cannot see is told as such below, once; not as the trouble it watches for.
    parts = [*_counts(firing, language), *_matters(firing, city, language), *_blindness(now, city, language)]
    if parts:
        critical = any(one.severity == "critical" for one in firing)
        level = State.ALARM if critical else State.ATTENTION if firing else State.BLIND
        return level, _sentence(parts)
    off = sum(state is not State.GOOD for state in now.places.values())
    if off:
        return State.ATTENTION, say(language, "wall.off", n=off, of=len(now.places))
    if not now.places:
        return State.BLIND, say(language, "wall.first")
    return State.GOOD, say(language, "wall.well")


def _counts(firing: tuple[Firing, ...], language: Language) -> list[str]:
    critical = sum(one.severity == "critical" for one in firing)
    if critical:
        return [say(language, "wall.critical" if critical != 1 else "wall.one_critical", n=critical)]
    return [say(language, "wall.alerts" if len(firing) != 1 else "wall.one_alert", n=len(firing))] if firing else []


def _matters(firing: tuple[Firing, ...], city: City, language: Language) -> list[str]:
    """What it is about: the gravest rules that fire, each with its places."""
    by_rule: dict[str, list[Firing]] = {}
    for one in firing:
        by_rule.setdefault(one.rule, []).append(one)
    told = []
    for group in [*by_rule.values()][:MOST_MATTERS]:
        title = language.say(group[0].title)
        if group[0].fault:
            told.append(say(language, "wall.rule_blind", rule=title))
            continue
        places = [*dict.fromkeys(place(city, language, one.area, one.zone) for one in group if one.area or one.zone)]
        shown = ", ".join(places[:MOST_PLACES])
        if len(places) > MOST_PLACES:
            shown = say(language, "wall.and_more", places=shown, n=len(places) - MOST_PLACES)
        told.append(say(language, "wall.matter_at", matter=_small(title), places=shown) if shown else _small(title))
    return told


def _blindness(now: Situation, city: City, language: Language) -> list[str]:
    blind = [language.say(one.domain.title).lower() for one in now.domains if one.blind]
    told = [say(language, "wall.blind", domains=", ".join(blind))] if blind else []
    if now.places and now.places_old:
        told.append(say(language, "wall.places_old"))
    if now.alerts is None or not now.alerts.overdue:
        return told
    since = now.alerts.told_ns
    if not since:
        return [*told, say(language, "wall.never_judged")]
    return [*told, say(language, "wall.not_judged", since=clock(since, city, now.at_ns // NS * NS))]


def _small(title: str) -> str:
    """A title within a sentence."""
    return title[:1].lower() + title[1:]


def _sentence(parts: list[str]) -> str:
    whole = " · ".join(parts)
    return whole[:1].upper() + whole[1:]
