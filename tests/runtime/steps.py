"""An experiment for the tests of the runtime: it counts as far as it is let, and fails or dies where it is told to."""

import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil

from dlfa_core.runtime import store
from dlfa_core.runtime.progress import Progress, part, silent

VERSION = 1
HELD: list[np.ndarray] = []


class Gate:
    """A file that says how many steps a job may take: none while it is not there. So tests need no luck with time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def steps(self) -> int:
        return int(self.path.read_text()) if self.path.exists() else 0

    def let(self, steps: int) -> None:
        """Let as many steps be taken, counted from the first."""
        self.path.with_suffix(".new").write_text(str(steps))
        self.path.with_suffix(".new").replace(self.path)


@dataclass(frozen=True)
class Spec:
    """How to count; `gate` is the path of a `Gate`."""

    name: str = "a"
    steps: int = 0
    gate: str = ""
    pause: float = 0.01
    fails: str = ""
    dies: int = 0  # times, as `log` counts them
    holds: int = 0  # megabytes, to the end of the process
    deaf: bool = False  # tells nothing of its progress while it waits
    parts: tuple[str, ...] = ()  # names of specs that are computed first, each at a gate of its name beside its own
    log: str = ""
    words: tuple[str, ...] = ("one", "two")
    texts: tuple[str, ...] = ()  # that somebody typed


@dataclass(frozen=True, eq=False)
class Result:
    """What was counted."""

    table: pd.DataFrame
    squares: np.ndarray
    meta: dict[str, Any]


def inputs(spec: Spec) -> dict[str, str]:
    return {"words": "-".join(spec.words)}


def run(spec: Spec, progress: Progress = silent) -> Result:
    if spec.log:
        with Path(spec.log).open("a") as log:
            log.write(f"{spec.name}\n")
    if spec.holds:
        HELD.append(np.ones(spec.holds * 2**17))
    for number, name in enumerate(spec.parts):
        gate = str(Path(spec.gate).with_name(name)) if spec.gate else ""
        one = Spec(name, steps=1, gate=gate, log=spec.log)
        store.fetch(sys.modules[__name__], one, part(progress, number, len(spec.parts)))
    for step in range(spec.steps):
        progress(step / spec.steps, f"Step {step + 1} of {spec.steps}")
        while spec.gate and Gate(Path(spec.gate)).steps <= step:
            time.sleep(spec.pause)
            if not spec.deaf:
                progress(step / spec.steps, f"Step {step + 1} of {spec.steps}")
    if spec.fails:
        raise ValueError(spec.fails)
    if spec.dies >= (Path(spec.log).read_text().split("\n").count(spec.name) if spec.log else 1):
        os.kill(os.getpid(), signal.SIGKILL)
    return Result(
        table=pd.DataFrame({"step": range(spec.steps), "name": spec.name}),
        squares=np.arange(spec.steps, dtype=np.float32) ** 2,
        meta={"threads": os.environ.get("OMP_NUM_THREADS"), "process": os.getpid(), "nice": psutil.Process().nice()},
    )
