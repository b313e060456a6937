"""How fast are all states of an encoder, beside sentence-transformers and this machine's matrix peak?

One run, one model (mBERT's shape, random weights), the same sentences for both:

- *dlfa*: `Encoder.encode`, every state, its defaults;
- *sentence-transformers*: `SentenceTransformer.encode`, the last state only, its defaults (32 sentences a batch,
  sorted by characters, float32);
- *peak*: the best of five products of two 2,048 x 2,048 matrices in the number format that dlfa chose.

The three take turns, `rounds` times, so that a busy machine slows all of them; the table shows medians. The share of
the peak counts only the work that the sentences need, padding left out: for a text of t subwords, special tokens
included, in an encoder of L blocks with width h and inner width f,

    L * (t * (8 h^2 + 4 h f) + 4 t^2 h)   floating-point operations.
"""

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import torch
import tyro
from transformers import AutoTokenizer, BertConfig, BertModel, BertTokenizer

from dlfa_core.data.sources import open_corpus
from dlfa_core.models import Encoder, locate
from dlfa_core.models.hardware import has_fast_bfloat16

SHARED = Path(__file__).parents[2] / "shared" / "data"
PUD, VOCABULARY = SHARED / "ud-pud", SHARED / "mbert-cased-vocab" / "vocab.txt"


@dataclass(frozen=True)
class Round:
    """What one turn of all three measured."""

    peak: float  # floating-point operations a second
    ours: float  # seconds
    theirs: float  # seconds


def main(sentences: int = 272, rounds: int = 5, device: str = "cpu") -> None:
    """Print the comparison for a corpus of many languages and for English alone.

    Args:
        sentences: how many in each corpus.
        rounds: turns of each contender.
        device: where both run, "cpu" or "cuda".
    """
    from sentence_transformers import SentenceTransformer

    with tempfile.TemporaryDirectory() as folder:
        write_random_mbert(folder)
        ours = Encoder.from_pretrained(folder, device=device)
        theirs = SentenceTransformer(folder, device=device)
        print(machine(ours), end="\n\n")
        print("| sentences | subwords | | states | sentences/s | ratio | share of peak | last state, least cosine |")
        print("| --- | --- | --- | --- | --- | --- | --- | --- |")
        for name, texts in corpora(sentences).items():
            print(compare(name, texts, ours, theirs, rounds), flush=True)


def compare(name: str, texts: Sequence[str], ours: Encoder, theirs, rounds: int) -> str:
    """Two rows of the table: sentence-transformers, then dlfa."""
    vectors = ours.encode(texts, special_tokens=True).vectors[-1]  # with special tokens, as the other pools
    agreement = cosine(vectors, theirs.encode(texts)).min()
    turns = [turn(texts, ours, theirs) for _ in range(rounds)]

    lengths = [len(ids) for ids in ours.tokenizer(list(texts), truncation=True, max_length=256)["input_ids"]]
    work = operations(lengths, ours.model.config)
    peak = median(turn.peak for turn in turns)
    ratio = median(turn.theirs / turn.ours for turn in turns)

    def row(label: str, states: int, seconds: float, ratio: str, agreement: str) -> str:
        corpus = f"{len(texts)} {name} | {np.mean(lengths):.1f}"
        speed, share = len(texts) / seconds, work / seconds / peak
        return f"| {corpus} | {label} | {states} | {speed:.1f} | {ratio} | {share:.0%} | {agreement} |"

    dtype = str(ours.model.dtype).removeprefix("torch.")
    return "\n".join(
        [
            row("sentence-transformers, float32", 1, median(turn.theirs for turn in turns), "1", ""),
            row(
                f"dlfa, {dtype}", ours.n_states, median(turn.ours for turn in turns), f"{ratio:.2f}", f"{agreement:.6f}"
            ),
        ]
    )


def turn(texts: Sequence[str], ours: Encoder, theirs) -> Round:
    """Let each contender run once."""
    return Round(
        peak=matrix_peak(ours.model.dtype, ours.model.device),
        ours=seconds(lambda: ours.encode(texts, special_tokens=True)),
        theirs=seconds(lambda: theirs.encode(texts)),
    )


def operations(lengths: Sequence[int], config: BertConfig) -> float:
    """Floating-point operations that texts of these lengths need; the formula stands at the top."""
    t, h, f = np.asarray(lengths, dtype=float), config.hidden_size, config.intermediate_size
    return float(config.num_hidden_layers * (t * (8 * h**2 + 4 * h * f) + 4 * t**2 * h).sum())


def matrix_peak(dtype: torch.dtype, device: torch.device, size: int = 2048) -> float:
    """Floating-point operations a second of a large square product, the best of five."""
    a, b = torch.randn(2, size, size, device=device).to(dtype)
    return 2 * size**3 / min(seconds(lambda: a @ b) for _ in range(5))


def seconds(work: Callable[[], object]) -> float:
    """Wall time of a call, the accelerator's part included."""
    started = time.perf_counter()
    work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - started


def corpora(sentences: int) -> dict[str, Sequence[str]]:
    """PUD where it is beside the repository, else the bundled sentences: all languages, and English."""
    corpus = open_corpus(f"pud:{PUD}" if PUD.is_dir() else "sample")
    mixed = [corpus[language][row] for row in range(len(corpus)) for language in corpus.languages]
    return {
        f"of {corpus.name}, {len(corpus.languages)} languages": mixed[:sentences],
        f"of {corpus.name}, English": corpus["eng"][:sentences],
    }


def write_random_mbert(folder: str) -> None:
    """Write a checkpoint of mBERT's shape, with its vocabulary where that is there, else the bundled encoder's."""
    if VOCABULARY.is_file():
        tokenizer = BertTokenizer(vocab=str(VOCABULARY), do_lower_case=False, model_max_length=512)
    else:
        tokenizer = AutoTokenizer.from_pretrained(locate("demo"))
    torch.manual_seed(0)
    BertModel(BertConfig(vocab_size=len(tokenizer))).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def machine(encoder: Encoder) -> str:
    """Return what the numbers depend on, in one line."""
    features = torch.cpu.get_capabilities()
    device = encoder.model.device
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else features.get("cpu_name", "processor")
    fast = "computes in bfloat16" if has_fast_bfloat16(device) else "has no fast bfloat16"
    peak = matrix_peak(encoder.model.dtype, device) / 1e9
    return (
        f"{name}, {os.cpu_count()} cores, {torch.get_num_threads()} threads; {fast}; "
        f"AVX-512 {'yes' if features.get('avx512_f') else 'no'}; torch {torch.__version__}; "
        f"matrix peak {peak:,.0f} GFLOP/s in {str(encoder.model.dtype).removeprefix('torch.')}."
    )


def cosine(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Of row i with row i: (n, d), (n, d) -> (n,)."""
    return (x * y).sum(1) / (np.linalg.norm(x, axis=1) * np.linalg.norm(y, axis=1))


if __name__ == "__main__":
    tyro.cli(main)
