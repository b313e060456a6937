"""Integrated gradients of many sentences, beside transformers-interpret and plain Captum.

    python -m benchmarks.attribution             a classifier as large as the bundled model
    python -m benchmarks.attribution --full      one as large as multilingual BERT
    python -m benchmarks.attribution --quick     the same path in a few seconds

One run, one model (random weights), the same sentences of the sample corpus in 20 languages, the same 50 steps and
[PAD] baseline for all:

- *dlfa*: `Explainer.explain` with its defaults but for the steps, which it may not raise;
- *dlfa, bfloat16*: the same in half precision, which is worth its while where the processor multiplies it in hardware;
- *captum*: `LayerIntegratedGradients` at the word embeddings, a sentence at a time, the model as transformers loads it;
- *transformers-interpret*: its `SequenceClassificationExplainer`, which explains a text at a time. Left out where it is
  not installed: `pip install --no-deps transformers-interpret==0.10.0`, because it pins an ipython of its own.

They take turns, so that a busy machine slows all of them; the table shows medians over rounds. transformers-interpret
brings its scores to one length, so that they are not compared. Then memory: the
largest resident size of a process of its own that explains n sentences, and of one that explains 4 n.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import numpy as np
import torch
from captum.attr import LayerIntegratedGradients
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

from dlfa_core.data import open_corpus
from dlfa_core.models import Explainer, locate

STEPS = 50
LABELS = ("negative", "neutral", "positive")


@dataclass(frozen=True)
class Size:
    """Of a classifier, and of the comparison."""

    hidden: int
    inner: int
    heads: int
    layers: int
    sentences: int
    rounds: int


def demo_size() -> Size:
    """That of the bundled encoder."""
    config = BertConfig.from_pretrained(locate("demo"))
    return Size(
        config.hidden_size, config.intermediate_size, config.num_attention_heads, config.num_hidden_layers, 60, 3
    )


FULL = Size(hidden=768, inner=3072, heads=12, layers=12, sentences=20, rounds=3)
QUICK = Size(hidden=48, inner=96, heads=4, layers=3, sentences=20, rounds=1)


def save_classifier(size: Size, folder: str) -> None:
    """Random weights, with the tokenizer of the bundled model."""
    torch.manual_seed(0)
    tokenizer = AutoTokenizer.from_pretrained(locate("demo"))
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=size.hidden,
        intermediate_size=size.inner,
        num_attention_heads=size.heads,
        num_hidden_layers=size.layers,
        initializer_range=0.05,  # so that scores are not all nearly 0
        id2label=dict(enumerate(LABELS)),
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def sentences(n: int) -> list[str]:
    """n of the sample corpus, from all its languages in turn."""
    corpus = open_corpus("sample")
    return [text for row in zip(*(corpus[code] for code in corpus.languages), strict=True) for text in row][:n]


def ours(folder: str, dtype: str = "float32") -> Callable[[Sequence[str]], list[np.ndarray]]:
    explainer = Explainer.from_pretrained(folder, device="cpu", dtype=dtype)
    return lambda texts: explainer.explain(texts, steps=STEPS, tolerance=0).scores


def plain_captum(folder: str) -> Callable[[Sequence[str]], list[np.ndarray]]:
    """As its tutorials do it."""
    model = BertForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    method = LayerIntegratedGradients(
        lambda ids, mask: model(ids, attention_mask=mask).logits, model.bert.embeddings.word_embeddings
    )

    def explain(texts: Sequence[str]) -> list[np.ndarray]:
        found = []
        for text in texts:
            encoded = tokenizer(text, return_tensors="pt", return_special_tokens_mask=True)
            ids, mask, special = (encoded[name] for name in ("input_ids", "attention_mask", "special_tokens_mask"))
            baseline = torch.where(special.bool(), ids, tokenizer.pad_token_id)
            target = model(ids, attention_mask=mask).logits.argmax(-1)
            scores, _ = method.attribute(ids, baseline, target, (mask,), STEPS, return_convergence_delta=True)
            found.append(scores.sum(-1).squeeze(0).detach().double().numpy())
        return found

    return explain


def transformers_interpret(folder: str) -> Callable[[Sequence[str]], list[np.ndarray]]:
    from transformers_interpret import SequenceClassificationExplainer

    model = BertForSequenceClassification.from_pretrained(folder).eval()
    explainer = SequenceClassificationExplainer(model, AutoTokenizer.from_pretrained(folder))
    return lambda texts: [
        np.array([score for _, score in explainer(text, n_steps=STEPS)], dtype=np.float64) for text in texts
    ]


CONTENDERS = {
    "dlfa": ours,
    "dlfa, bfloat16": lambda folder: ours(folder, "bfloat16"),
    "captum": plain_captum,
    "transformers-interpret": transformers_interpret,
}


def compare(folder: str, size: Size) -> None:
    """Print the table of speed."""
    names = [name for name in CONTENDERS if name != "transformers-interpret" or find_spec("transformers_interpret")]
    ways, texts = {name: CONTENDERS[name](folder) for name in names}, sentences(size.sentences)
    results = {name: way(texts[:2]) for name, way in ways.items()}  # warm up
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(size.rounds):
        for name, way in ways.items():
            start = time.perf_counter()
            results[name] = way(texts)
            seconds[name].append(time.perf_counter() - start)
    tokens = np.mean([len(scores) for scores in results["dlfa"]])
    print(
        f"{size.layers} blocks of {size.hidden}, {len(texts)} sentences of {tokens:.0f} subwords, {STEPS} steps, "
        f"{torch.get_num_threads()} threads, {size.rounds} rounds.\n"
    )
    peer = names[-1]
    print(f"| | sentences/s | times {peer} | scores from plain Captum's |\n| --- | ---: | ---: | ---: |")
    for name in names:
        ratio = median(theirs / own for theirs, own in zip(seconds[peer], seconds[name], strict=True))
        apart = "" if name in ("captum", "transformers-interpret") else difference(results[name], results["captum"])
        print(f"| {name} | {len(texts) / median(seconds[name]):.2f} | {ratio:.2f} | {apart} |")


def difference(own: Sequence[np.ndarray], theirs: Sequence[np.ndarray]) -> str:
    """Of scores: the largest, and the median over texts of the largest as a share of the text's largest score."""
    gaps = [np.abs(a - b).max() for a, b in zip(own, theirs, strict=True)]
    shares = [gap / np.abs(b).max() for gap, b in zip(gaps, theirs, strict=True)]
    return f"at most {max(gaps):.1e}, {median(shares):.1e} of the largest"


