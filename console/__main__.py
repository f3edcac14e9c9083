"""`python -m console`: the console of a running city, configured by settings alone."""

from __future__ import annotations

from console.app import main
from runtime.part import run

if __name__ == "__main__":
    run(main)
