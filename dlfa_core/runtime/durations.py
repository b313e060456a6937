"""How long computations took on this computer, to say how long one like them will take."""

import json
import statistics
import threading
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

ALIKE = 1.5  # times by which sizes may differ between computations that are taken to last as long
KEPT = 9  # durations of one shape, of which the median counts
SHAPES = 64  # of one experiment; the oldest is forgotten
OF_NO_WEIGHT = ("seed", "layer", "shown", "out")  # fields that say nothing of how long it takes

Shape = dict[str, Any]


class Durations:
    """Seconds by experiment and shape of the spec, in a file of JSON."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._by_experiment = self._read()

    def expected(self, experiment: str, spec: Any) -> float | None:
        """Return the median seconds of computations like this one, or None where there was none.

        Those are alike that ask the same of the same model and data, and whose sizes differ by less than `ALIKE` times.
        """
        shape = shape_of(spec)
        with self._lock:
            taken = [
                s for entry in self._by_experiment.get(experiment, ()) if _alike(entry[0], shape) for s in entry[1]
            ]
        return statistics.median(taken) if taken else None

    def add(self, experiment: str, spec: Any, seconds: float) -> None:
        """Remember how long a computation took. A folder that cannot be written to is no reason to fail."""
        shape = shape_of(spec)
        with self._lock:
            self._by_experiment = self._read() or self._by_experiment  # another process may have written meanwhile
            entries = self._by_experiment.setdefault(experiment, [])
            before = next((entry for entry in entries if entry[0] == shape), (shape, []))
            others = [entry for entry in entries if entry is not before]
            entries[:] = [*others, (shape, [*before[1], round(seconds, 2)][-KEPT:])][-SHAPES:]
            self._write()

    def _read(self) -> dict[str, list[tuple[Shape, list[float]]]]:
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
            return {
                name: [(dict(shape), [float(second) for second in seconds]) for shape, seconds in entries]
                for name, entries in found.items()
            }
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def _write(self) -> None:
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            partial = self.path.with_suffix(".partial")
            partial.write_text(json.dumps(self._by_experiment, ensure_ascii=False), encoding="utf-8")
            partial.replace(self.path)


def shape_of(spec: Any) -> Shape:
    """Return what of a spec says how long it takes: names as they are, of texts and lists only how long they are."""
    return {field.name: _size(getattr(spec, field.name)) for field in fields(spec) if field.name not in OF_NO_WEIGHT}


def _size(value: Any) -> Any:
    """A list of texts counts by its characters, one of names or numbers by its length."""
    if isinstance(value, list | tuple):
        typed = any(isinstance(item, str) and " " in item for item in value)
        return sum(map(len, value)) if typed else len(value)
    return len(value) if isinstance(value, str) and " " in value else value


def _alike(one: Shape, other: Shape) -> bool:
    return one.keys() == other.keys() and all(_near(one[name], other[name]) for name in one)


def _near(one: Any, other: Any) -> bool:
    if _is_number(one) and _is_number(other):
        small, large = sorted((abs(one), abs(other)))
        return bool(one == other or (small > 0 and large / small < ALIKE))
    return bool(one == other)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
