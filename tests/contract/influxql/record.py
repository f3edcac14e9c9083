"""Record what a real InfluxDB answers, so that machines without one can compare too.

    python -m tests.contract.influxql.record

Starts the InfluxDB of `./cityops servers install influxdb` on a folder of its own, writes data(), asks QUERIES, tries
BODIES, and puts all of it with the answers into answers.json, here. The test of the live server holds the recording.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from infra.native.influxdb import BUCKETS, InfluxDB
from tests.contract.bodies import BODIES
from tests.contract.influxql.data import data
from tests.contract.influxql.functions import FUNCTION_QUERIES
from tests.contract.influxql.questions import QUERIES
from tests.store.web import Client

ANSWERS = Path(__file__).with_name("answers.json")


def stored(client: Client, body: str) -> Any:
    """What a body of BODIES wrote: each writes a measurement that no other does."""
    name = re.search(r"w[0-9]+", body)
    every = f"SELECT * FROM /^{name[0]}\\b/" if name else "SHOW MEASUREMENTS WITH MEASUREMENT = nothing"  # noqa: S608 - InfluxQL of our own
    return client.query(every).json


def main() -> None:
    """Record."""
    with tempfile.TemporaryDirectory() as folder, InfluxDB(Path(folder), buckets=dict.fromkeys(BUCKETS, 0)) as server:
        client = Client(server.url, server.token)
        for body in data():
            if client.write(body).status != 204:
                sys.exit("InfluxDB refused the data")
        asked = [(query, client.query(query)) for query in [*QUERIES, *FUNCTION_QUERIES]]
        tried = [(body, client.write(body).status, stored(client, body)) for body in BODIES]
    recorded = {
        "queries": [{"query": query, "status": reply.status, "answer": reply.json} for query, reply in asked],
        "writes": [{"body": body, "status": status, "stored": answer} for body, status, answer in tried],
    }
    ANSWERS.write_text(_in_lines(recorded), encoding="utf-8")
    sys.stdout.write(f"{len(asked)} answers and {len(tried)} writes recorded in {ANSWERS}\n")


def _in_lines(recorded: dict[str, list[Any]]) -> str:
    """JSON with a line for each answer, so that a change of one is a change of one line."""
    parts = (
        f'"{name}": [\n' + ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries) + "\n]"
        for name, entries in recorded.items()
    )
    return "{" + ",\n".join(parts) + "}\n"


if __name__ == "__main__":
    main()
