"""Grafana's alerting where there is no Grafana (`python -m embedded.alerting`): the compiled rules, every 10 s.

`questions` asks the store, each question once a round; `memory` keeps the alerts over a restart; `outbox` tells people.
"""
