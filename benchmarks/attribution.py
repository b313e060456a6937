"""Integrated gradients of many sentences, beside transformers-interpret and plain Captum.

    python -m benchmarks.attribution             a classifier as large as the bundled model
    python -m benchmarks.attribution --full      one as large as multilingual BERT
    python -m benchmarks.attribution --quick     the same path in a few seconds

One run, one model (random weights), the same sentences of the sample corpus in 20
languages and [PAD] baseline for all:

- *dlfa, 50 steps*: `Explainer.explain` with as many points as the others, which it may not raise;
- *dlfa, 50 steps, bfloat16*: the same in half precision, for where the processor multiplies it in hardware;
- *dlfa, its defaults*: 13 points, and more where scores miss what they should add up to;
- *captum*: `LayerIntegratedGradients` at the word embeddings, a sentence at a time, the model as transformers loads it,
  50 steps as is its default;
- *transformers-interpret*: its `SequenceClassificationExplainer`, 50 steps as is its default; a text at a time. Left
  out where it is not installed; `make bench` installs it.

inseq, the other library for this, explains what a model writes, and takes no classifier. All take turns, so that a busy
machine slows all of them; the table shows medians over rounds, ratios within a round. "Off" is the sum of the sizes of
what scores are off by, beside plain Captum with 400 steps, as a share of the sum of the sizes of scores, and "missed"
the size of the sum of it, which is the completeness error: medians, and the most, over the first `JUDGED` sentences.
transformers-interpret brings its scores to one length, so that they are not compared; before that they are Captum's.
Memory is the largest resident size of a process of its own; that of dlfa also for four times as many
sentences.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np
import torch
from captum.attr import LayerIntegratedGradients
from transformers import AutoModelForSequenceClassification, AutoTokenizer, BertConfig, BertForSequenceClassification

from benchmarks.measured import has, machine, own_peak_memory, peak_memory, print_table, seconds
from dlfa_core.data import open_corpus
from dlfa_core.models import Explainer, locate

STEPS, FINE = 50, 400
JUDGED = 4  # sentences
LABELS = ("negative", "neutral", "positive")
PEER, DEFAULTS = "transformers-interpret", "dlfa, its defaults"

Explain = Callable[[Sequence[str]], list[np.ndarray]]  # scores of the subwords of texts


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
        config.hidden_size, config.intermediate_size, config.num_attention_heads, config.num_hidden_layers, 20, 2
    )


FULL = Size(hidden=768, inner=3072, heads=12, layers=12, sentences=6, rounds=2)
QUICK = Size(hidden=48, inner=96, heads=4, layers=3, sentences=4, rounds=1)


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


def ours(folder: str, dtype: str = "float32", **settings: float) -> Explain:
    explainer = Explainer.from_pretrained(folder, device="cpu", dtype=dtype)
    return lambda texts: explainer.explain(texts, baseline="pad", **settings).scores


def plain_captum(folder: str, steps: int = STEPS) -> Explain:
    """As its tutorials do it."""
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    method = LayerIntegratedGradients(
        lambda ids, mask: model(ids, attention_mask=mask).logits, model.get_input_embeddings()
    )

    def explain(texts: Sequence[str]) -> list[np.ndarray]:
        found = []
        for text in texts:
            encoded = tokenizer(text, return_tensors="pt", return_special_tokens_mask=True)
            ids, mask, special = (encoded[name] for name in ("input_ids", "attention_mask", "special_tokens_mask"))
            baseline = torch.where(special.bool(), ids, tokenizer.pad_token_id)
            with torch.no_grad():
                target = model(ids, attention_mask=mask).logits.argmax(-1)
            scores, _ = method.attribute(ids, baseline, target, (mask,), steps, return_convergence_delta=True)
            found.append(scores.sum(-1).squeeze(0).detach().double().numpy())
        return found

    return explain


def transformers_interpret(folder: str) -> Explain:
    from transformers_interpret import SequenceClassificationExplainer

    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    explainer = SequenceClassificationExplainer(model, AutoTokenizer.from_pretrained(folder))
    return lambda texts: [
        np.array([score for _, score in explainer(text, n_steps=STEPS)], dtype=np.float64) for text in texts
    ]


CONTENDERS: dict[str, Callable[[str], Explain]] = {
    PEER: transformers_interpret,
    "captum": plain_captum,
    "dlfa, 50 steps": lambda folder: ours(folder, steps=STEPS, tolerance=0),
    "dlfa, 50 steps, bfloat16": lambda folder: ours(folder, "bfloat16", steps=STEPS, tolerance=0),
    DEFAULTS: ours,
}


def compare(folder: str, size: Size) -> None:
    """Print the table."""
    names = [name for name in CONTENDERS if name != PEER or has("transformers_interpret")]
    ways, texts = {name: CONTENDERS[name](folder) for name in names}, sentences(size.sentences)
    for way in ways.values():
        way(texts[:1])  # warm up
    times: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(size.rounds):
        for name, way in ways.items():
            times[name].append(seconds(lambda way=way: way(texts)))
    expected = plain_captum(folder, FINE)(texts[:JUDGED])
    tokens = np.mean([len(scores) for scores in expected])
    print(
        f"{size.layers} blocks of {size.hidden}, {len(texts)} sentences of about {tokens:.0f} subwords, "
        f"{size.rounds} rounds.\n"
    )
    base, rows = names[0], []
    for name, way in ways.items():
        speed = f"{len(texts) / median(times[name]):.2f}"
        ratio = median(theirs / own for theirs, own in zip(times[base], times[name], strict=True))
        found = way(texts[:JUDGED])
        errors = [_shown(map(error, found, expected)) if name != PEER else "" for error in (far, missed)]
        taken = "" if size is QUICK else f"{memory(folder, name, len(texts)):,.0f}"
        rows.append((name, speed, f"{ratio:.2f}", *errors, taken))
    print_table(("", "sentences/s", f"times {base}", "off", "missed", "memory, MB"), rows)
    explained = Explainer.from_pretrained(folder, device="cpu").explain(texts, baseline="pad")
    points = explained.to_texts()["steps"]
    print(f"\nPoints of {DEFAULTS}: {points.mean():.1f} on average, {points.min()} to {points.max()}.")
    if size is QUICK:
        return
    few, many = (memory(folder, DEFAULTS, n) for n in (len(texts), 4 * len(texts)))
    print(f"\nMemory of dlfa for four times as many sentences: {many / few:.2f} times.")


def far(own: np.ndarray, expected: np.ndarray) -> float:
    """The sum of the sizes of what scores are off by, as a share of the sum of the sizes of scores."""
    return float(np.abs(own - expected).sum() / np.abs(expected).sum())


def missed(own: np.ndarray, expected: np.ndarray) -> float:
    """By how much scores miss what they should add up to, as a share of the sum of their sizes."""
    return float(abs(own.sum() - expected.sum()) / np.abs(own).sum())


def _shown(errors: Iterable[float]) -> str:
    each = sorted(errors)
    return f"{median(each):.2%}, at most {each[-1]:.2%}"


def memory(folder: str, name: str, n: int) -> float:
    """Megabytes that a process takes to explain n sentences."""
    return peak_memory("attribution", "--memory-of", name, "--folder", folder, "--sentences", str(n))


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table for one size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="a classifier as large as multilingual BERT")
    parser.add_argument("--quick", action="store_true", help="a small size, to see that it runs")
    parser.add_argument("--sentences", type=int, help="how many, instead of the size's own number")
    parser.add_argument("--memory-of", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.memory_of:
        CONTENDERS[options.memory_of](options.folder)(sentences(options.sentences))
        print(own_peak_memory())
        return
    size = QUICK if options.quick else FULL if options.full else demo_size()
    if options.sentences:
        size = replace(size, sentences=options.sentences)
    print(machine(), end=" ")
    with tempfile.TemporaryDirectory() as folder:
        save_classifier(size, folder)
        compare(folder, size)


if __name__ == "__main__":
    main()
