"""One thing in Grafana, of each kind: how it is read, written and removed by the documented API.

https://grafana.com/docs/grafana/latest/developers/http_api/
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboards.publishing.client import Grafana

Json = dict[str, Any]

_ALERTING: Final = "/v1/provisioning"
_OWN: Final = frozenset(
    {"id", "version", "updated", "provenance", "createdBy", "updatedBy", "created", "orgID", "orgId"}
)
"""What Grafana writes into things by itself: no difference that anybody made."""


_SECRET: Final = frozenset({"authorization_credentials", "password", "bottoken"})
_REDACTED: Final = "[REDACTED]"


def digest(value: object) -> str:
    """A short text that differs where the values do."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Resource:
    """Something that is wanted in Grafana.

    Attributes:
        name: its id, among those of its kind.
        wanted: what it should be, as the API is sent it; empty for one that is only to be removed.
    """

    name: str
    wanted: Json
    kind = ""

    @property
    def key(self) -> str:
        """Names it among all."""
        return f"{self.kind} {self.name}"

    @property
    def title(self) -> str:
        """What a person knows it by."""
        return str(self.wanted.get("title") or self.wanted.get("name") or self.name)

    def read(self, grafana: Grafana) -> Json | None:
        """What is there under its id, as the API answers; None where nothing is."""
        return self._read(grafana)

    def write(self, grafana: Grafana, found: Json | None) -> None:
        """Make it what is wanted. `found` is what `read` said."""
        self._write(grafana, found)

    def remove(self, grafana: Grafana) -> None:
        """Remove it."""
        self._remove(grafana)

    def shown(self, found: Json) -> Json:
        """The part of an answer that people can change."""
        return self._shown(found)

    def compared(self) -> Json:
        """What is wanted, to be shown beside that; secrets as Grafana shows them."""
        cleaned: Json = _without(self.wanted, _OWN)
        return cleaned

    def _read(self, grafana: Grafana) -> Json | None:
        raise NotImplementedError

    def _write(self, grafana: Grafana, found: Json | None) -> None:
        raise NotImplementedError

    def _remove(self, grafana: Grafana) -> None:
        raise NotImplementedError

    def _shown(self, found: Json) -> Json:
        cleaned: Json = _without(found, _OWN)
        return cleaned

    @property
    def _id(self) -> str:
        return quote(self.name, safe="")


@dataclass(frozen=True)
class DataSource(Resource):
    """A data source by uid. Its secrets can be written and not read."""

    kind = "data source"
    _VISIBLE = ("name", "uid", "type", "access", "url", "jsonData")

    def _read(self, grafana: Grafana) -> Json | None:
        found: Json | None = grafana.find(f"/datasources/uid/{self._id}")
        return found

    def _write(self, grafana: Grafana, found: Json | None) -> None:
        if found is None:
            grafana.post("/datasources", self.wanted)
        else:
            grafana.put(f"/datasources/uid/{self._id}", self.wanted | {"version": found.get("version", 0)})

    def _remove(self, grafana: Grafana) -> None:
        grafana.delete(f"/datasources/uid/{self._id}")

    def _shown(self, found: Json) -> Json:
        return {name: found.get(name) for name in self._VISIBLE}

    def compared(self) -> Json:
        """Without its token."""
        return self._shown(self.wanted)


@dataclass(frozen=True)
class Folder(Resource):
    """A folder by uid. It is removed only when nothing is left in it."""

    kind = "folder"

    def _read(self, grafana: Grafana) -> Json | None:
        found: Json | None = grafana.find(f"/folders/{self._id}")
        return found

    def _write(self, grafana: Grafana, found: Json | None) -> None:
        if found is None:
            grafana.post("/folders", self.wanted)
        else:
            body = {"title": self.wanted["title"], "version": found.get("version")}
            grafana.put(f"/folders/{self._id}", body)

    def _remove(self, grafana: Grafana) -> None:
        if not grafana.get(f"/search?folderUIDs={self._id}"):
            grafana.delete(f"/folders/{self._id}")

    def _shown(self, found: Json) -> Json:
        return {"uid": found.get("uid"), "title": found.get("title")}

    def compared(self) -> Json:
        """What can differ."""
        return self._shown(self.wanted)


@dataclass(frozen=True)
class Board(Resource):
    """A dashboard by uid, in its folder."""

    kind = "board"
    folder: str = ""

    def _read(self, grafana: Grafana) -> Json | None:
        found: Json | None = grafana.find(f"/dashboards/uid/{self._id}")
        return found

    def _write(self, grafana: Grafana, found: Json | None) -> None:
        board = self.wanted | {"id": None}
        if found is not None:
            board["version"] = found["dashboard"].get("version")
        body = {"dashboard": board, "folderUid": self.folder, "message": "cityops dashboards publish"}
        grafana.post("/dashboards/db", body | {"overwrite": False})

    def _remove(self, grafana: Grafana) -> None:
        grafana.delete(f"/dashboards/uid/{self._id}")

    def _shown(self, found: Json) -> Json:
        board = found.get("dashboard", {})
        # Only its own id and version: panels have ids that people's links depend on.
        return {name: value for name, value in board.items() if name not in {"id", "version"}}

    def compared(self) -> Json:
        """The board."""
        return self._shown({"dashboard": self.wanted})


