"""An experiment that is made of others, as a sweep is: each of its parts waits at a gate of its own."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlfa_core.runtime import store
from dlfa_core.runtime.experiment import Experiment
from dlfa_core.runtime.progress import Progress, part, silent
from tests.runtime import steps

VERSION = 1


@dataclass(frozen=True)
class Spec:
    """Which parts; `gates` is the folder of their gates, which are open where it is empty."""

    names: tuple[str, ...] = ("a", "b")
    gates: str = ""
    log: str = ""
    fails: str = ""


@dataclass(frozen=True, eq=False)
class Result:
    """The processes that computed the parts, and the one that put them together."""

    meta: dict[str, Any]


def inputs(spec: Spec) -> dict[str, str]:
    return {}


def parts(spec: Spec) -> list[tuple[Experiment, Any]]:
    return [(steps, one(spec, name)) for name in spec.names]


def one(spec: Spec, name: str) -> steps.Spec:
    gate = str(Path(spec.gates) / name) if spec.gates else ""
    return steps.Spec(name, steps=1, gate=gate, log=spec.log, fails=name if name == spec.fails else "")


def run(spec: Spec, progress: Progress = silent) -> Result:
    found = [
        store.fetch(steps, one(spec, name), part(progress, number, len(spec.names)))
        for number, name in enumerate(spec.names)
    ]
    return Result({"processes": [result.meta["process"] for result in found]})
