"""`python -m tests.chaos [--full] [--seed N] [--only NAME]`."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from city.errors import CityopsError
from tests.chaos.experiments import EXPERIMENTS
from tests.chaos.ground import Ground
from tests.chaos.run import run


def main() -> int:
    """Run the experiments; 1 when one failed."""
    asked = _asked()
    chosen = [one for one in EXPERIMENTS if asked.only in {None, one.name} and (asked.full or asked.only or one.small)]
    failed = []
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="cityops-chaos-"))
    _say(f"seed {asked.seed}, logs in {folder}")
    with ExitStack() as stack:
        ground = Ground(folder, stack)
        for one in chosen:
            size = one.full if asked.full or not one.small else one.small
            verdict = run(one, ground, folder / one.name, seed=asked.seed, size=size, tell=_say)
            if verdict.faults:
                failed.append(one.name)
    _say(
        f"{len(chosen)} experiments in {time.monotonic() - began:.0f} s, "
        + (f"failed: {', '.join(failed)}" if failed else "all held")
    )
    return 1 if failed else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description="Faults, on real servers.")
    parser.add_argument("--full", action="store_true", help="all experiments, at their full size")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6), help="of every schedule")
    parser.add_argument("--only", choices=[one.name for one in EXPERIMENTS], help="one experiment")
    return parser.parse_args()


def _say(text: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S', time.gmtime())} {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CityopsError as error:
        sys.exit(f"cityops: {error}")
