"""How fast are all states of an encoder, beside what one could take instead and this machine's matrix peak?

    python -m benchmarks.encode            a model as large as multilingual BERT
    python -m benchmarks.encode --quick    the same path with a tiny one

One run, one model (mBERT's shape, random weights), the same sentences for all:

- *dlfa*: `Encoder.encode`, every state, its defaults;
- *sentence-transformers*: `SentenceTransformer.encode`, the last state only, its defaults (32 sentences a batch, sorted
  by characters, float32);
- *its best settings*: bfloat16 where the machine computes with it, and the fastest of `BATCHES` for these sentences;
- *ONNX Runtime*: the last state only, sentences sorted by subwords; exported by torch, in float32, and with weights in
  8 bits, which gives other numbers. (fastembed runs the same library, and wants an older huggingface_hub than
  transformers does.)

What is not installed is left out; `make bench` installs it. All take turns, `rounds` times, so that a busy machine
slows all of them; the table shows medians, and ratios within a round. The peak is the best of five products of two
2,048 x 2,048 matrices in the contender's number format, in the same round. The share of the peak counts only the work
that the sentences need, padding left out: for a text of t subwords, special tokens included, in an encoder of L blocks
with width h and inner width f,

    L * (t * (8 h^2 + 4 h f) + 4 t^2 h)   floating-point operations.

Memory is the largest resident size of a process of its own for each.
"""

import argparse
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import torch
from transformers import AutoTokenizer, BertConfig, BertModel, BertTokenizer

from benchmarks.measured import (
    PEAK_SIZE,
    QUICK_PEAK_SIZE,
    has,
    machine,
    matrix_peak,
    own_peak_memory,
    peak_memory,
    print_table,
    seconds,
)
from benchmarks.onnx_peer import OnnxEncoder, export
from dlfa_core.data.sources import open_corpus
from dlfa_core.models import Encoder, locate
from dlfa_core.models.hardware import choose_dtype

SHARED = Path(__file__).parents[2] / "shared" / "data"
PUD, VOCABULARY = SHARED / "ud-pud", SHARED / "mbert-cased-vocab" / "vocab.txt"
BATCHES = (8, 16, 32, 64)  # sentences that sentence-transformers is tried with
PEER = "sentence-transformers"  # what ratios are held against
INT8 = "ONNX Runtime, 8 bits"

Encode = Callable[[Sequence[str]], np.ndarray]  # the last state of texts


@dataclass(frozen=True)
class Contender:
    """One way to encode.

    Attributes:
        dtype: what it computes in; None for whole numbers, whose peak is another one.
        states: how many it gives.
        encode: texts in, their last state out.
    """

    dtype: torch.dtype | None
    states: int
    encode: Encode


def ours(folder: str, device: str, _: Sequence[str]) -> Contender:
    encoder = Encoder.from_pretrained(folder, device=device)
    return Contender(
        encoder.model.dtype, encoder.n_states, lambda texts: encoder.encode(texts, special_tokens=True).vectors[-1]
    )


def theirs(folder: str, device: str, _: Sequence[str]) -> Contender:
    from sentence_transformers import SentenceTransformer

    return Contender(torch.float32, 1, SentenceTransformer(folder, device=device).encode)


