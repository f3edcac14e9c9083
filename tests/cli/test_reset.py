from __future__ import annotations

from typing import TYPE_CHECKING

from embedded.premises import sole_use
from tests.cli.conftest import cityops, fails

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import StoreDouble


def test_without_a_running_city_the_store_file_goes_and_the_secrets_stay(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "secrets").mkdir(parents=True)
    for name in ("store.duckdb", "store.duckdb.wal", "secrets/store-token"):
        (data / name).write_text("x")
    result = cityops("reset", "--yes", "--data-dir", "data", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, "emptied\n")
    assert sorted(path.name for path in data.iterdir()) == ["secrets", "up.lock"]
    assert (data / "secrets" / "store-token").exists()


def test_a_city_that_is_only_starting_is_not_emptied_under_its_feet(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "store.duckdb").write_text("x")
    with sole_use(tmp_path / "data"):
        fails(cityops("reset", "--yes", "--data-dir", "data", cwd=tmp_path), 1, "already runs on data")
    assert (tmp_path / "data" / "store.duckdb").exists()


def test_nothing_is_deleted_unless_somebody_says_yes(tmp_path: Path) -> None:
    (tmp_path / ".cityops").mkdir()
    (tmp_path / ".cityops" / "store.duckdb").write_text("x")
    fails(cityops("reset", cwd=tmp_path), 2, "say --yes")
    assert (tmp_path / ".cityops" / "store.duckdb").exists()


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "logs").mkdir()
    (tmp_path / "thesis" / "chapter.tex").touch()
    fails(cityops("reset", "--yes", "--data-dir", "thesis", cwd=tmp_path), 2, "holds other things")
    fails(cityops("reset", "--yes", "--data-dir", "thesis/chapter.tex", cwd=tmp_path), 2, "it is a file")
    assert sorted(path.name for path in (tmp_path / "thesis").iterdir()) == ["chapter.tex", "logs"]


def test_a_misspelt_folder_is_not_said_to_be_emptied(tmp_path: Path) -> None:
    result = cityops("reset", "--yes", "--data-dir", "nope", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, "nothing to empty: there is no nope\n")
    assert list(tmp_path.iterdir()) == []


def test_a_store_of_the_persons_own_is_emptied_through_its_interface(store: StoreDouble, tmp_path: Path) -> None:
    result = cityops("reset", "--yes", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert store.deleted == [
        f"/api/v2/delete?org=cityops&bucket={bucket}" for bucket in ("city", "city_live", "city_rollup")
    ]


def test_a_store_that_refuses_is_one_line(store: StoreDouble, tmp_path: Path) -> None:
    store.status = 500
    fails(cityops("reset", "--yes", cwd=tmp_path), 1, "keeps bucket city: it answers 500")