@dataclass(frozen=True)
class MuteTiming(Resource):
    """A mute timing by name."""

    kind = "mute timing"

    def _read(self, grafana: Grafana) -> Json | None:
        found: Json | None = grafana.find(f"{_ALERTING}/mute-timings/{self._id}")
        return found

    def _write(self, grafana: Grafana, found: Json | None) -> None:
        if found is None:
            grafana.post(f"{_ALERTING}/mute-timings", self.wanted)
        else:
            body = self.wanted | {"version": found.get("version", "")}
            grafana.put(f"{_ALERTING}/mute-timings/{self._id}", body)

    def _remove(self, grafana: Grafana) -> None:
        grafana.delete(f"{_ALERTING}/mute-timings/{self._id}")


@dataclass(frozen=True)
class Templates(Resource):
    """A group of message templates by name."""

    kind = "templates"

    def _read(self, grafana: Grafana) -> Json | None:
        found: Json | None = grafana.find(f"{_ALERTING}/templates/{self._id}")
        return found

    def _write(self, grafana: Grafana, found: Json | None) -> None:
        body = {"template": self.wanted["template"], "version": found.get("version", "") if found else ""}
        grafana.put(f"{_ALERTING}/templates/{self._id}", body)

    def _remove(self, grafana: Grafana) -> None:
        grafana.delete(f"{_ALERTING}/templates/{self._id}")

    def _shown(self, found: Json) -> Json:
        return {"name": found.get("name"), "template": str(found.get("template", "")).strip()}


@dataclass(frozen=True)
class ContactPoint(Resource):
    """A receiver by uid. Grafana answers `[REDACTED]` for its secrets."""

    kind = "contact point"

    def _read(self, grafana: Grafana) -> Json | None:
        name = quote(str(self.wanted.get("name", self.name)), safe="")
        points = grafana.get(f"{_ALERTING}/contact-points?name={name}") or []
        return next((point for point in points if point["uid"] == self.name), None)

    def _write(self, grafana: Grafana, found: Json | None) -> None:
        if found is None:
            grafana.post(f"{_ALERTING}/contact-points", self.wanted)
        else:
            grafana.put(f"{_ALERTING}/contact-points/{self._id}", self.wanted)

    def _remove(self, grafana: Grafana) -> None:
        grafana.delete(f"{_ALERTING}/contact-points/{self._id}")

    def compared(self) -> Json:
        """Without its secrets."""
        settings = {
            name: _REDACTED if name in _SECRET else value for name, value in self.wanted.get("settings", {}).items()
        }
        return self.wanted | {"settings": settings}


@dataclass(frozen=True)
class Policy(Resource):
    """Our branch of the one tree of policies: the route that takes the alerts of our folder. The rest is not ours."""

    kind = "policy"

    @property
    def _marks(self) -> list[Any]:
        # A folder below another is called by its whole path; people may have a folder of that name too, and rules in
        # it, but hardly with our label.
        return [["domain", "=~", ".+"], ["grafana_folder", "=~", f"(.+/)?{self.name}"]]

    def _read(self, grafana: Grafana) -> Json | None:
        tree = grafana.get(f"{_ALERTING}/policies") or {}
        return next((route for route in tree.get("routes") or [] if self._is_ours(route)), None)

    def _write(self, grafana: Grafana, _found: Json | None) -> None:
        self._replace(grafana, [self.wanted | {"object_matchers": self._marks}])

    def _remove(self, grafana: Grafana) -> None:
        self._replace(grafana, [])

    def _replace(self, grafana: Grafana, ours: list[Json]) -> None:
        tree = grafana.get(f"{_ALERTING}/policies")
        others = [route for route in tree.get("routes") or [] if not self._is_ours(route)]
        if ours or len(others) < len(tree.get("routes") or []):
            body = {name: value for name, value in tree.items() if name != "provenance"}
            grafana.put(f"{_ALERTING}/policies", body | {"routes": [*ours, *others]})

    def _is_ours(self, route: Mapping[str, Any]) -> bool:
        return sorted(list(one) for one in route.get("object_matchers") or []) == self._marks


@dataclass(frozen=True)
class RuleGroup(Resource):
    """A group of alert rules by name, in its folder."""

    kind = "rule group"
    folder: str = ""

    @property
    def _path(self) -> str:
        return f"{_ALERTING}/folder/{quote(self.folder, safe='')}/rule-groups/{self._id}"

    def _read(self, grafana: Grafana) -> Json | None:
        found: Json | None = grafana.find(self._path)
        return found if found and found.get("rules") else None

    def _write(self, grafana: Grafana, _found: Json | None) -> None:
        grafana.put(self._path, self.wanted)

    def _remove(self, grafana: Grafana) -> None:
        grafana.delete(self._path)


def _without(value: Any, names: frozenset[str]) -> Any:
    match value:
        case dict():
            return {name: _without(part, names) for name, part in value.items() if name not in names}
        case list():
            return [_without(part, names) for part in value]
        case _:
            return value
