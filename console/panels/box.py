"""One panel of a board: title, what it means, menu, body, and what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nicegui import html, ui

from console.draw.pictures import Alerts
from console.draw.tables import Headings, twin, written
from console.elements import Words
from console.faults import fault_words
from console.panels.bodies import Body
from console.panels.seen import Seen
from console.panels.studio import Sight

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.boards.document import Panel
    from console.boards.shared import State
    from console.draw.pictures import Picture, Table
    from console.panels.studio import Drawn, Scene, Studio
    from console.view import View

_SPACED: Final = re.compile(r"(?<=[≤≥\d]) (?=\S)")
"""Between a sign, a number and its unit no line breaks."""
_BYTE_ORDER_MARK: Final = "\ufeff"
"""By which spreadsheets know UTF-8."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What all panels of a page share.

    Attributes:
        studio: makes what they show.
        scene: as whom they are seen, on a dark ground or a light one.
        address: a link of Grafana's → one of the console's.
    """

    view: View
    studio: Studio
    scene: Callable[[bool], Scene]
    address: Callable[[str], str]


class Box:
    """A panel on a page; it asks only while it can be seen.

    Args:
        stage: what it shares with others.
        panel: what it is.
        alone: title and address of this panel alone, or of the whole board where it is alone already.
        heading: its tag, `h2` or `h3`.
    """

    def __init__(self, stage: Stage, panel: Panel, alone: tuple[str, str], heading: str) -> None:
        view, self._stage, self._panel = stage.view, stage, panel
        self._view = view
        self._stop: Callable[[], None] | None = None
        self._drawn: Drawn | None = None
        self._shown: Picture | None = None
        self._as_table = False
        self._dark = False
        self._in_sight = False
        with Seen(self._seen) as self.root:
            self.root.classes(f"panel of-{type(panel.options).__name__.lower()}")
            with html.header().classes("panel-top"):
                Words(heading, _SPACED.sub("\u00a0", panel.title), "panel-title")
                if panel.description:
                    self._about(panel.description)
                self._menu(alone)
            self._trouble = Words("p", "", "panel-trouble").props("role=status")
            self._body = Body(view, panel.title, stage.address)
            self._wait = Words("p", view.say("boards.loading"), "nothing waiting")

    def stop(self) -> None:
        """Ask no more."""
        if self._stop is not None:
            self._stop()
            self._stop = None

    def go_on(self) -> None:
        """Ask again, if it can be seen."""
        if self._in_sight and self._stop is None:
            sight = Sight(self._stage.scene(self._dark), self._panel.id)
            self._stop = self._stage.studio.pictures.watch(sight, self._tell)

    def _seen(self, in_sight: bool, dark: bool) -> None:  # noqa: FBT001 - what the browser says
        self._in_sight, self._dark = in_sight, dark
        if in_sight:
            self.go_on()
        else:
            self.stop()

    def _tell(self, state: State[Drawn]) -> None:
        if self.root.is_deleted:
            self.stop()
            return
        self._trouble.say(self._said(state))
        if state.value is not None:
            self._drawn = state.value
            self._show()
        elif state.fault:
            self._wait.set_visibility(visible=False)

    def _said(self, state: State[Drawn]) -> str:
        """What is wrong, and how old what is shown has become."""
        if not state.fault:
            return ""
        if state.value is None:
            return self._view.say("boards.trouble", fault=fault_words(self._view, state.fault))
        at = state.value.look.writing.clock(state.at_ms).strftime("%H:%M:%S")
        return self._view.say("boards.trouble_old", fault=fault_words(self._view, state.fault), at=at)

    def _show(self) -> None:
        assert self._drawn is not None
        picture = self._twin(self._drawn) if self._as_table else self._drawn.picture
        if picture != self._shown or isinstance(picture, Alerts):
            self._shown = picture
            self._wait.set_visibility(visible=False)
            self._body.show(picture)

    def _twin(self, drawn: Drawn) -> Table:
        said = Headings(*(self._view.say(f"boards.{name}") for name in ("time", "series", "value")))
        return twin(self._panel, drawn.frames, drawn.look, said)

    def _about(self, text: str) -> None:
        """What the panel means, for those who ask."""
        with html.details().classes("about"):
            html.summary("i", **{"aria-label": self._view.say("boards.about", panel=self._panel.title)})
            html.p(text)

    def _menu(self, alone: tuple[str, str]) -> None:
        title, url = alone
        label = self._view.say("boards.menu", panel=self._panel.title)
        with html.details().classes("menu"):
            html.summary("⋮", **{"aria-label": label})
            with html.ul():
                with html.li():
                    html.a(title, href=url)
                if self._panel.targets:
                    self._button("boards.as_table", self._turn)
                    self._button("boards.csv", self._download)
                for link in self._panel.links:
                    if address := self._stage.address(link.url):
                        with html.li():
                            html.a(link.title, href=address)

    def _button(self, key: str, act: Callable[[], None]) -> None:
        with html.li():
            html.button(self._view.say(key), type="button").classes("plain").on("click", act)

    def _turn(self) -> None:
        """Table instead of picture, and back."""
        self._as_table = not self._as_table
        if self._drawn is not None:
            self._show()

    def _download(self) -> None:
        if self._drawn is not None:
            text = _BYTE_ORDER_MARK + written(self._twin(self._drawn))
            ui.download.content(text.encode(), f"{self._panel.title}.csv", "text/csv")
