"""Installing Kafka: the artifacts that `pom.xml` pins, copied into one folder by Maven."""

from __future__ import annotations

from pathlib import Path

from city.errors import CityopsError
from infra.native.cache import Recipe, Steps
from infra.native.tools import MVN, find_java, require

_POM = Path(__file__).with_name("pom.xml")


def build(folder: Path, steps: Steps) -> None:
    """Fill `folder`/lib with Kafka and what it needs."""
    java = find_java()
    mvn = require("Kafka", MVN)["mvn"]
    pom = folder / "pom.xml"  # a copy: Maven writes beside the file it reads
    pom.write_bytes(_POM.read_bytes())
    steps.run(
        [
            mvn,
            "--batch-mode",
            "--no-transfer-progress",
            f"--file={pom}",
            "dependency:copy-dependencies",
            "-DincludeScope=runtime",
            f"-DoutputDirectory={folder / 'lib'}",
        ],
        cwd=folder,
        env={"JAVA_HOME": str(java.home)},
    )
    if not list((folder / "lib").glob("kafka_*.jar")):
        raise CityopsError(f"Maven ended well and brought no Kafka to {folder / 'lib'}")


RECIPE = Recipe(
    server="Kafka",
    locks=(_POM,),
    pin=r"<kafka\.version>([^<]+)</kafka\.version>",
    takes="54 MB",
    build=build,
)
