"""The commands that publish, asked as a person asks them, and what they said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli import dashboards as command

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

ALERTS = "cityops-alerts"


def publish(url: str, tmp_path: Path, **options: object) -> None:
    command.publish(url, tmp_path / "token", secrets=tmp_path / "secrets", **options)  # type: ignore[arg-type] # by name


def unpublish(url: str, tmp_path: Path, **options: object) -> None:
    command.unpublish(url, tmp_path / "token", **options)  # type: ignore[arg-type] # by name


def said(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()
