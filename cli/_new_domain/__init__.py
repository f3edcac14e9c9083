"""Makes a domain that runs at once, out of the templates beside this file."""

from __future__ import annotations

import importlib
import itertools
import keyword
import re
import shutil
import tempfile
import unicodedata
from importlib import resources
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Final

import city.domains
from city import catalogue
from city.errors import CityopsError, UsageError
from city.event import encode
from city.instant import NS, nanoseconds
from cli._pack_check import ORDINARY, faults_of
from producers.simulators import find, together

if TYPE_CHECKING:
    from city.catalogue import Catalogue
    from city.domain import Text

FOLDER: Final = Path(city.domains.__file__).parent
_SUFFIX: Final = ".tmpl"
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LONGEST: Final = 20
"""With what follows it, a rule's name is still a uid that Grafana takes (40 characters)."""

_LONGEST_TITLE: Final = 40

_TAKEN: Final = frozenset({"clock", "late", "operations", "pipeline", "rejected", "sources"})
"""Names of topics, types and measurements that are not a domain's."""

_SAMPLE_FROM: Final = nanoseconds("2026-11-23T10:30:00Z")
_SAMPLE_LINES: Final = 12


def make(name: str, title: Text) -> list[Path]:
    """Write the folder of a domain and check it; the files, in order.

    Raises:
        UsageError: the name cannot be a domain's, or is one already.
        CityopsError: what was made would not hold; nothing stays.
    """
    if not (FOLDER.parents[1] / "pyproject.toml").is_file():
        raise CityopsError("a domain is made in a checkout of the project, and this is an installed one")
    packs = catalogue.load()
    refuse(name, title, packs)
    target = FOLDER / name
    draft = Path(tempfile.mkdtemp(prefix=".new-", dir=FOLDER))
    try:
        _fill(draft, name, title, packs)
        draft.chmod(0o755)
        draft.rename(target)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise CityopsError(f"cannot write {target}: {error.strerror}") from error
    try:
        importlib.invalidate_caches()
        _check(name)
    except BaseException:
        shutil.rmtree(target)
        raise
    return sorted(path for path in target.rglob("*") if path.is_file() and path.suffix != ".pyc")


def refuse(name: str, title: Text, packs: Catalogue) -> None:
    """Refuse a name that cannot be a domain's.

    Raises:
        UsageError: says why, and what a name may be.
    """
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise UsageError(
            f"{name!r} can be no domain's name: up to {_LONGEST} lower-case letters and digits, words joined by _, as "
            "in parking or air_quality"
        )
    if name in _TAKEN or keyword.iskeyword(name):
        raise UsageError(f"{name!r} has a meaning of its own: choose another name")
    if name in packs.by_name or (FOLDER / name).exists():
        raise UsageError(f"the domain {name!r} exists: {FOLDER / name}")
    for text in (title.vi, title.en):
        if not text.strip() or len(text) > _LONGEST_TITLE or not text.isprintable() or set(text) & set('"\\{}$`'):
            raise UsageError(f"{text!r} is no title: up to {_LONGEST_TITLE} characters, no quotes, braces and $")


def _fill(draft: Path, name: str, title: Text, packs: Catalogue) -> None:
    area, other, *_ = packs.city.units
    words = {
        "name": name,
        "slug": name.replace("_", "-"),
        "vi": unicodedata.normalize("NFC", title.vi),
        "en": title.en,
        "area": area,
        "other": other,
    }
    for template in sorted((resources.files(__name__) / "templates").iterdir(), key=lambda file: file.name):
        if template.name.endswith(_SUFFIX):
            text = Template(template.read_text(encoding="utf-8")).substitute(words)
            (draft / template.name.removesuffix(_SUFFIX)).write_text(text, encoding="utf-8", newline="\n")


def _check(name: str) -> None:
    """Load all packs with the new one among them, write its sample, and look at its files."""
    packs = catalogue.load()
    domain = packs.domain(name)
    heard = together(find([domain], packs.city), 2026, _SAMPLE_FROM, _SAMPLE_FROM + 60 * NS, events_per_s=2)
    sample = FOLDER / name / "samples" / ORDINARY
    sample.parent.mkdir()
    sample.write_bytes(b"".join(encode(event) + b"\n" for _, _, event in itertools.islice(heard, _SAMPLE_LINES)))
    if faults := list(faults_of(domain, packs.city)):
        raise CityopsError(f"the domain {name} does not hold: {'; '.join(faults)}")
