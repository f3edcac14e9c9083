"""The machine's own Chromium, without a screen, and when a page of the console has what it asked for."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from playwright.sync_api import sync_playwright

from city.errors import CityopsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

WAITS_FOR_NOTHING: Final = """[...document.querySelectorAll(".waiting")].every(
  (one) => !one.checkVisibility() || one.getBoundingClientRect().top > innerHeight)"""
"""JavaScript: nothing in sight of this page waits for the store any more."""

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_QUIET: Final = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, closed afterwards.

    Raises:
        CityopsError: this machine has none.
    """
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        raise CityopsError("no Chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*_QUIET])
        try:
            yield browser
        finally:
            browser.close()
