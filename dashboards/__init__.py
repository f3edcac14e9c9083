"""How it is shown: layouts and rules → the files Grafana is provisioned with. No file per domain."""
