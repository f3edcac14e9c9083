"""What a city talks to: its own parts where it runs, the broker, the store, and a Grafana if one is named."""

from __future__ import annotations

import http.client
import json
import time
from contextlib import suppress
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

import psutil

from city.errors import CityopsError
from city.event import AHEAD_NS
from city.instant import NS
from cli._doctor.finding import Finding, State
from embedded.handshake import await_kafka
from runtime.ask import ask
from runtime.connect import Store, find_broker
from runtime.part import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from runtime.connect import Broker
    from runtime.settings import Settings

PATIENCE_S: Final = 5.0
OLDEST_GRAFANA: Final = 12
_BUCKETS: Final = {"city", "city_live", "city_rollup"}

City = dict[str, Any]
"""What `city.json` says of a city that runs."""


class Answer(NamedTuple):
    """What a server answers."""

    status: int
    headers: dict[str, str]
    body: bytes


def get(url: str) -> Answer:
    """Ask a server once.

    Raises:
        OSError, http.client.HTTPException: it does not answer.
    """
    where = urlsplit(url)
    kind = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
    connection = kind(where.hostname or "", where.port, timeout=PATIENCE_S)
    try:
        connection.request("GET", where.path or "/")
        response = connection.getresponse()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read(1_000_000))
    finally:
        connection.close()


def running_city(settings: Settings) -> City | None:
    """The city that runs on the data folder, if one does."""
    try:
        return running(settings.data_dir)
    except CityopsError:
        return None


def city(found: City | None, settings: Settings, fetch: Callable[[str], Answer] = get) -> Iterator[Finding]:
    """The parts of the city that runs, and how its worker is."""
    if found is None:
        yield Finding("city", State.OK, f"none runs on {settings.data_dir}; `./cityops up` starts one")
        return
    parts = {name: facts for name, facts in found.items() if isinstance(facts, dict) and "pid" in facts}
    dead = sorted(name for name, facts in parts.items() if not psutil.pid_exists(int(facts["pid"])))
    logs = settings.data_dir / "logs"
    if dead:
        todo = f"see {logs}; it is started again unless only a person can help"
        yield Finding("city", State.WRONG, f"runs (pid {found['pid']}) without its {', '.join(dead)}", todo)
    elif not found.get("ready"):
        yield Finding("city", State.NOTE, f"runs (pid {found['pid']}) and is not ready yet", f"wait, or see {logs}")
    else:
        yield Finding("city", State.OK, f"runs (pid {found['pid']}): {', '.join(sorted(parts))}")
    metrics = str(parts.get("worker", {}).get("metrics", ""))
    if metrics:
        yield _worker(metrics.removesuffix("/metrics") + "/health", logs, fetch)


def _worker(url: str, logs: object, fetch: Callable[[str], Answer]) -> Finding:
    try:
        status = fetch(url).status
    except (OSError, http.client.HTTPException) as error:
        return Finding("worker", State.WRONG, f"no answer at {url}: {error}", f"see worker.log in {logs}")
    if status != 200:
        return Finding("worker", State.WRONG, f"its loop stands ({url} answers {status})", f"see worker.log in {logs}")
    return Finding("worker", State.OK, f"its loop turns ({url})")


def broker(
    settings: Settings,
    found: City | None,
    await_broker: Callable[[list[str], float], None] | None = None,
    version: Callable[[Broker], str] | None = None,
) -> Finding:
    """The broker that is named, else the one of the city that runs, else the embedded one that `up` would start."""
    if not settings.broker and found is None:
        return Finding("broker", State.OK, "the embedded one, which `./cityops up` starts")
    try:
        where = find_broker(settings)
        look = await_broker or partial(await_kafka, access=where.access)
        look(where.address.split(","), PATIENCE_S)
    except CityopsError as error:
        todo = "start it, or name another by --broker HOST:PORT" if settings.broker else "wait, or start the city anew"
        return Finding("broker", State.WRONG, str(error), todo)
    if where.embedded:
        return Finding("broker", State.OK, f"embedded at {where.address} answers")
    return Finding("broker", State.OK, f"Kafka at {where.address} answers, {(version or kafka_version)(where)}")


