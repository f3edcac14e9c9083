"""Apache Kafka in KRaft mode, one node on loopback: `Kafka(data_dir)` runs it, `RECIPE` installs it."""

from infra.native.kafka.recipe import RECIPE
from infra.native.kafka.server import Kafka

__all__ = ["RECIPE", "Kafka"]
