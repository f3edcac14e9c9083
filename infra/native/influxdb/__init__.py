"""InfluxDB 2 on loopback with cityops' organisation and buckets: `InfluxDB(data_dir)` runs it, `RECIPE` builds it."""

from infra.native.influxdb.recipe import RECIPE
from infra.native.influxdb.server import BUCKETS, ORG, InfluxDB

__all__ = ["BUCKETS", "ORG", "RECIPE", "InfluxDB"]