def kafka_version(where: Broker) -> str:
    """Which version a Kafka's brokers are of, as far as can be known.

    A broker tells no version, only which requests it understands: that many came with a release and not before it.
    """
    from kafka import KafkaAdminClient
    from kafka.errors import KafkaError

    try:
        patience = dict.fromkeys(("request_timeout_ms", "bootstrap_timeout_ms"), int(PATIENCE_S * 1000))
        admin = KafkaAdminClient(
            bootstrap_servers=where.address.split(","), **patience, **where.access.for_kafka_python()
        )
        try:
            nodes = [one["broker_id"] for one in admin.describe_cluster()["brokers"]]
            versions = sorted({admin.get_broker_version_data(node).broker_version for node in nodes})
        finally:
            admin.close()
    except (KafkaError, OSError) as error:
        return f"but does not say what it understands ({error or type(error).__name__})"
    told = " and ".join(".".join(map(str, one)) for one in versions)
    return f"by what it understands of version {told} or later"


def store(
    settings: Settings,
    found: City | None,
    fetch: Callable[[str], Answer] = get,
    question: Callable[..., list[dict[str, Any]]] = ask,
) -> Iterator[Finding]:
    """The store that is named, else the one of the city that runs, and whether it takes the token."""
    facts = (found or {}).get("store")
    url = settings.store_url or (str(facts["url"]) if isinstance(facts, dict) and "url" in facts else "")
    if not url:
        yield Finding("store", State.OK, "the embedded one, which `./cityops up` starts")
        return
    try:
        answer = fetch(f"{url}/ping")
        token = settings.store_token()
        results = question(Store(url, settings.store_org, token), "city", "SHOW DATABASES", PATIENCE_S)
    except CityopsError as error:
        yield Finding("store", State.WRONG, str(error), "see store_url, store_token_file and store_org")
        return
    except (OSError, http.client.HTTPException) as error:
        yield Finding("store", State.WRONG, f"no answer at {url}: {error}", "start it, or name another by --store-url")
        return
    version = answer.headers.get("x-influxdb-version", "of no version it would tell")
    names = {row[0] for one in results for series in one.get("series", ()) for row in series.get("values", ())}
    if missing := sorted(_BUCKETS - names):
        todo = "make them: `infra/influxdb/buckets.sh` shows how Compose does"
        yield Finding("store", State.WRONG, f"{url} has no bucket {', '.join(missing)}", todo)
    else:
        yield Finding("store", State.OK, f"{url}, version {version}, takes the token")
    yield from _clock_of("store", answer)


def grafana(url: str, fetch: Callable[[str], Answer] = get) -> Iterator[Finding]:
    """A Grafana by its health page, which wants no token."""
    where = url.rstrip("/")
    try:
        answer = fetch(f"{where}/api/health")
        health = json.loads(answer.body)
        version, database = str(health["version"]), str(health["database"])
    except (OSError, http.client.HTTPException) as error:
        yield Finding("grafana", State.WRONG, f"no answer at {where}: {error}", "start it, or name it right")
        return
    except (ValueError, KeyError, TypeError):
        todo = "name Grafana's root, as in http://HOST:3000"
        yield Finding("grafana", State.WRONG, f"{where} does not answer as Grafana does", todo)
        return
    major = version.partition(".")[0]
    if answer.status != 200 or database != "ok":
        yield Finding("grafana", State.WRONG, f"{version}, and its database is {database}", "see Grafana's own log")
    elif major.isdecimal() and int(major) < OLDEST_GRAFANA:
        todo = f"update it: boards and rules are written for {OLDEST_GRAFANA} and later"
        yield Finding("grafana", State.WRONG, f"{version} is too old", todo)
    else:
        yield Finding("grafana", State.OK, f"{version} at {where}")
    yield from _clock_of("grafana", answer)


def _clock_of(name: str, answer: Answer, now: Callable[[], float] = time.time) -> Iterator[Finding]:
    """Whether a server's clock is ours; nothing where it is, or where it does not tell."""
    with suppress(KeyError, ValueError, TypeError):
        ahead_s = parsedate_to_datetime(answer.headers["date"]).timestamp() - now()
        if abs(ahead_s) > AHEAD_NS / NS:
            said = f"the {name}'s clock is {abs(ahead_s):.0f} s {'ahead of' if ahead_s > 0 else 'behind'} ours"
            yield Finding("clocks", State.WRONG, said, "set both by NTP: records and points would lie apart")
