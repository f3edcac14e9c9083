"""The library of this project, and parts of boards that tests are made of."""

import pytest

from console.boards.library import Library, library, provisioned


@pytest.fixture(scope="session")
def shelf() -> Library:
    return library(provisioned())
