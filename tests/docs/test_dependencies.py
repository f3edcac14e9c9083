"""The table of dependencies is that of pyproject.toml, and its licences are what the packages say."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs/reference/dependencies.md").read_text(encoding="utf-8")
DECLARED = {
    "At run time": PROJECT["project"]["dependencies"],
    "For development": PROJECT["dependency-groups"]["dev"],
}
FAMILIES = ("Apache", "BSD", "GPL", "LGPL", "MIT", "MPL", "Python Software Foundation")


def table(heading: str) -> list[tuple[str, str, str]]:
    """Package, licence and purpose of each line under a heading."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| ")]
    return [(package.strip(), licence.strip(), purpose.strip()) for package, licence, purpose in rows[1:]]


ROWS = [row for heading in DECLARED for row in table(heading)]


@pytest.mark.parametrize("heading", DECLARED)
def test_the_table_has_every_dependency_and_no_other_in_order(heading: str) -> None:
    names = sorted(re.split(r"[<>=!~;\[ ]", requirement)[0] for requirement in DECLARED[heading])
    assert [package for package, _, _ in table(heading)] == names


def test_every_dependency_says_what_it_does_for_us() -> None:
    assert [package for package, _, purpose in ROWS if len(purpose) < 10] == []


@pytest.mark.parametrize(("package", "licence"), [(package, licence) for package, licence, _ in ROWS])
def test_the_licence_is_of_the_family_the_package_says(package: str, licence: str) -> None:
    found = metadata.metadata(package).json
    classifiers = " ".join(found.get("classifier", ())).replace("Lesser General Public License", "LGPL")
    stated = f"{found.get('license_expression', '')} {str(found.get('license', ''))[:60]} {classifiers}"
    texts = (file.read_text() for file in metadata.files(package) or () if "LICENSE" in file.name.upper())
    stated += "".join(text.lstrip()[:60] for text in texts)
    families = {family for family in FAMILIES if family in licence}
    assert families
    assert all(family in stated for family in families), stated
