"""`/replay`: start a scenario or a recorded file, see it happen, stop it. On the embedded set-up only."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from nicegui import html, ui

from city.errors import CityopsError
from console.elements import Words
from console.numbers import ago
from console.replay.offers import SPEEDS, offers
from console.replay.words import operators_words

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from nicegui.events import GenericEventArguments

    from console.replay.player import Playing
    from console.view import View


def replay_page(view: View) -> None:
    """The page."""
    html.p(view.say("replay.about")).classes("quiet")
    if not view.desk.player.possible():
        html.p(view.say("replay.impossible")).classes("empty")
        return
    _Replay(view)


class _Replay:
    def __init__(self, view: View) -> None:
        self._view = view
        self._chosen = {"file": "", "speed": SPEEDS[0]}
        offered = offers(view.desk.catalogue, view.desk.settings.replay_dir)
        self._scenarios = offered.scenarios
        self._state = Words("p", classes="notice-plain").props("role=status")
        self._said = Words("p", classes="quiet").props("role=status")
        self._refused = ""
        self._refused_while: Playing | None = None
        with html.div().classes("choose"):
            self._stop = ui.element("button").props("type=button").classes("plain").on("click", self._end)
            with self._stop:
                html.span(view.say("replay.stop"))
            html.a(view.say("replay.watch"), href=view.link("/wall"))
        html.h2(view.say("replay.scenarios"))
        html.p(view.say("replay.mixed")).classes("quiet")
        with html.ul().classes("offers"):
            for name, texts in offered.scenarios.items():
                with html.li():
                    html.h3(self._called(name))
                    for text in texts:
                        html.p(_sentence(view.of(text)))
                    html.p(view.say("replay.named", name=name)).classes("quiet")
                    label = view.say("replay.play", name=self._called(name))
                    self._button(view.say("replay.start"), self._play_scenario, name, label)
        html.h2(view.say("replay.files"))
        if not offered.files:
            html.p(view.say("replay.no_files")).classes("empty")
        else:
            with html.div().classes("choose"):
                self._select("file", view.say("replay.file"), {name: name for name in offered.files})
                self._select(
                    "speed", view.say("replay.speed"), {one: view.say(f"replay.speed_{one}") for one in SPEEDS}
                )
                self._button(view.say("replay.start"), self._play_file, "")
        self._show()
        ui.timer(1.0, self._show, immediate=False)

    def _button(self, text: str, play: Callable[[str], Awaitable[None]], name: str, label: str = "") -> None:
        """A button; `label` is what a screen reader says where the text alone would not tell it from others."""

        async def start() -> None:
            try:
                await play(name)
            except CityopsError as error:
                self._refused, self._refused_while = self._told(str(error)), self._view.desk.player.now
            else:
                self._refused = ""
            self._show()

        with ui.element("button").props("type=button").classes("plain").on("click", start) as button:
            html.span(text)
        if label:
            button.props["aria-label"] = label

    def _select(self, key: str, label: str, options: Mapping[str, str]) -> None:
        self._chosen[key] = next(iter(options))
        with html.label():
            html.span(label)
            with html.select() as select:
                for value, text in options.items():
                    html.option(text, value=value)

        def choose(event: GenericEventArguments) -> None:
            self._chosen[key] = str(event.args)

        select.on("change", choose, js_handler="(event) => emit(event.target.value)")

    async def _play_scenario(self, name: str) -> None:
        view = self._view
        await view.desk.player.play_scenario(name, offers(view.desk.catalogue, None))

    async def _play_file(self, _: str) -> None:
        view = self._view
        offered = offers(view.desk.catalogue, view.desk.settings.replay_dir)
        await view.desk.player.play_file(self._chosen["file"], self._chosen["speed"], offered)

    async def _end(self) -> None:
        await self._view.desk.player.stop()
        self._refused = ""
        self._show()

    def _show(self) -> None:
        now = self._view.desk.player.now
        self._state.say(self._words(now))
        if now is not self._refused_while:
            self._refused = ""
        self._said.say(self._refused or (self._told(now.said, over=now.ended is not None) if now else ""))
        self._stop.set_visibility(now is not None and now.ended is None)

    def _told(self, line: str, *, over: bool = False) -> str:
        """What the command or the player said, in the page's language."""
        return operators_words(line, self._view.language, self._view.desk.catalogue.city, over=over)

    def _called(self, name: str) -> str:
        """What operators call a scenario: how what is told of it begins; of a file, its name."""
        texts = [self._view.of(text) for text in self._scenarios.get(name, ())]
        begun = dict.fromkeys(text.partition(":")[0] for text in texts if ":" in text)
        return " · ".join(begun) or name

    def _words(self, now: Playing | None) -> str:
        view = self._view
        if now is None:
            return view.say("replay.nothing")
        if now.ended is None:
            lasted = ago((time.time_ns() - now.since_ns) / 1e9, view.language)
            return view.say("replay.playing", name=self._called(now.name), time=lasted)
        if now.stopped:
            return view.say("replay.stopped", name=self._called(now.name))
        return view.say("replay.failed" if now.ended else "replay.done", name=self._called(now.name))


def _sentence(text: str) -> str:
    """What follows the name that a text begins with."""
    _, _, rest = text.partition(": ")
    return rest[:1].upper() + rest[1:] or text
