"""What an accelerator makes of it: sentences per second and the share of its matrix peak; exact neighbours; CKA.

    python -m benchmarks.accelerator            on the first accelerator
    python -m benchmarks.accelerator --quick    the same path with a tiny model, on the processor where there is none

Encoding: all 13 states of an encoder of mBERT's shape with random weights, sentences of the sample corpus in 20
languages, in the number formats that the device has; see `benchmarks.encode` for how the share is counted. Medians of
the rounds. Neighbours: the exact 14 nearest of 20,000 points with 768 numbers. CKA: debiased, with
intervals, of 210 pairs of 1,000 sentences. Both beside the processor.
"""

import argparse
import tempfile
from collections.abc import Sequence
from functools import partial
from statistics import median

import numpy as np
import torch
from transformers import AutoTokenizer, BertConfig

from benchmarks.encode import corpora, operations, write_random_mbert
from benchmarks.measured import machine, matrix_peak, print_table, seconds
from dlfa_core.measures import bootstrap_weights, compare_all, products_on
from dlfa_core.models import Encoder
from dlfa_core.models.hardware import choose_device, has_fast_bfloat16, put
from dlfa_core.projection.neighbours import nearest

PEAK_SIZE = 8192  # of a matrix: smaller ones do not fill an accelerator


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables, or that there is no accelerator."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="a small size, to see that it runs")
    asked = parser.parse_args(arguments)
    device = choose_device("auto")
    if device.type == "cpu":
        print("No accelerator is at hand: torch finds neither CUDA nor MPS, so nothing was measured on one.")
        if not asked.quick:
            return
    if asked.quick:
        asked.sentences, asked.rounds = 16, 1
    print(f"{machine(str(device))}\n")
    encoding(device, asked)
    print()
    neighbours(device, 200 if asked.quick else 20_000)
    print()
    similarity(device, 20 if asked.quick else 1_000)


def encoding(device: torch.device, asked: argparse.Namespace) -> None:
    """Print the table of encoding."""
    texts = next(iter(corpora(asked.sentences).values()))
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        write_random_mbert(folder, tiny=asked.quick)
        tokenizer, config = AutoTokenizer.from_pretrained(folder), BertConfig.from_pretrained(folder)
        lengths = [len(ids) for ids in tokenizer(list(texts), truncation=True, max_length=256)["input_ids"]]
        work = operations(lengths, config)
        for dtype in ("float32", *["bfloat16"] * has_fast_bfloat16(device)):
            encoder = Encoder.from_pretrained(folder, device=str(device), dtype=dtype)
            encoder.encode(texts[:1000])
            took = median(seconds(lambda encoder=encoder: encoder.encode(texts)) for _ in range(asked.rounds))
            peak = matrix_peak(encoder.model.dtype, device, 256 if asked.quick else PEAK_SIZE)
            share = f"{work / took / peak:.0%}"
            rows.append((dtype, encoder.n_states, f"{len(texts) / took:,.0f}", f"{peak / 1e12:,.1f}", share))
    print(f"{len(texts):,} sentences of {np.mean(lengths):.1f} subwords.\n")
    print_table(("", "states", "sentences/s", "matrix peak, TFLOP/s", "share of peak"), rows)


def neighbours(device: torch.device, points: int) -> None:
    """Print the table of exact neighbours."""
    vectors = np.random.default_rng(0).standard_normal((points, 768), dtype=np.float32)
    rows = []
    for kind in dict.fromkeys((torch.device("cpu"), device)):
        nearest(vectors[:50], 14, device=kind, exact=True)
        rows.append(
            (kind, f"{points:,}", f"{seconds(lambda kind=kind: nearest(vectors, 14, device=kind, exact=True)):.2f}")
        )
    print_table(("exact neighbours on", "points", "seconds"), rows)


def similarity(device: torch.device, sentences: int) -> None:
    """Print the table of CKA with its intervals between 21 languages at one layer."""
    views = np.random.default_rng(0).standard_normal((21, sentences, 768))
    weights, rows = bootstrap_weights(sentences, 200, 0), []
    for kind in dict.fromkeys((torch.device("cpu"), device)):
        with products_on(None if kind.type == "cpu" else partial(put, kind)):
            compare_all(views[:2], ["cka"], weights)
            took = seconds(lambda: compare_all(views, ["cka"], weights))
        rows.append((kind, f"{sentences:,}", f"{took:.2f}"))
    print_table(("CKA of 210 pairs on", "sentences", "seconds"), rows)


if __name__ == "__main__":
    main()