def their_best(folder: str, device: str, texts: Sequence[str]) -> Contender:
    from sentence_transformers import SentenceTransformer

    dtype = choose_dtype("auto", torch.device(device))
    model = SentenceTransformer(folder, device=device, model_kwargs={"dtype": dtype})
    some = texts[: len(texts) // 2]
    best = min(BATCHES, key=lambda size: seconds(lambda: model.encode(some, batch_size=size)))
    return Contender(dtype, 1, lambda texts: model.encode(texts, batch_size=best).astype(np.float32))


def onnx(folder: str, *_: object) -> Contender:
    return Contender(torch.float32, 1, OnnxEncoder(folder).encode)


def onnx_int8(folder: str, *_: object) -> Contender:
    return Contender(None, 1, OnnxEncoder(folder, "model-int8.onnx").encode)


CONTENDERS = {  # name -> the packages that it needs, and how it is made
    PEER: (("sentence_transformers",), theirs),
    f"{PEER}, its best settings": (("sentence_transformers",), their_best),
    "ONNX Runtime": (("onnxruntime", "onnxscript"), onnx),
    INT8: (("onnxruntime", "onnxscript"), onnx_int8),
    "dlfa": ((), ours),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the comparison for a corpus of many languages and for English alone."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=136, help="in each corpus")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each contender")
    parser.add_argument("--device", default="cpu", help="where torch runs, cpu or cuda")
    parser.add_argument("--quick", action="store_true", help="a small size, to see that it runs")
    parser.add_argument("--memory-of", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.memory_of:
        texts = next(iter(corpora(asked.sentences).values()))
        CONTENDERS[asked.memory_of][1](asked.folder, asked.device, texts[:8]).encode(texts)
        print(own_peak_memory())
        return
    if asked.quick:
        asked.sentences, asked.rounds = 16, 1
    names = [name for name, (packages, _) in CONTENDERS.items() if all(map(has, packages))]
    with tempfile.TemporaryDirectory() as folder:
        write_random_mbert(folder, tiny=asked.quick)
        if "ONNX Runtime" in names:
            export(folder)
        print(f"{machine(asked.device)} {asked.rounds} rounds.\n")
        memory = {} if asked.quick else {name: _memory(name, folder, asked) for name in names}
        for name, texts in corpora(asked.sentences).items():
            contenders = {each: CONTENDERS[each][1](folder, asked.device, texts) for each in names}
            size = QUICK_PEAK_SIZE if asked.quick else PEAK_SIZE
            compare(name, texts, contenders, folder, memory, asked.rounds, asked.device, size)
            del contenders
        if left_out := sorted(set(CONTENDERS) - set(names)):
            print(f"\nNot installed, so left out: {', '.join(left_out)}.")


def _memory(name: str, folder: str, asked: argparse.Namespace) -> float:
    return peak_memory(
        "encode", "--memory-of", name, "--folder", folder, "--device", asked.device, "--sentences", str(asked.sentences)
    )


def compare(
    corpus: str,
    texts: Sequence[str],
    contenders: dict[str, Contender],
    folder: str,
    memory: dict[str, float],
    rounds: int,
    device: str,
    peak_size: int,
) -> None:
    """Print one table; `peak_size` is that of the square product that is the limit."""
    vectors = {name: each.encode(texts) for name, each in contenders.items()}  # warms up
    times: dict[str, list[float]] = {name: [] for name in contenders}
    peaks: dict[torch.dtype | None, list[float]] = {each.dtype: [] for each in contenders.values()}
    for _ in range(rounds):
        for dtype, found in peaks.items():
            found.append(matrix_peak(dtype, device, peak_size) if dtype else np.nan)
        for name, each in contenders.items():
            times[name].append(seconds(lambda each=each: each.encode(texts)))

    tokenizer, config = AutoTokenizer.from_pretrained(folder), BertConfig.from_pretrained(folder)
    lengths = [len(ids) for ids in tokenizer(list(texts), truncation=True, max_length=256)["input_ids"]]
    work = operations(lengths, config)
    print(f"\n{len(texts)} sentences {corpus}, {np.mean(lengths):.1f} subwords each.", end=" ")
    said = [f"{np.nanmedian(found) / 1e9:,.0f} GFLOP/s in {_name(dtype)}" for dtype, found in peaks.items() if dtype]
    print(f"Matrix peak: {', '.join(said)}.\n")
    base = times[PEER] if PEER in times else times["dlfa"]
    rows = []
    for name, each in contenders.items():
        ratio = median(one / own for one, own in zip(base, times[name], strict=True))
        share = median(work / own / peak for own, peak in zip(times[name], peaks[each.dtype], strict=True))
        agreement = f"{cosine(vectors[name], vectors[PEER]).min():.6f}" if PEER in vectors else ""
        rows.append(
            (
                f"{name}, {_name(each.dtype)}" if each.dtype else name,
                each.states,
                f"{len(texts) / median(times[name]):.1f}",
                f"{ratio:.2f}",
                f"{share:.0%}" if each.dtype else "",
                agreement,
                f"{memory[name]:,.0f}" if name in memory else "",
            )
        )
    heads = ("", "states", "sentences/s", f"times {PEER}", "share of peak", "last state, least cosine", "memory, MB")
    print_table(heads, rows)


def _name(dtype: torch.dtype | None) -> str:
    return str(dtype).removeprefix("torch.")


def operations(lengths: Sequence[int], config: BertConfig) -> float:
    """Floating-point operations that texts of these lengths need; the formula stands at the top."""
    t, h, f = np.asarray(lengths, dtype=float), config.hidden_size, config.intermediate_size
    return float(config.num_hidden_layers * (t * (8 * h**2 + 4 * h * f) + 4 * t**2 * h).sum())


def corpora(sentences: int) -> dict[str, Sequence[str]]:
    """PUD where it is beside the repository, else the bundled sentences: all languages, and English."""
    corpus = open_corpus(f"pud:{PUD}" if PUD.is_dir() else "sample")
    mixed = [corpus[language][row] for row in range(len(corpus)) for language in corpus.languages]
    return {
        f"of {corpus.name}, {len(corpus.languages)} languages": mixed[:sentences],
        f"of {corpus.name}, English": corpus["eng"][:sentences],
    }


def write_random_mbert(folder: str, tiny: bool = False) -> None:
    """Write a checkpoint of mBERT's shape, with its vocabulary where that is there, else the bundled encoder's."""
    if VOCABULARY.is_file() and not tiny:
        tokenizer = BertTokenizer(vocab=str(VOCABULARY), do_lower_case=False, model_max_length=512)
    else:
        tokenizer = AutoTokenizer.from_pretrained(locate("demo"))
    torch.manual_seed(0)
    small = {"hidden_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 96}
    BertModel(BertConfig(vocab_size=len(tokenizer), **(small if tiny else {}))).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def cosine(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Of row i with row i: (n, d), (n, d) -> (n,)."""
    return (x * y).sum(1) / (np.linalg.norm(x, axis=1) * np.linalg.norm(y, axis=1))


if __name__ == "__main__":
    main()
