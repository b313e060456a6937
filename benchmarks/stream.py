"""Does the memory of `stream` grow with the corpus?

    python -m benchmarks.stream                       20,000 and 200,000 pairs of sentences
    python -m benchmarks.stream --sizes 2000 20000

Short made-up sentences in two languages, the bundled encoder, 20 shards one after the other in one process for each
size, the least first. Memory is the peak of that process; beside it, what the vectors of all layers would take.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measured import ROOT
from dlfa_core import models

PROGRAM = """
import sys
from benchmarks.measured import own_peak_memory
from dlfa_core.experiments import stream
from dlfa_core.runtime import store
store.fetch(stream, stream.Spec(sys.argv[1], shards=20))
print(own_peak_memory())
"""
WORDS = (
    ["red", "green", "blue", "old", "new", "long", "short", "warm", "cold", "small"],
    ["rot", "grün", "blau", "alt", "neu", "lang", "kurz", "warm", "kalt", "klein"],
)


def save(path: Path, n: int) -> None:
    """Write n pairs of short sentences, all different."""
    with path.open("w", encoding="utf-8") as file:
        file.write("eng\tdeu\n")
        for row in range(n):
            english, german = (" ".join(words[int(digit)] for digit in f"{row:06}") for words in WORDS)
            file.write(f"{english}\t{german}\n")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[20_000, 200_000])
    parser.add_argument("--quick", action="store_true", help="two small sizes, to see that it runs")
    options = parser.parse_args(arguments)
    if options.quick:
        options.sizes = [200, 400]
    config = models.load_config("demo")
    states = config.num_hidden_layers + 1
    print("| pairs of sentences | seconds | peak of memory | all vectors |\n| ---: | ---: | ---: | ---: |")
    for n in sorted(options.sizes):
        with tempfile.TemporaryDirectory() as folder:
            save(path := Path(folder) / "corpus.tsv", n)
            start = time.perf_counter()
            command = [sys.executable, "-c", PROGRAM, str(path)]
            environment = os.environ | {"DLFA_HOME": folder, "PYTHONPATH": str(ROOT)}
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
            seconds, vectors = time.perf_counter() - start, 2 * n * states * config.hidden_size * 4 / 2**20
            print(f"| {n:,} | {seconds:,.0f} | {float(done.stdout):,.0f} MB | {vectors:,.0f} MB |", flush=True)


if __name__ == "__main__":
    main()
