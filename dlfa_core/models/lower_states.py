"""States of frozen blocks, computed once for every text and kept: training the blocks above starts from them."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from dlfa_core.models.batching import batch_rows
from dlfa_core.models.encoder import BATCH_TOKENS
from dlfa_core.models.task_batches import LabelledReading, pad_readings
from dlfa_core.models.tasks import TaskModel

MEMORY = 2 * 2**30  # bytes up to which states are kept in memory, in float32; above, in a file, in float16
SAME = 1e-4  # by which a state may differ that is computed from kept ones


@dataclass(frozen=True, eq=False)
class Kept:
    """A reading with the states of its subwords that training leaves as they are."""

    reading: LabelledReading
    states: np.ndarray  # float32 or float16 (n_states, length, hidden), those that `TaskModel.constant` lists


@contextmanager
def lower_states(
    model: TaskModel,
    sets: Sequence[Sequence[LabelledReading]],
    pad_id: int,
    folder: Path,
    autocast: Callable[[], AbstractContextManager],
    report: Callable[[float], None],
    memory: int | None = None,
) -> Iterator[list[Sequence[Kept | LabelledReading]]]:
    """Readings with what the frozen blocks make of them, as long as the `with` block lasts.

    Where all blocks are trained, or one above the frozen ones cannot start from a given state, or a reading takes
    several rows of a batch, readings come back as they are.

    Args:
        model: in evaluation mode, on the device that it will be trained on.
        sets: readings, at least one in each.
        pad_id: number of the padding token.
        folder: for a file of states, which is deleted at the end.
        autocast: the number format that it will be trained in.
        report: told the fraction that is done.
        memory: bytes that states of all sets may take in memory; `MEMORY` if not given.
    """
    with autocast():
        alone = all(reading.n_rows == 1 for readings in sets for reading in readings)  # a state for each reading
        possible = alone and bool(model.constant) and _starts_from_given(model, sets[0][:2], pad_id)
    if not possible:
        yield list(sets)
        return
    lengths = [len(reading.ids) for readings in sets for reading in readings]
    shape = len(model.constant), sum(lengths), model.config.encoder.hidden_size
    if 4 * int(np.prod(shape)) <= (MEMORY if memory is None else memory):
        whole, file = np.empty(shape, dtype=np.float32), None
    else:
        folder.mkdir(parents=True, exist_ok=True)
        file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115, closed below
        whole = np.memmap(file, dtype=np.float16, mode="w+", shape=shape)
    try:
        ends = np.cumsum(lengths)
        parts = iter(np.split(whole, ends[:-1], axis=1))
        kept = [[Kept(reading, next(parts)) for reading in readings] for readings in sets]
        with autocast():
            _fill(model, [one for part in kept for one in part], pad_id, report)
        yield kept
    finally:
        if file is not None:
            file.close()


def pad_states(states: Sequence[np.ndarray]) -> Tensor:
    """Kept states side by side, as `TaskModel.forward` takes them: float32 (batch, n_states, seq, hidden)."""
    first = states[0]
    shape = len(states), len(first), max(one.shape[1] for one in states), first.shape[2]
    padded = torch.zeros(shape)
    for row, one in enumerate(states):
        padded[row, :, : one.shape[1]] = torch.from_numpy(np.asarray(one))
    return padded


@torch.no_grad()
def _fill(model: TaskModel, kept: Sequence[Kept], pad_id: int, report: Callable[[float], None]) -> None:
    lengths, done = [len(one.reading.ids) for one in kept], 0
    for rows in batch_rows(lengths, BATCH_TOKENS[model.device.type]):
        report(done / len(kept))
        batch = pad_readings([kept[row].reading for row in rows], pad_id, model.device)
        states = model.lower_states(batch.ids, batch.mask, batch.types).float().cpu().numpy()
        for row, own in zip(rows, states, strict=True):
            largest = np.finfo(kept[row].states.dtype).max
            kept[row].states[:] = own[:, : lengths[row]].clip(-largest, largest)
        done += len(rows)


@torch.no_grad()
def _starts_from_given(model: TaskModel, readings: Sequence[LabelledReading], pad_id: int) -> bool:
    """Tell whether the upper blocks do the same when those below are left out; see `blocks.skipping`."""
    batch = pad_readings(readings, pad_id, model.device)
    whole = model.states(batch.ids, batch.mask, batch.types)
    lower = model.lower_states(batch.ids, batch.mask, batch.types)
    again = model.states(batch.ids, batch.mask, batch.types, lower)
    real = batch.mask.bool()
    return all(torch.allclose(a[real], b[real], atol=SAME, rtol=SAME) for a, b in zip(whole, again, strict=True))
