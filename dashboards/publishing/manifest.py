"""What was published, remembered in Grafana itself: a board that says so, for people and for the next `publish`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from city.errors import CityopsError
from dashboards.publishing.resources import Board

if TYPE_CHECKING:
    from dashboards.publishing.client import Grafana

UID: Final = "cityops-published"
_FENCE: Final = "```json\n"
_ABOUT: Final = (
    "`cityops dashboards publish` đã tạo những thứ sau và nhận ra chúng theo danh sách này; xin đừng sửa.\n\n"
    "`cityops dashboards publish` made these, and knows them by this list. Do not edit it.\n\n"
)


@dataclass(frozen=True, slots=True)
class Made:
    """One thing that we made.

    Attributes:
        source: the digest of what was wanted.
        left: the digest of what Grafana said it was, right after: people have changed it where it says something else.
        folder: where it lies.
    """

    source: str
    left: str
    folder: str = ""


@dataclass
class Manifest:
    """Key → what we made. `exists` says that the board is there."""

    made: dict[str, Made] = field(default_factory=dict)
    exists: bool = False


def read(grafana: Grafana) -> Manifest:
    """What earlier calls made.

    Raises:
        CityopsError: the list is there, and somebody has changed it so that it cannot be read.
    """
    found = Board(UID, {}).read(grafana)
    if found is None:
        return Manifest()
    try:
        text = found["dashboard"]["panels"][0]["options"]["content"].partition(_FENCE)[2].partition("\n```")[0]
        made = {key: Made(**one) for key, one in json.loads(text).items()}
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise CityopsError(
            f"the list of what was published ({grafana.url}/d/{UID}) cannot be read: restore an earlier version of "
            "that board, or delete it and publish with --force"
        ) from error
    return Manifest(made, exists=True)


def write(grafana: Grafana, manifest: Manifest, folder: str) -> None:
    """Remember."""
    board = Board(UID, _board(manifest), folder=folder)
    board.write(grafana, board.read(grafana))


def remove(grafana: Grafana) -> None:
    """Forget."""
    Board(UID, {}).remove(grafana)


def _board(manifest: Manifest) -> dict[str, Any]:
    made = {
        key: {"source": one.source, "left": one.left, "folder": one.folder}
        for key, one in sorted(manifest.made.items())
    }
    content = f"{_ABOUT}{_FENCE}{json.dumps(made, indent=1, ensure_ascii=False)}\n```\n"
    panel = {
        "id": 1,
        "type": "text",
        "title": "cityops",
        "gridPos": {"x": 0, "y": 0, "w": 24, "h": 20},
        "options": {"mode": "markdown", "content": content},
    }
    return {"uid": UID, "title": "cityops: đã xuất bản · published", "schemaVersion": 39, "panels": [panel]}
