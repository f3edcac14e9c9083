"""Grafana's names of colours → the states of the console's own style."""

from __future__ import annotations

from typing import Final

COLOURS: Final = {"green": "good", "orange": "attention", "red": "alarm", "purple": "blind"}
