"""An experiment for the tests of the runtime: it counts slowly, and fails or dies where it is told to."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dlfa_core.runtime.progress import Progress, silent

VERSION = 1


@dataclass(frozen=True)
class Spec:
    """How to count."""

    name: str = "a"
    steps: int = 0
    pause: float = 0.05
    fails: str = ""
    dies: bool = False
    log: str = ""
    words: tuple[str, ...] = ("one", "two")


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
    for step in range(spec.steps):
        progress(step / spec.steps, f"Step {step + 1} of {spec.steps}")
        time.sleep(spec.pause)
    if spec.fails:
        raise ValueError(spec.fails)
    if spec.dies:
        os.kill(os.getpid(), signal.SIGKILL)
    return Result(
        table=pd.DataFrame({"step": range(spec.steps), "name": spec.name}),
        squares=np.arange(spec.steps, dtype=np.float32) ** 2,
        meta={"threads": os.environ.get("OMP_NUM_THREADS"), "process": os.getpid()},
    )
