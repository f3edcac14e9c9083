from __future__ import annotations

import gzip
import io
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from city.errors import CityopsError, DataError, UsageError
from producers.files import MAX_LINE_BYTES, Text, lines_of, read, written

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"", []),
        (b"\n\n \n", []),
        (b"a\nb\n", [Text(1, b"a", 1), Text(2, b"b", 1)]),
        (b"a\nb", [Text(1, b"a", 1), Text(2, b"b", 1)]),
        (b"a\r\n\r\nb\r\n", [Text(1, b"a", 1), Text(3, b"b", 1)]),
        (b"\xef\xbb\xbfa\n", [Text(1, b"\xef\xbb\xbfa", 4)]),
        (b"a\rb\n", [Text(1, b"a\rb", 3)]),
    ],
)
def test_lines_are_cut_at_newlines_and_blank_ones_left_out(content: bytes, lines: list[Text]) -> None:
    assert list(lines_of(io.BytesIO(content))) == lines


@given(st.lists(st.binary(max_size=20)), st.integers(min_value=1, max_value=7))
def test_lines_do_not_depend_on_how_the_bytes_come(parts: list[bytes], chunk: int) -> None:
    content = b"\n".join(parts)

    class Slow(io.BytesIO):
        def read1(self, size: int | None = -1) -> bytes:
            _ = size
            return super().read1(chunk)

    assert list(lines_of(Slow(content))) == list(lines_of(io.BytesIO(content)))


def test_a_line_of_a_hundred_megabytes_is_cut_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"first\n")
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(b"\nlast")
    tracemalloc.start()
    try:
        lines = list(read(path))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [(line.number, len(line.data), line.length, line.cut) for line in lines] == [
        (1, 5, 5, False),
        (2, MAX_LINE_BYTES, 100_000_000, True),
        (3, 4, 4, False),
    ]
    assert peak < 16 * 1024 * 1024


def test_a_gzip_file_cut_short_says_after_which_line(tmp_path: Path) -> None:
    path = tmp_path / "cut.jsonl.gz"
    whole = gzip.compress(b"".join(b"%032x\n" % (number * 0x9E3779B97F4A7C15) for number in range(50_000)))
    path.write_bytes(whole[: len(whole) // 2])
    given: list[int] = []
    with pytest.raises(DataError, match="is cut short, after line") as raised:
        given.extend(line.number for line in read(path))
    assert str(raised.value).startswith(f"{path}: ")


def test_a_damaged_gzip_file_is_a_data_error(tmp_path: Path) -> None:
    path = tmp_path / "bad.gz"
    whole = bytearray(gzip.compress(bytes(range(256)) * 100))
    whole[20:40] = b"\x00" * 20
    path.write_bytes(bytes(whole))
    with pytest.raises(DataError, match="damaged"):
        list(read(path))


def test_a_missing_file_and_a_folder_are_usage_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such file"):
        list(read(tmp_path / "nope"))
    with pytest.raises(UsageError, match="is a folder"):
        list(read(tmp_path))


def test_a_file_that_may_not_be_read_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(tmp_path), "open", refuse)
    with pytest.raises(CityopsError, match="cannot be read: Permission denied"):
        list(read(tmp_path / "x"))


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz"])
def test_what_is_written_is_read_back_and_the_same_bytes_make_the_same_file(tmp_path: Path, name: str) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        with written(tmp_path / folder / name) as out:
            out.writelines([b"a\n", b"b\n"])
    assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert [line.data for line in read(tmp_path / "one" / name)] == [b"a", b"b"]


def test_nothing_half_written_is_left_and_what_was_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_bytes(b"before")
    with pytest.raises(TypeError), written(path) as out:
        out.writelines([b"half", "no bytes"])  # type: ignore[list-item] # what goes wrong in the middle
    assert path.read_bytes() == b"before"
    assert [file.name for file in tmp_path.iterdir()] == ["out.jsonl"]


def test_a_full_disk_is_one_clear_line_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gzip, "GzipFile", _full)
    path = tmp_path / "out.jsonl.gz"
    with pytest.raises(CityopsError, match=r"out\.jsonl\.gz: cannot be written: No space left"), written(path):
        pass
    assert list(tmp_path.iterdir()) == []


def _full(**_: object) -> object:
    raise OSError(28, "No space left on device")


def test_a_path_in_no_folder_or_that_is_one_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no folder"), written(tmp_path / "no" / "x"):
        pass
    with pytest.raises(UsageError, match="is a folder"), written(tmp_path):
        pass
