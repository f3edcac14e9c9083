"""Runs one experiment: prepares the servers, plays the schedule, and judges."""

from __future__ import annotations

import random
from contextlib import ExitStack
from typing import TYPE_CHECKING

from runtime.connect import Store
from tests.chaos.outages import STORE_FOLDER
from tests.chaos.stage import Stage
from tests.chaos.verdict import Verdict, judge
from tests.chaos.voice import Voice
from tests.store.test_the_store_survives import store as embedded_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.chaos.experiments import Experiment
    from tests.chaos.ground import Ground


def run(
    experiment: Experiment, ground: Ground, folder: Path, *, seed: int, size: int, tell: Callable[[str], None]
) -> Verdict:
    """Run an experiment in an empty folder; `tell` hears what is done."""
    dice = random.Random(f"{experiment.name} {seed}")
    schedule = tuple(experiment.schedule(dice, size))
    tell(f"{experiment.name}: {experiment.proves} ({experiment.promise.value})")
    tell(f"  seed {seed}: " + " · ".join(map(str, schedule)))
    folder.mkdir(parents=True)
    with ExitStack() as stack:
        ground.clear()
        process = None
        if experiment.embedded_store:
            (folder / STORE_FOLDER).mkdir()
            client, process = stack.enter_context(embedded_store(folder / STORE_FOLDER))
            store = Store(client.url, folder.name, client.token)
        else:
            store = ground.organisation(folder.name)
        voice = Voice(ground.broker, seed, experiment.rate)
        stack.callback(voice.stop)
        stage = Stage(ground, folder, stack, store=store, dice=dice, voice=voice, process=process)
        try:
            for act in schedule:
                stage.pause(act.after_s)
                act.do(stage, act.to)
            verdict = judge(stage, experiment.promise)
        except Exception as error:  # noqa: BLE001 - whatever it is, it has failed, and the others go on
            verdict = Verdict(faults=[*stage.faults, f"{type(error).__name__}: {error}"])
    tell(f"  {verdict}" + "".join(f" · {note}" for note in verdict.notes))
    for fault in verdict.faults:
        tell(f"    {fault}")
    return verdict
