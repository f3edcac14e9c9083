"""The small size of the experiments on real servers, and the seeds that once failed."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from infra.native.influxdb import InfluxDB
from infra.native.kafka import Kafka
from tests.chaos.experiments import EXPERIMENTS, KEPT, Experiment
from tests.chaos.ground import Ground
from tests.chaos.run import run
from tests.servers import needs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]  # of a hung test; a busy machine takes its time

SEED = 2026
_BY_NAME = {one.name: one for one in EXPERIMENTS}
_CASES = [(one, SEED, one.small) for one in EXPERIMENTS if one.small]
_CASES += [(_BY_NAME[name], seed, size) for name, seed, size, _ in KEPT]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    needs(Kafka)
    needs(InfluxDB)
    with ExitStack() as stack:
        yield Ground(tmp_path_factory.mktemp("ground"), stack)


@pytest.mark.parametrize(("experiment", "seed", "size"), _CASES, ids=[f"{one.name}-{seed}" for one, seed, _ in _CASES])
def test_what_an_experiment_proves_holds(
    ground: Ground, tmp_path: Path, experiment: Experiment, seed: int, size: int
) -> None:
    verdict = run(experiment, ground, tmp_path / f"{experiment.name}-{seed}", seed=seed, size=size, tell=print)
    assert verdict.faults == []
    assert (verdict.lost, verdict.doubled, verdict.wrong) == (0, 0, 0)
    assert verdict.points > 0
