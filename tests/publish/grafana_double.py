"""A Grafana as its documented HTTP API describes it: paths, required fields, status codes, versions, permissions.

It refuses what Grafana refuses, and more: a field that no schema names. The state is plain dictionaries, so that a
test can play the people who change things by hand.
https://grafana.com/docs/grafana/latest/developers/http_api/
"""

from __future__ import annotations

import copy
import json
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.publish import schemas

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

TOKEN = "glsa_test"
Reply = tuple[int, Any]


class Refused(Exception):  # noqa: N818 - an answer, not a fault of the double
    def __init__(self, code: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.reply: Reply = (code, {"message": message, **more})


@dataclass
class State:
    """What this Grafana holds."""

    version: str = "12.4.1"
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    folders: dict[str, dict[str, Any]] = field(default_factory=dict)
    boards: dict[str, dict[str, Any]] = field(default_factory=dict)
    mutes: dict[str, dict[str, Any]] = field(default_factory=dict)
    templates: dict[str, dict[str, Any]] = field(default_factory=dict)
    points: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {"first": {"uid": "first", "name": "grafana-default-email", "type": "email"}}
    )
    policies: dict[str, Any] = field(
        default_factory=lambda: {"receiver": "grafana-default-email", "group_by": ["grafana_folder", "alertname"]}
    )
    groups: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    denied: list[str] = field(default_factory=list)
    """Regular expressions over `METHOD path` that the token may not."""
    broken: list[tuple[str, int, str, bytes]] = field(default_factory=list)
    """What goes wrong: expression over `METHOD path`, status, content type, body."""
    asked: list[str] = field(default_factory=list)

    @property
    def written(self) -> list[str]:
        return [one for one in self.asked if not one.startswith("GET ")]

    def holds(self) -> dict[str, Any]:
        """All but what is counted up at each write."""
        names = ("sources", "folders", "boards", "mutes", "templates", "points", "policies", "groups")
        return copy.deepcopy({name: getattr(self, name) for name in names})


def need(condition: object, code: int, message: str, **more: Any) -> None:
    if not condition:
        raise Refused(code, message, **more)


