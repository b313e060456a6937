"""A frozen sweep over all layers and controls against one layer alone, and against separate trainings.

    python -m benchmarks.sweep            an encoder as large as multilingual BERT
    python -m benchmarks.sweep --demo     one as large as the bundled model
    python -m benchmarks.sweep --quick    the same path in a few seconds

Tagging, 17 labels, batches of 32 sentences, the same epochs for all; the encoder runs on every batch. Weights and
subwords are random: time does not depend on the values. Ways take turns epoch by epoch, so that a busy machine slows
all of them. Separate trainings are one training of each fusion, times the layers it has.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
import torch
from transformers import BertConfig, BertModel

from dlfa_core import models
from dlfa_core.experiments.training import plans_of
from dlfa_core.experiments.transfer import Spec
from dlfa_core.models.blocks import find_blocks
from dlfa_core.models.passes import Passes
from dlfa_core.models.task_batches import LabelledReading, batch_examples

LABELS = 17


@dataclass(frozen=True)
class Size:
    hidden: int
    heads: int
    inner: int
    sentences: int
    epochs: int
    layers: int = 12
    batch: int = 32


FULL = Size(hidden=768, heads=12, inner=3072, sentences=64, epochs=3)
DEMO = Size(hidden=384, heads=12, inner=1536, sentences=320, epochs=3)
QUICK = Size(hidden=48, heads=3, inner=96, sentences=64, epochs=2, layers=4)


class RandomEncoder:
    """What `Passes` asks of an encoder."""

    def __init__(self, size: Size):
        config = BertConfig(
            vocab_size=1000,
            hidden_size=size.hidden,
            num_hidden_layers=size.layers,
            num_attention_heads=size.heads,
            intermediate_size=size.inner,
        )
        self.model = BertModel(config, add_pooling_layer=False).eval().requires_grad_(False)
        self.blocks, self.hidden_size = find_blocks(self.model), size.hidden


def sentences(size: Size) -> list[LabelledReading]:
    """Random subwords; lengths spread as those of a treebank, three of four subwords the first of a word."""
    rng = np.random.default_rng(0)
    found = []
    for row in range(size.sentences):
        length = int(np.clip(rng.gamma(2.5, 9), 6, 80))
        positions = np.sort(rng.permutation(np.arange(1, length - 1))[: max(1, 3 * (length - 2) // 4)])
        ids, gold = rng.integers(5, 1000, length), rng.integers(0, LABELS, len(positions))
        types, own = np.zeros(length, dtype=np.int64), np.ones(length, dtype=bool)
        found.append(LabelledReading(ids, types, own, False, 0, positions, gold, row))
    return found


class Run:
    """A training of some heads, an epoch at a time."""

    def __init__(self, encoder: RandomEncoder, readings: Sequence[LabelledReading], plans: Sequence, size: Size):
        self.heads = models.StackedHeads(plans, True, size.hidden, size.layers, LABELS)
        batches = batch_examples(readings, size.batch, 0, torch.device("cpu"), seed=0)
        self.passes = Passes(encoder, batches, self.heads.states)
        self.training = models.HeadTraining(self.heads, 1e-3, (size.epochs + 1) * len(batches))

    def epoch(self) -> float:
        """Seconds for one."""
        start = perf_counter()
        for batch, states in self.passes.over():
            self.training.step(states, batch)
        return perf_counter() - start


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--demo", action="store_true", help="an encoder as large as the bundled model")
    parser.add_argument("--epochs", type=int, help="to time, instead of the size's own number")
    parser.add_argument("--quick", action="store_true", help="a small size, to see that it runs")
    options = parser.parse_args(arguments)
    size = QUICK if options.quick else DEMO if options.demo else FULL
    size = replace(size, epochs=options.epochs or size.epochs)

    encoder, readings = RandomEncoder(size), sentences(size)
    plans = plans_of(Spec(weights=("literal",), seeds=(0,)), size.layers)
    counts = Counter(plan.fusion for plan in plans)
    ways = {name: [next(plan for plan in plans if plan.fusion == name)] for name in counts}
    runs = {name: Run(encoder, readings, own, size) for name, own in {**ways, "sweep": plans}.items()}
    for run in runs.values():
        run.epoch()  # warm up
    seconds = dict.fromkeys(runs, 0.0)
    for _ in range(size.epochs):
        for name, run in runs.items():
            seconds[name] += run.epoch()

    one, sweep = seconds["dlfa"], seconds["sweep"]
    separate = sum(count * seconds[name] for name, count in counts.items())
    tokens = sum(len(reading.ids) for reading in readings)
    print(
        f"{len(plans)} heads: {', '.join(f'{name} {count}' for name, count in counts.items())}. "
        f"{size.layers} blocks of {size.hidden}, {size.sentences} sentences, {tokens:,} subwords, "
        f"{size.epochs} epochs, {torch.get_num_threads()} threads.\n"
    )
    print("| way | seconds | ratio |\n| --- | ---: | ---: |")
    for name, value in (
        ("DLFA at one layer alone", one),
        (f"frozen sweep, {len(plans)} heads together", sweep),
        (f"{len(plans)} separate trainings, each fusion timed once", separate),
    ):
        print(f"| {name} | {value:,.1f} | {value / one:,.2f} |")
    print(f"\nThe sweep takes {sweep / one:.2f} times one layer, and 1/{separate / sweep:.0f} of separate trainings.")


if __name__ == "__main__":
    main()
