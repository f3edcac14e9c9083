"""Files of events on disk: read and written as streams, plain or gzip, in bounded memory, whole or not at all.

gzip is told by its first bytes when reading and by the name's ending when writing; `-` is standard input or output.
"""

from __future__ import annotations

import errno
import gzip
import os
import sys
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final, NamedTuple, cast

from city.errors import CityopsError, DataError, UsageError

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator
    from pathlib import Path

MAX_LINE_BYTES: Final = 2 * 1024 * 1024
"""A longer line is cut here. No event is near it, and a record that long no broker takes."""

_CHUNK: Final = 256 * 1024
_MAGIC: Final = b"\x1f\x8b"
_REFUSED: Final = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Text(NamedTuple):
    """One line as the file has it, without its end.

    Attributes:
        number: counted from 1, blank lines included.
        data: the bytes, at most `MAX_LINE_BYTES` of them.
        length: how many bytes the line really has.
    """

    number: int
    data: bytes
    length: int

    @property
    def cut(self) -> bool:
        """Whether `data` is only the beginning."""
        return self.length > len(self.data)


def read(path: Path) -> Iterator[Text]:
    """The lines of a file that are not blank. A last line needs no newline; CR before LF is dropped.

    Raises:
        UsageError: there is no such file, or it is a folder.
        CityopsError: it may not be read.
        DataError: its gzip is cut short or damaged; all lines before that have been given.
    """
    with opened(path) as stream:
        at = 0
        try:
            for text in lines_of(stream):
                at = text.number
                yield text
        except EOFError:
            raise DataError(f"{path}: the gzip file is cut short, after line {at}: get it again") from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise DataError(f"{path}: the gzip file is damaged after line {at} ({error}): get it again") from error
        except OSError as error:
            raise CityopsError(f"{path}: cannot be read: {error.strerror or error}") from error


@contextmanager
def opened(path: Path) -> Iterator[io.BufferedIOBase]:
    """The bytes of a file, unpacked where it is gzip.

    Raises:
        UsageError: there is no such file, or it is a folder.
        CityopsError: it may not be read.
    """
    if str(path) == "-":
        with _unpacked(cast("io.BufferedReader", sys.stdin.buffer)) as stream:
            yield stream
        return
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise UsageError(f"{path}: is a folder, not a file of events") from None
    except OSError as error:
        raise CityopsError(f"{path}: cannot be read: {error.strerror}") from error
    with file, _unpacked(file) as stream:
        yield stream


@contextmanager
def _unpacked(stream: io.BufferedReader) -> Iterator[io.BufferedIOBase]:
    if stream.peek(2)[:2] == _MAGIC:
        with gzip.GzipFile(fileobj=stream, mode="rb") as unpacked:
            yield unpacked
    else:
        yield stream


def lines_of(stream: io.BufferedIOBase) -> Iterator[Text]:
    """Cut a stream at its newlines, holding no more than `MAX_LINE_BYTES` of a line."""
    number, kept, length = 1, b"", 0
    while chunk := stream.read1(_CHUNK):
        *whole, rest = chunk.split(b"\n")
        for piece in whole:
            if text := _line(number, (kept + piece)[:MAX_LINE_BYTES], length + len(piece)):
                yield text
            number, kept, length = number + 1, b"", 0
        kept, length = (kept + rest)[:MAX_LINE_BYTES], length + len(rest)
    if text := _line(number, kept, length):
        yield text


def _line(number: int, data: bytes, length: int) -> Text | None:
    if length == len(data) and data.endswith(b"\r"):
        data, length = data[:-1], length - 1
    return Text(number, data, length) if data.strip() else None


@contextmanager
def written(path: Path) -> Iterator[IO[bytes]]:
    """Write a file whole or not at all: it gets its name when the block ends well, and replaces one of that name.

    The same bytes make the same file: gzip carries no time and no name.

    Raises:
        UsageError: the path is a folder, or lies in none.
        CityopsError: it cannot be written.
    """
    if str(path) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if path.is_dir():
        raise UsageError(f"{path}: is a folder; name a file to write")
    if path.parent.is_file():
        raise UsageError(f"{path}: {path.parent} is a file, not a folder")
    # A device or a pipe has no draft beside it.
    draft = None if path.exists() and not path.is_file() else path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with (draft or path).open("wb") as file, _packed(file, path) as stream:
            yield stream
        if draft is not None:
            draft.replace(path)
    except FileNotFoundError as error:
        if error.filename != str(draft):
            raise
        raise UsageError(f"{path}: there is no folder {path.parent}") from None
    except OSError as error:
        if error.errno not in _REFUSED:
            raise
        raise CityopsError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        if draft is not None:
            draft.unlink(missing_ok=True)


@contextmanager
def _packed(file: IO[bytes], path: Path) -> Iterator[IO[bytes]]:
    if path.suffix != ".gz":
        yield file
        return
    with gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=6, mtime=0) as packed:
        yield cast("IO[bytes]", packed)
