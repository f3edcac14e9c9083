"""Every file that Grafana is provisioned with, built from the catalogue."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from city import operations
from city.boards import layouts
from city.domain import Domain
from city.language import Language
from city.rules import encode
from dashboards import words
from dashboards.alerting import alerting, books
from dashboards.boards import board, board_json
from dashboards.influx import TYPE
from dashboards.names import DATA_SOURCES, LIVE
from dashboards.notifying import notifying

if TYPE_CHECKING:
    from city.catalogue import Catalogue
    from city.domain import RuleBook

FOLDER: Final = Path(__file__).parent / "provisioned"
"""Where the files lie in the project; Compose mounts them as they stand."""

_URL: Final = "http://influxdb:8086"
"""InfluxDB as Compose calls it."""

_MOUNTED: Final = "/etc/grafana/provisioning/boards"
"""Where Compose puts the boards."""

_HEAD: Final = "# Built by `./cityops dashboards build`: change the packs or the compiler, not this file.\n"


def build(catalogue: Catalogue) -> dict[str, str]:
    """Path below the folder → content of every file."""
    boards = {
        f"boards/{language}/{layout.name}.json": board_json(
            board(layout, catalogue.city, language, runbook(layout.book, language))
        )
        for language in Language
        for layout in layouts(catalogue)
    }
    return boards | {
        "alerting/rules.yaml": _yaml(encode(alerting(catalogue.domains, catalogue.city))),
        **{
            f"alerting/{name}.yaml": _yaml(document)
            for name, document in notifying(books(catalogue.domains), catalogue.city).items()
        },
        "datasources/influx.yaml": _yaml(_data_sources(catalogue)),
        "providers.yaml": _yaml(_providers()),
    }


def is_ours(path: Path) -> bool:
    """Whether a file below the folder is built: all are that Grafana reads."""
    return path.suffix in {".json", ".yaml"}


def runbook(book: RuleBook, language: Language) -> str:
    """What to do when a rule fires, Markdown: of a domain's own rules, then of those it is watched by."""
    books = (book, operations.watch(book)) if isinstance(book, Domain) else (book,)
    return "\n".join(filter(None, (runbook_of(one, language) for one in books)))


def runbook_of(book: RuleBook, language: Language) -> str:
    """The runbook beside a book of rules; empty where it has none. `{domain}` in it is the book's name."""
    file = resources.files(book.package) / f"runbook.{language}.md"
    return file.read_text(encoding="utf-8").replace("{domain}", book.name) if file.is_file() else ""


def _data_sources(catalogue: Catalogue) -> dict[str, Any]:
    """Buckets by InfluxQL, the token out of the secret file. `$__file{…}` is Grafana's, and stays as it is."""
    window_s = min(series.window_s for series in catalogue.series.values())
    return {
        "apiVersion": 1,
        "prune": True,
        "datasources": [
            {
                "name": uid,
                "uid": uid,
                "type": TYPE,
                "access": "proxy",
                "url": _URL,
                "isDefault": uid == LIVE,
                "editable": False,
                "jsonData": {
                    "dbName": bucket,
                    "httpMode": "POST",
                    "httpHeaderName1": "Authorization",
                    "timeInterval": f"{window_s}s",
                    "version": "InfluxQL",
                },
                "secureJsonData": {"httpHeaderValue1": "Token $__file{/run/secrets/influx-token}"},
            }
            for uid, bucket in DATA_SOURCES.items()
        ],
    }


def _providers() -> dict[str, Any]:
    """A folder of boards for each language."""
    return {
        "apiVersion": 1,
        "providers": [
            {
                "name": f"cityops-{language}",
                "orgId": 1,
                "folder": language.say(words.FOLDER),
                "folderUid": f"cityops-{language}",
                "type": "file",
                "disableDeletion": False,
                "allowUiUpdates": False,
                "updateIntervalSeconds": 30,
                "options": {"path": f"{_MOUNTED}/{language}"},
            }
            for language in Language
        ],
    }


class _Dumper(yaml.SafeDumper):
    """Lists indented below their key, and nothing shared by reference: a file for people too."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002, ARG002 - PyYAML's own signature
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the same
        return True

    def represent_str(self, data: str) -> yaml.ScalarNode:
        """Text of several lines as several lines."""
        return self.represent_scalar("tag:yaml.org,2002:str", data, style="|" if "\n" in data else None)


_Dumper.add_representer(str, _Dumper.represent_str)


def _yaml(document: dict[str, Any]) -> str:
    text: str = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    return _HEAD + text
