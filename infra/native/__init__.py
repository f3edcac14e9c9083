"""Real Kafka and InfluxDB without Docker: installed once from locked recipes, run on loopback.

`infra.native.kafka.Kafka` and `infra.native.influxdb.InfluxDB` are the servers; `./cityops servers` drives them.
"""