class Api:
    """The routes."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._routes: list[tuple[str, str, Callable[..., Reply]]] = [
            ("GET", "/health", self.health),
            ("GET", "/datasources/uid/(.+)", lambda uid: self._get(state.sources, uid, "Data source not found")),
            ("POST", "/datasources", self.post_source),
            ("PUT", "/datasources/uid/(.+)", self.put_source),
            ("DELETE", "/datasources/uid/(.+)", lambda uid: self._delete(state.sources, uid, 200)),
            ("GET", "/folders/([^/]+)", lambda uid: self._get(state.folders, uid, "folder not found")),
            ("POST", "/folders", self.post_folder),
            ("PUT", "/folders/([^/]+)", self.put_folder),
            ("DELETE", "/folders/([^/]+)", self.delete_folder),
            ("GET", "/search", self.search),
            ("GET", "/dashboards/uid/(.+)", lambda uid: self._get(state.boards, uid, "Dashboard not found")),
            ("POST", "/dashboards/db", self.post_board),
            ("DELETE", "/dashboards/uid/(.+)", lambda uid: self._delete(state.boards, uid, 200)),
            ("GET", "/v1/provisioning/mute-timings/(.+)", lambda name: self._get(state.mutes, name, "not found")),
            ("POST", "/v1/provisioning/mute-timings", self.post_mute),
            ("PUT", "/v1/provisioning/mute-timings/(.+)", self.put_mute),
            ("DELETE", "/v1/provisioning/mute-timings/(.+)", self.delete_mute),
            ("GET", "/v1/provisioning/templates/(.+)", lambda name: self._get(state.templates, name, "not found")),
            ("PUT", "/v1/provisioning/templates/(.+)", self.put_template),
            ("DELETE", "/v1/provisioning/templates/(.+)", lambda name: self._delete(state.templates, name, 204)),
            ("GET", "/v1/provisioning/contact-points", self.get_points),
            ("POST", "/v1/provisioning/contact-points", self.post_point),
            ("PUT", "/v1/provisioning/contact-points/(.+)", self.put_point),
            ("DELETE", "/v1/provisioning/contact-points/(.+)", self.delete_point),
            ("GET", "/v1/provisioning/policies", lambda: (200, state.policies)),
            ("PUT", "/v1/provisioning/policies", self.put_policies),
            ("GET", "/v1/provisioning/folder/([^/]+)/rule-groups/([^/]+)", self.get_group),
            ("PUT", "/v1/provisioning/folder/([^/]+)/rule-groups/([^/]+)", self.put_group),
            ("DELETE", "/v1/provisioning/folder/([^/]+)/rule-groups/([^/]+)", self.delete_group),
        ]

    def answer(self, method: str, target: str, token: str, body: Any) -> Reply:
        where = urlsplit(target)
        path = where.path.removeprefix("/api")
        for wanted, pattern, route in self._routes:
            found = re.fullmatch(pattern, path)
            if wanted == method and found:
                if path != "/health":
                    need(token == f"Bearer {TOKEN}", 401, "Invalid API key")
                    denied = any(re.search(one, f"{method} {path}") for one in self.state.denied)
                    need(not denied, 403, "You'll need additional permissions to perform this action.")
                parts = [unquote(part) for part in found.groups()]
                query = {name: values[0] for name, values in parse_qs(where.query).items()}
                takes_query = path in {"/search", "/v1/provisioning/contact-points"} and method == "GET"
                more = [query] if takes_query else [body] if method in {"POST", "PUT"} else []
                return route(*parts, *more)
        return 404, {"message": "Not found"}

    def health(self) -> Reply:
        return 200, {"database": "ok", "version": self.state.version, "commit": "0"}

    # ------------------------------------------------------------------------------------- sources and folders

    def post_source(self, body: dict[str, Any]) -> Reply:
        schemas.check(schemas.SOURCE, body)
        taken = any(body["name"] == one["name"] or body.get("uid") == uid for uid, one in self.state.sources.items())
        need(not taken, 409, "data source with the same name already exists")
        self._keep_source(body, 1)
        return 200, {"id": 1, "message": "Datasource added", "name": body["name"]}

    def put_source(self, uid: str, body: dict[str, Any]) -> Reply:
        schemas.check(schemas.SOURCE, body)
        there = self._there(self.state.sources, uid)
        need(not there.get("readOnly"), 403, "Cannot update read-only data source")
        need(body.get("version", there["version"]) == there["version"], 409, "Datasource has already been updated")
        self._keep_source(body, there["version"] + 1)
        return 200, {"message": "Datasource updated"}

    def _keep_source(self, body: dict[str, Any], version: int) -> None:
        visible = {name: value for name, value in body.items() if name != "secureJsonData"}
        secret = dict.fromkeys(body.get("secureJsonData", {}), True)
        self.state.sources[body["uid"]] = {**visible, "id": 7, "version": version, "secureJsonFields": secret}

    def post_folder(self, body: dict[str, Any]) -> Reply:
        schemas.check(schemas.FOLDER, body)
        need(body["uid"] not in self.state.folders, 409, "a folder with the same uid already exists")
        need(not body.get("parentUid") or body["parentUid"] in self.state.folders, 400, "parent folder not found")
        self.state.folders[body["uid"]] = {**body, "id": 3, "version": 1}
        return 200, self.state.folders[body["uid"]]

    def put_folder(self, uid: str, body: dict[str, Any]) -> Reply:
        schemas.check(schemas.FOLDER_CHANGE, body)
        there = self._there(self.state.folders, uid)
        need(
            body.get("overwrite") or body.get("version") == there["version"],
            412,
            "The folder has been changed by someone else",
            status="version-mismatch",
        )
        there |= {"title": body["title"], "version": there["version"] + 1}
        return 200, there

    def delete_folder(self, uid: str) -> Reply:
        self._there(self.state.folders, uid)
        need(not any(folder == uid for folder, _ in self.state.groups), 400, "folder contains alert rules")
        for board in [name for name, one in self.state.boards.items() if one["meta"]["folderUid"] == uid]:
            del self.state.boards[board]
        del self.state.folders[uid]
        return 200, {"message": "Folder deleted"}

    def search(self, query: dict[str, str]) -> Reply:
        wanted = query.get("folderUIDs")
        found = [{"uid": uid} for uid, one in self.state.boards.items() if one["meta"]["folderUid"] == wanted]
        return 200, found + [{"uid": uid} for uid, one in self.state.folders.items() if one.get("parentUid") == wanted]

    def post_board(self, body: dict[str, Any]) -> Reply:
        schemas.check(schemas.BOARD, body)
        board = body["dashboard"]
        need(board.get("title"), 400, "Dashboard title cannot be empty")
        need(re.fullmatch(r"[A-Za-z0-9_-]{1,40}", board["uid"]), 400, "uid contains illegal characters")
        need(body["folderUid"] in self.state.folders, 400, "folder not found")
        there = self.state.boards.get(board["uid"])
        version = 0
        if there:
            need(not there["meta"].get("provisioned"), 400, "Cannot save provisioned dashboard")
            version = there["dashboard"]["version"]
            need(
                body["overwrite"] or board.get("version") == version,
                412,
                "The dashboard has been changed by someone else",
                status="version-mismatch",
            )
        kept = {**copy.deepcopy(board), "id": 11, "version": version + 1}
        self.state.boards[board["uid"]] = {"dashboard": kept, "meta": {"folderUid": body["folderUid"]}}
        return 200, {"uid": board["uid"], "status": "success", "version": version + 1}

    # ------------------------------------------------------------------------------------------------ alerting

    def post_mute(self, body: dict[str, Any]) -> Reply:
        schemas.check(schemas.MUTE, body)
        need(body["name"] not in self.state.mutes, 409, "Time interval with this name already exists")
        self.state.mutes[body["name"]] = {**body, "version": "v1", "provenance": "api"}
        return 201, self.state.mutes[body["name"]]

    def put_mute(self, name: str, body: dict[str, Any]) -> Reply:
        schemas.check(schemas.MUTE, body)
        there = self._there(self.state.mutes, name)
        need(body.get("version", "") in {"", there["version"]}, 409, "Provided version of resource is out of date")
        self.state.mutes[name] = {**body, "version": there["version"] + "1", "provenance": "api"}
        return 202, self.state.mutes[name]

    def delete_mute(self, name: str) -> Reply:
        used = json.dumps(self.state.policies)
        need(f'"{name}"' not in used, 409, "Time interval is used")
        return self._delete(self.state.mutes, name, 204)

    def put_template(self, name: str, body: dict[str, Any]) -> Reply:
        schemas.check(schemas.TEMPLATE, body)
        there = self.state.templates.get(name)
        version = there["version"] if there else ""
        need(body.get("version", "") == version or not there, 409, "Provided version of resource is out of date")
        self.state.templates[name] = {"name": name, "template": body["template"], "version": version + "1"}
        return 202, self.state.templates[name]

    def get_points(self, query: dict[str, str]) -> Reply:
        points = [one for one in self.state.points.values() if query.get("name") in {None, one["name"]}]
        return 200, [schemas.redacted(one) for one in points]

    def post_point(self, body: dict[str, Any]) -> Reply:
        schemas.check_point(body)
        need(body["uid"] not in self.state.points, 409, "contact point with this uid exists")
        self.state.points[body["uid"]] = {**body, "provenance": "api"}
        return 202, schemas.redacted(body)

    def put_point(self, uid: str, body: dict[str, Any]) -> Reply:
        schemas.check_point(body)
        need(self._there(self.state.points, uid).get("provenance") != "file", 409, "cannot change provenance")
        self.state.points[uid] = {**body, "provenance": "api"}
        return 202, {"message": "contactpoint updated"}

    def delete_point(self, uid: str) -> Reply:
        name = self._there(self.state.points, uid)["name"]
        need(f'"receiver": "{name}"' not in json.dumps(self.state.policies), 409, "contact point is currently used")
        return self._delete(self.state.points, uid, 202)

    def put_policies(self, body: dict[str, Any]) -> Reply:
        names = {one["name"] for one in self.state.points.values()}
        schemas.check_route(body, names, set(self.state.mutes))
        need(self.state.policies.get("provenance") != "file", 409, "cannot change provenance from 'file' to 'api'")
        self.state.policies = {**body, "provenance": "api"}
        return 202, {"message": "policies updated"}

    def get_group(self, folder: str, group: str) -> Reply:
        return self._get(self.state.groups, (folder, group), "rule group not found")

    def put_group(self, folder: str, group: str, body: dict[str, Any]) -> Reply:
        need(folder in self.state.folders, 404, "folder not found")
        schemas.check_group(body, folder, group)
        elsewhere = {
            rule["uid"] for place, one in self.state.groups.items() if place != (folder, group) for rule in one["rules"]
        }
        need(not elsewhere & {rule["uid"] for rule in body["rules"]}, 409, "a rule with this uid exists already")
        added = {"updated": "2026-11-22T00:00:00Z", "provenance": "api"}
        rules = [{**rule, **added, "id": number} for number, rule in enumerate(body["rules"])]
        self.state.groups[folder, group] = {**body, "rules": rules}
        return 200, self.state.groups[folder, group]

    def delete_group(self, folder: str, group: str) -> Reply:
        return self._delete(self.state.groups, (folder, group), 204)

    # -------------------------------------------------------------------------------------------------- common

    def _there(self, kept: dict[Any, dict[str, Any]], key: Any) -> dict[str, Any]:
        need(key in kept, 404, "not found")
        return kept[key]

    def _get(self, kept: dict[Any, dict[str, Any]], key: Any, message: str) -> Reply:
        need(key in kept, 404, message)
        return 200, kept[key]

    def _delete(self, kept: dict[Any, dict[str, Any]], key: Any, status: int) -> Reply:
        self._there(kept, key)
        del kept[key]
        return status, None if status == 204 else {"message": "deleted"}


@contextmanager
def grafana_double(state: State, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve it, behind TLS where there is a certificate; its address."""
    api = Api(state)

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            path = urlsplit(self.path).path.removeprefix("/api")
            state.asked.append(f"{self.command} {path}")
            length = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(length)
            for pattern, status, kind, content in state.broken:
                if re.search(pattern, f"{self.command} {path}"):
                    self._reply(status, content, kind)
                    return
            try:
                if raw:
                    need(self.headers.get("Content-Type") == "application/json", 415, "not JSON")
                body = json.loads(raw) if raw else None
                status, answer = api.answer(self.command, self.path, self.headers.get("Authorization", ""), body)
            except Refused as refused:
                status, answer = refused.reply
            self._reply(status, b"" if answer is None else json.dumps(answer).encode(), "application/json")

        do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - the base's names

        def _reply(self, status: int, content: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
