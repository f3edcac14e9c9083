#!/bin/sh
# Runs once, at InfluxDB's first start, after its own set-up has made the bucket `city` (90 days).
# The same buckets and retentions as infra/native/influxdb; a test holds that.
set -eu

influx bucket create --org "$DOCKER_INFLUXDB_INIT_ORG" --name city_live --retention 168h
influx bucket create --org "$DOCKER_INFLUXDB_INIT_ORG" --name city_rollup --retention 17544h