def peak_memory(folder: str, n: int) -> float:
    """Megabytes that a process takes to explain n sentences."""
    command = [sys.executable, "-m", "benchmarks.attribution", "--memory-of", folder, "--sentences", str(n)]
    found = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=Path(__file__).parents[1])
    return float(found.stdout.split()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="a classifier as large as multilingual BERT")
    parser.add_argument("--quick", action="store_true", help="a small size, to see that it runs")
    parser.add_argument("--sentences", type=int, help="how many, instead of the size's own number")
    parser.add_argument("--memory-of", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory_of:
        ours(options.memory_of)(sentences(options.sentences))
        kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS
        print(kilobytes / (2**20 if sys.platform == "darwin" else 2**10))
        return
    size = QUICK if options.quick else FULL if options.full else demo_size()
    if options.sentences:
        size = Size(**{**vars(size), "sentences": options.sentences})
    with tempfile.TemporaryDirectory() as folder:
        save_classifier(size, folder)
        compare(folder, size)
        few, many = (peak_memory(folder, n) for n in (size.sentences, 4 * size.sentences))
    print(
        f"\nMemory: {few:,.0f} MB for {size.sentences} sentences, {many:,.0f} MB for {4 * size.sentences}: "
        f"{many / few:.2f} times."
    )


if __name__ == "__main__":
    main()
