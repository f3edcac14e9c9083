"""Generated files: what differs is named, building mends it, and what people wrote beside them stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from city.errors import CityopsError
from cli import _generated
from cli._generated import Generated

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"a.md": "# A\n", "events/e.json": "{}\n", "domains/d.md": "# Đ\n"}


@pytest.fixture
def made(tmp_path: Path) -> Generated:
    return Generated(tmp_path, FILES, lambda path: path.suffix in {".md", ".json"} and path.name != "by-hand.md")


def test_a_file_that_is_edited_missing_or_left_over_is_named_and_building_mends_it(
    made: Generated, tmp_path: Path
) -> None:
    assert made.write() == sorted(FILES)
    assert made.write() == []
    (tmp_path / "by-hand.md").write_text("# Mine\n", encoding="utf-8")
    assert made.drift() == []
    (tmp_path / "a.md").write_text("# Another\n", encoding="utf-8")
    (tmp_path / "events" / "old.json").write_text("{}\n", encoding="utf-8")
    (tmp_path / "domains" / "d.md").unlink()
    wrong = ["a.md", "domains/d.md", "events/old.json"]
    assert made.drift() == wrong
    assert made.write() == wrong
    assert made.drift() == []
    assert not (tmp_path / "events" / "old.json").exists()
    assert (tmp_path / "by-hand.md").exists()


def test_building_tells_what_was_written_and_removed(
    made: Generated, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made.write()
    (tmp_path / "a.md").unlink()
    (tmp_path / "old.md").touch()
    for _ in range(2):
        _generated.build(made, check=False, command="./cityops docs build", source="the code says")
    assert capsys.readouterr().out.splitlines() == [
        "wrote a.md",
        "removed old.md",
        f"3 files, 2 changed, in {tmp_path}",
        f"3 files, 0 changed, in {tmp_path}",
    ]


def test_a_check_names_the_stale_files_and_the_command_and_writes_nothing(
    made: Generated, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CityopsError) as failed:
        _generated.build(made, check=True, command="./cityops docs build", source="the code says")
    names = "".join(f"\n  - {path}" for path in sorted(FILES))
    assert str(failed.value) == f"not what the code says; run `./cityops docs build`:{names}"
    assert list(tmp_path.iterdir()) == []

    made.write()
    _generated.build(made, check=True, command="./cityops docs build", source="the code says")
    assert capsys.readouterr().out == "3 files as the code says\n"
