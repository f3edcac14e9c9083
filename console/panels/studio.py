"""What panels show, made once for all who look at the same board, choice and range."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from city.errors import DataError
from console.boards import interpolate, variables
from console.boards.answers import Answers
from console.boards.courses import Courses
from console.boards.document import CustomVariable, Panel
from console.boards.evaluation import evaluated
from console.boards.questions import of_board, of_panel, questions
from console.boards.shared import Shared
from console.boards.units import Writing
from console.draw.drawing import draw
from console.draw.pictures import Look

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from console.boards.answers import Ask, Series
    from console.boards.document import Board, QueryVariable
    from console.boards.frames import Frame
    from console.boards.interpolate import Chosen
    from console.boards.library import Library
    from console.boards.questions import Asked
    from console.boards.variables import Choice
    from console.draw.pictures import Picture

CHOICES_EVERY_MS: Final = 60_000
"""How old the values of a variable may be."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One board as somebody chose to see it.

    Attributes:
        chosen: by variable, in the board's order.
        start, end: as Grafana writes them.
        every_ms: how often it asks again; 0: once.
    """

    uid: str
    chosen: tuple[tuple[str, Chosen], ...]
    start: str
    end: str
    every_ms: int
    dark: bool


@dataclass(frozen=True, slots=True)
class Sight:
    """One panel of a scene."""

    scene: Scene
    panel: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a panel shows, and what it is made of."""

    picture: Picture
    frames: tuple[Frame, ...]
    look: Look


class Studio:
    """All boards of a city.

    Args:
        shelf: what is provisioned.
        ask: asks the store.
        clock_s: seconds since 1970.
    """

    def __init__(self, shelf: Library, ask: Ask, clock_s: Callable[[], float]) -> None:
        self.shelf = shelf
        self.answers = Answers(ask)
        self._courses = Courses(self._get)
        self.pictures: Shared[Sight, Drawn] = Shared(self._drawn, lambda sight: sight.scene.every_ms, clock_s)
        self._clock_s = clock_s

    def board(self, name: str, language: str) -> Board | None:
        """The board of that name, or of that uid in any language, in this language."""
        return self.shelf.boards.get(f"{name}-{language}") or self.shelf.other(name, language)

    async def choices(self, board: Board, asked: Mapping[str, Sequence[str]]) -> dict[str, Choice]:
        """What every variable offers and what of it is chosen, each after those that it depends on.

        Raises:
            CityopsError: the store does not say what it has.
        """
        moment = int(self._clock_s() * 1_000) // CHOICES_EVERY_MS
        made: dict[str, Choice] = {}
        for variable in board.variables:
            if isinstance(variable, CustomVariable):
                options = variables.named_options(variable)
            else:
                chosen = {name: choice.chosen for name, choice in made.items()}
                options = variables.found_options(variable, await self._values(variable, chosen, moment))
            made[variable.name] = variables.choose(variable, options, asked.get(variable.name))
        return made

    async def _values(self, variable: QueryVariable, chosen: Mapping[str, Chosen], moment: int) -> list[str]:
        source = self.shelf.sources.get(variable.datasource.uid)
        if source is None:
            raise DataError(f"no data source is called {variable.datasource.uid}")
        text = interpolate.question(variable.query, chosen)
        series = await self.answers.get(source.database, text, moment)
        return [str(row[-1]) for one in series for row in one["values"]]

    async def _get(self, asked: Asked, text: str, moment: int) -> Series:
        return await self.answers.get(asked.database, text, moment, asked.every_ms / 1_000)

    async def _drawn(self, sight: Sight, moment: int) -> Drawn:
        """What a panel shows at that moment; a shared fault of the store is one for all that asked."""
        scene = sight.scene
        board = self.shelf.boards[scene.uid]
        panel = board.panel(sight.panel)
        assert isinstance(panel, Panel)
        chosen = dict(scene.chosen)
        span = of_board(board, scene.start, scene.end)
        asked = questions(panel, self.shelf.sources, chosen, span)
        series = await asyncio.gather(*(self._courses.answer(one, one.moment(moment)) for one in asked.values()))
        frames = evaluated(panel, dict(zip(asked, series, strict=True)))
        look = Look(
            writing=writing_of(board),
            dark=scene.dark,
            moment=of_panel(span, panel).at(moment),
            chosen=chosen,
            time_range=f"from={interpolate.quoted(scene.start)}&to={interpolate.quoted(scene.end)}",
        )
        return Drawn(draw(panel, frames, look), frames, look)


def writing_of(board: Board) -> Writing:
    """How a board's numbers are written: in the language of its uid."""
    return Writing(board.uid.rpartition("-")[2], board.timezone)
