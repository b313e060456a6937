"""A computation on its way through the queue, and what a visitor is told of it."""

import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Literal

from dlfa_core.runtime.experiment import is_typed

State = Literal["queued", "running", "done", "failed", "cancelled"]
FINAL = ("done", "failed", "cancelled")
NOBODY = "nobody"  # the visitor whose jobs are prepared


@dataclass(frozen=True)
class Status:
    """How a job stands."""

    state: State
    fraction: float = 0.0  # in [0, 1]
    message: str = ""
    position: int = 0  # in the queue, 1 is next; 0 once it runs
    error: str = ""  # what went wrong and what to do
    seconds: float | None = (
        None  # until it begins, at most, or runs to its end; None where nothing like it was measured
    )


@dataclass(eq=False)
class Computation:
    """What several visitors may wait for. `Turns` holds a lock whenever it reads or changes it."""

    key: str
    experiment: str
    spec: Any
    turn: int
    number: int
    expected: float | None = None  # seconds that computations like it took
    id: str = field(default_factory=lambda: uuid.uuid4().hex)  # of this turn
    seen: dict[str, float] = field(default_factory=dict)  # visitor -> when they last looked
    handed_over: bool = False
    state: State = "queued"
    fraction: float = 0.0
    message: str = ""
    error: str = ""
    stops: int = 0  # of its worker, since it last got on by a part
    restarted: bool = False
    spent: float = 0.0  # seconds, in earlier turns
    began: float | None = None  # when this turn did
    process: int | None = None  # that computes it
    away: threading.Event = field(default_factory=threading.Event)  # set while no worker has it

    @property
    def order(self) -> tuple[bool, bool, int, int]:
        """Preparations come last and typed texts first: seconds, beside the minutes of all else."""
        return self.seen.keys() == {NOBODY}, not is_typed(self.spec), self.turn, self.number

    @property
    def remaining(self) -> float | None:
        """Seconds that it still needs if it takes as long as those like it; None if nobody knows."""
        spent = self.spent + (time.monotonic() - self.began if self.began else 0.0)
        return None if self.expected is None or spent > self.expected else self.expected - spent

    def hand_over(self) -> None:
        """Begin a turn."""
        self.id, self.handed_over, self.began, self.process = uuid.uuid4().hex, True, None, None
        self.away.clear()
