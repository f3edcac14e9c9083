"""Photographs every page of a running console: `.venv/bin/python -m tests.console.pictures [URL]`, a minute or two.

They are written to `docs/images/<language>/`: the wall as a screen of 1920 × 1080 shows it, the others as a desk's,
some on a telephone and in the dark. Let the city run for a quarter of an hour before, so that courses have a shape.
"""

from __future__ import annotations

import io
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PIL import Image
from playwright.sync_api import TimeoutError as NeverHappenedError

from bench.browser import WAITS_FOR_NOTHING
from city import catalogue
from city.language import Language
from console.texts import prefix_of
from tests.console.town import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

URL: Final = "http://127.0.0.1:18080"
FOLDER: Final = Path(__file__).parents[2] / "docs" / "images"
SETTLED_MS: Final = 4_000
PATIENCE_MS: Final = 45_000


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture."""

    name: str
    path: str
    width: int = 1366
    height: int = 900
    dark: bool = False


def shots() -> tuple[Shot, ...]:
    """All of them; `{language}` stands for a page's own."""
    first = next(iter(catalogue.load().city.units))
    boards = (
        Shot(f"board-{domain.name}", f"/boards/{domain.name}-{{language}}") for domain in catalogue.load().domains
    )
    return (
        Shot("wall", "/wall", 1920, 1080),
        Shot("wall-dark", "/wall", 1920, 1080, dark=True),
        Shot("wall-telephone", "/wall", 360, 900),
        Shot("boards", "/boards"),
        *boards,
        Shot("map", "/map"),
        Shot("map-kpi", "/map?kpi=traffic_mean_speed&part=inner"),
        Shot("map-telephone", "/map", 360, 900, dark=True),
        Shot("areas", "/areas"),
        Shot("area", f"/areas/{first}", 1366, 1400),
        Shot("alerts", "/alerts"),
        Shot("sources", "/sources"),
        Shot("sources-telephone", "/sources", 360, 900),
        Shot("replay", "/replay"),
        Shot("help", "/help"),
    )


def main() -> None:
    """Take all pictures."""
    url = sys.argv[1] if len(sys.argv) > 1 else URL
    with chromium() as browser:
        for language in Language:
            for shot in shots():
                take(browser, url, language, shot)


def take(browser: Browser, url: str, language: Language, shot: Shot) -> None:
    """Take one, and write it."""
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height},
        color_scheme="dark" if shot.dark else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(url + prefix_of(language) + shot.path.replace("{language}", language))
    page.locator("h1").first.wait_for()
    settle(page)
    path = FOLDER / language / f"{shot.name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    image.save(path, optimize=True)
    context.close()
    sys.stdout.write(f"{path.relative_to(FOLDER.parents[1])} {path.stat().st_size // 1024} KB\n")


def settle(page: Page) -> None:
    """Wait until what was asked of the store has been answered."""
    page.wait_for_timeout(SETTLED_MS)
    with suppress(NeverHappenedError):  # a picture of a page that waits is better than none
        page.wait_for_function(WAITS_FOR_NOTHING, timeout=PATIENCE_MS)


if __name__ == "__main__":
    main()
