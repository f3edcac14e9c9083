from __future__ import annotations

import stat
import subprocess
from typing import TYPE_CHECKING

import pytest

from city.errors import CityopsError
from infra.secret_files import FOLDER, NAMES, make

if TYPE_CHECKING:
    from pathlib import Path


def test_each_secret_is_made_once_and_is_its_own(tmp_path: Path) -> None:
    first = make(tmp_path / "secrets")
    texts = [path.read_text() for path in first]
    second = make(tmp_path / "secrets")

    assert [path.name for path in first] == list(NAMES)
    assert set(first.values()) == {True}
    assert set(second.values()) == {False}
    assert [path.read_text() for path in second] == texts
    assert len(set(texts)) == len(NAMES)
    assert all(len(text) >= 32 and text == text.strip() for text in texts)
    assert sorted(path.name for path in (tmp_path / "secrets").iterdir()) == sorted(NAMES)


def test_a_secret_of_ones_own_is_kept(tmp_path: Path) -> None:
    (tmp_path / "influx-token").write_text("mine\n")
    assert make(tmp_path)[tmp_path / "influx-token"] is False
    assert (tmp_path / "influx-token").read_text() == "mine\n"


def test_the_folder_is_its_owners_alone_and_containers_can_read_the_files(tmp_path: Path) -> None:
    made = make(tmp_path / "secrets")
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o444}


def test_a_folder_open_to_all_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    make(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


def test_an_empty_secret_is_refused(tmp_path: Path) -> None:
    (tmp_path / "grafana-secret-key").write_text("\n")
    with pytest.raises(CityopsError, match=r"grafana-secret-key is empty: delete it"):
        make(tmp_path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CityopsError, match=r"no secrets can be made in .*/file/secrets: Not a directory"):
        make(tmp_path / "file" / "secrets")


def test_git_ignores_them() -> None:
    root = FOLDER.parent.parent
    if not (root / ".git").exists():
        pytest.skip("not a git checkout")
    paths = [str(FOLDER / name) for name in NAMES]
    said = subprocess.run(["git", "check-ignore", *paths], cwd=root, check=False, capture_output=True, text=True)
    assert said.stdout.splitlines() == paths
