"""Record what a real InfluxDB answers, for test_store_answers_as_influxdb_does.py.

    python tests/store/record_answers.py http://127.0.0.1:8086 [TOKEN]

The server is an InfluxDB 1.8 (`go install github.com/influxdata/influxdb/cmd/influxd@v1.8.10`; no token, the script
makes the database) or a 2.x (its token; the bucket `city` of its organisation `cityops` is made anew).
Writes data(), asks QUERIES, tries BODIES, and puts all of it with the answers into influxdb_answers.json, here.
"""

from __future__ import annotations

import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.store.lines import BODIES
from tests.store.questions import QUERIES

ANSWERS = Path(__file__).with_name("influxdb_answers.json")
DATABASE = "city"
T0 = 1_795_132_800  # 2026-11-20T00:00:00Z, in seconds


def at(seconds: float) -> int:
    """A time so many seconds after T0, in ns."""
    return (T0 * 1000 + round(seconds * 1000)) * 1_000_000


def data() -> list[str]:
    """Bodies in line protocol, one request each: later ones write over earlier ones."""
    flow = []
    for step in range(40):
        for place, (area, zone) in enumerate([("00001", "ba-dinh"), ("00004", "ba-dinh"), ("00008", "tay-ho")]):
            for kind in ("car", "bus"):
                if (step * 7 + place * 3 + len(kind)) % 11 == 0 or (area == "00008" and 12 <= step < 20):
                    continue  # gaps, and an area that is silent for a while
                n = (step * 13 + place * 5 + (kind == "bus") * 29) % 60 + 1
                line = f"flow,area={area},zone={zone},kind={kind} count={n}i,speed_sum={n * 31.25},speed_max={n + 20.5}"
                if step % 3 == 0:
                    line += f",occupancy_sum={n / 64}"
                flow.append(f"{line} {at(step * 10)}")
    others = [
        f'site,sensor=s1 state=1i,name="Cầu Giấy",ok=true,load=0.5 {at(0)}',
        f'site,sensor=s2 state=2i,name="say \\"hi\\", b\\\\c",ok=false,load=1.5 {at(0)}',
        f"site,sensor=s1 state=3i,ok=true,load=-2.25 {at(61)}",
        f"site,sensor=s3 ok=false {at(62.5)}",
        f'site state=-9i,name="no sensor" {at(70)}',
        f"site,sensor=s2 load=1e-7,state=9007199254740993i {at(130)}",
        f"ties,a=1 v=5,w=1i,b=true {at(0)}",
        f"ties,a=2 v=7,w=1i,b=false {at(0)}",
        f"ties,a=3 v=7,w=2i {at(10)}",
        f"ties,a=1 v=5,w=2i {at(10)}",
        f"ties,a=2 v=3,w=0i {at(20)}",
        f"ints v=10i {at(0)}",
        f"ints v=3i,d=0i {at(30)}",
        f"ints v=-7i,d=2i {at(90)}",
        f"ints v=20i,d=-3i {at(210)}",
        f"we\\ ird\\,m,t\\ ag=Th\\=ường\\ Tín,z=\\,x fi\\ eld=1,a.b=2 {at(5)}",
        f"other,area=00001,only=here count=5i {at(3)}",
        f"other,area=00099 count=6i,extra=1.5 {at(33)}",
        f"sparse f=1 {at(0)}",
        f"sparse f=4 {at(180)}",
        f"sparse f=2 {at(420)}",
        f"nanos v=1 {at(0) + 1}",
        f"nanos v=2 {at(0) + 123456}",
        f"nanos v=3 {at(1) + 120000000}",
    ]
    again = [
        f"flow,area=00001,zone=ba-dinh,kind=car count=100i {at(10)}",
        f"flow,area=00001,zone=ba-dinh,kind=car speed_max=99.5,occupancy_sum=0.75 {at(10)}",
        f"flow,kind=car,zone=ba-dinh,area=00001 count=101i {at(10)}",
    ]
    return ["\n".join(flow), "\n".join(others), "\n".join(again)]


def ask(url: str, method: str, token: str, body: bytes | None = None) -> tuple[int, str]:
    """Status and text of an answer, refusals too."""
    headers = {"Authorization": f"Token {token}"} if token else {}
    request = urllib.request.Request(url, data=body, method=method, headers=headers)  # noqa: S310 - the caller names the server
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def measurements(body: str) -> str:
    """The query for what a body of BODIES wrote."""
    name = re.search(r"w[0-9]+", body)
    return f"SELECT * FROM /^{name[0]}\\b/" if name else "SHOW MEASUREMENTS WITH MEASUREMENT = nothing"  # noqa: S608 - InfluxQL, of our own name


def empty_bucket(url: str, token: str) -> str:
    """Make the bucket anew; gives the server's version."""
    if not token:
        for statement in (f"DROP DATABASE {DATABASE}", f"CREATE DATABASE {DATABASE}"):
            ask(f"{url}/query?" + urllib.parse.urlencode({"q": statement}), "POST", "")
        return "1.8.10"
    _, text = ask(f"{url}/api/v2/buckets?name={DATABASE}", "GET", token)
    (bucket,) = json.loads(text)["buckets"]
    ask(f"{url}/api/v2/buckets/{bucket['id']}", "DELETE", token)
    made = {"orgID": bucket["orgID"], "name": DATABASE, "retentionRules": []}
    ask(f"{url}/api/v2/buckets", "POST", token, json.dumps(made).encode())
    return str(json.loads(ask(f"{url}/health", "GET", token)[1])["version"])


def main() -> None:
    """Record."""
    url, token = sys.argv[1].rstrip("/"), sys.argv[2] if len(sys.argv) > 2 else ""
    version = empty_bucket(url, token)

    def write(body: str) -> int:
        status, _ = ask(f"{url}/api/v2/write?org=cityops&bucket={DATABASE}", "POST", token, body.encode())
        return status

    def query(text: str) -> tuple[int, Any]:
        parameters = urllib.parse.urlencode({"db": DATABASE, "q": text})
        status, answer = ask(f"{url}/query?{parameters}", "GET", token)
        return status, json.loads(answer)

    for body in data():
        if write(body) != 204:
            sys.exit(f"{url} refused the data")
    answers = [
        {"query": text, "status": status, "answer": answer} for text in QUERIES for status, answer in [query(text)]
    ]
    writes = [{"body": body, "status": write(body), "stored": query(measurements(body))[1]} for body in BODIES]
    recorded = {"server": f"InfluxDB {version}", "data": data(), "answers": answers, "writes": writes}
    ANSWERS.write_text(json.dumps(recorded, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(answers)} answers and {len(writes)} writes recorded in {ANSWERS}\n")


if __name__ == "__main__":
    main()
