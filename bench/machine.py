"""What a table was measured on, for who reads it elsewhere."""

from __future__ import annotations

import os
import platform


def machine(load: float) -> str:
    """Cores, the load (1 minute) there was before, system, Python."""
    return (
        f"{os.cpu_count()} cores with a load of {load:.1f} before, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}"
    )
