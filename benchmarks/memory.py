"""How much memory takes encoding, and keeping what it gives, when there are a hundred times as many sentences?

    python -m benchmarks.memory            1,000, 20,000 and 100,000 sentences
    python -m benchmarks.memory --quick    300

Each number of sentences is encoded and stored by a process of its own, as `python -m dlfa_core encode` does it; memory
is its largest resident size. The encoder has mBERT's 13 states of 64 numbers and random weights, so that the output is
large and little time goes by. Sentences are those of the sample corpus, each made different by a number. The goal: at
most 1.1 times the memory of the fewest sentences, however large the output.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from transformers import AutoTokenizer, BertConfig, BertModel

from benchmarks.measured import machine, own_peak_memory, peak_memory, print_table
from dlfa_core.data import open_corpus
from dlfa_core.models import locate

HIDDEN = 64
WORDS = 8  # of a sentence that are kept: time is no matter here


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, nargs="+", default=[1000, 20_000, 100_000])
    parser.add_argument("--quick", action="store_true", help="a small size, to see that it runs")
    parser.add_argument("--encode", nargs=2, metavar=("MODEL", "CORPUS"), help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.encode:
        _encode(*asked.encode)
        print(own_peak_memory())
        return
    print(f"{machine()}\n")
    counts = [300] if asked.quick else asked.sentences
    heads = ("sentences", "memory, MB", f"times {counts[0]:,}", "output, MB", "seconds")
    print_table(heads, _measured(counts), left=0)


def _measured(counts: Sequence[int]) -> Iterator[tuple[str, ...]]:
    """Yield a row of the table for each number of sentences."""
    fewest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        model = _write_encoder(Path(folder) / "model")
        for count in counts:
            corpus = _write_corpus(Path(folder) / f"{count}.tsv", count)
            started = time.perf_counter()
            taken = peak_memory("memory", "--encode", model, corpus)
            took = time.perf_counter() - started
            fewest = fewest or taken
            output = 13 * count * HIDDEN * 4 / 2**20
            yield f"{count:,}", f"{taken:,.0f}", f"{taken / fewest:.2f}", f"{output:,.0f}", f"{took:.0f}"


def _encode(model: str, corpus: str) -> None:
    from dlfa_core.experiments import encode
    from dlfa_core.runtime import store

    with tempfile.TemporaryDirectory(dir=Path(corpus).parent) as home:
        os.environ["DLFA_HOME"] = home
        store.fetch(encode, encode.Spec(model=model, corpus=f"table:{corpus}", language="eng"))


def _write_encoder(folder: Path) -> str:
    torch.manual_seed(0)
    tokenizer = AutoTokenizer.from_pretrained(locate("demo"))
    config = BertConfig(vocab_size=len(tokenizer), hidden_size=HIDDEN, num_attention_heads=4, intermediate_size=HIDDEN)
    BertModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


def _write_corpus(path: Path, count: int) -> str:
    """Sentences of English and, because a corpus is parallel, their numbers as a second language."""
    words = [" ".join(text.split()[:WORDS]) for text in open_corpus("sample")["eng"]]
    lines = [f"{number}\t{words[number % len(words)]} {number}\t{number}" for number in range(count)]
    path.write_text("\n".join(["id\teng\tdeu", *lines]) + "\n", encoding="utf-8")
    return str(path)


if __name__ == "__main__":
    main()
