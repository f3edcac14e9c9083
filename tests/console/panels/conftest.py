"""The browser and the town of the pages' tests: boards are pages like the others."""

from tests.console.test_pages_in_a_browser import browser, faults, page, town

__all__ = ["browser", "faults", "page", "town"]
