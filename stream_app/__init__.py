"""What it means: a Faust worker that folds the city's events into windows. `faust -A stream_app worker` starts it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any


def __getattr__(name: str) -> Any:
    """`stream_app.app`, made when Faust asks for it: importing the room reads no settings and starts nothing."""
    if name == "app":
        # Faust's command imports us with the project's folder on the path, and takes it off before it asks for the app.
        project = str(Path(__file__).parents[1])
        if project not in sys.path:
            sys.path.append(project)
        from stream_app.worker import app_of_settings  # noqa: PLC0415 - Faust is heavy, and truth needs none of it

        return app_of_settings()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
