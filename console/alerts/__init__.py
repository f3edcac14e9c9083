"""What fires: one book, filled either by the file that the embedded alerting writes or by what Grafana posts."""
