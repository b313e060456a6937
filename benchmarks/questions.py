"""Memory and time of a frozen sweep over questions with a full-size mBERT: every layer, fusion and weight at once.

    python -m benchmarks.questions              random weights, windows of 384 subwords
    python -m benchmarks.questions --windows 256 --seeds 3
    python -m benchmarks.questions --quick      the same path in a few seconds, a small encoder

Contexts are sentences of the bundled corpus, one after the other and as long as Wikipedia's paragraphs, so that they
are read in overlapping windows; the vocabulary is mBERT's own where it lies beside the repository. After an epoch of
training, the dev set and one test set are answered, as `transfer` does it. Memory is the most that the process (on a
GPU, torch there) held up to then.
"""

import resource
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import torch
import tyro
from transformers import AutoTokenizer, BertConfig, BertModel, BertTokenizer

from benchmarks.encode import VOCABULARY
from dlfa_core import models
from dlfa_core.data.sources import open_corpus
from dlfa_core.data.tasks import QuestionSet
from dlfa_core.experiments.training import plans_of
from dlfa_core.experiments.training.frozen import MEMORY
from dlfa_core.experiments.transfer import Spec
from dlfa_core.models.blocks import find_blocks
from dlfa_core.models.passes import Passes
from dlfa_core.models.stacked import PART_MEMORY
from dlfa_core.models.task_batches import batch_examples

GIB = 2**30


@dataclass(frozen=True)
class Options:
    """What is measured.

    Attributes:
        windows: of the training set; a quarter of them each in the dev and in the test set.
        seeds: how often each fusion and layer is trained.
        batch: windows in a step.
        quick: a small encoder and few windows.
    """

    windows: int = 128
    seeds: int = 1
    batch: int = 32
    quick: bool = False


class RandomEncoder:
    """What `Passes` asks of an encoder."""

    def __init__(self, vocabulary: int, quick: bool):
        small = {"hidden_size": 48, "num_hidden_layers": 4, "num_attention_heads": 3, "intermediate_size": 96}
        config = BertConfig(vocab_size=vocabulary, **(small if quick else {}))
        device = models.choose_device()
        self.model = BertModel(config, add_pooling_layer=False).eval().requires_grad_(False).to(device)
        self.blocks, self.hidden_size = find_blocks(self.model), config.hidden_size


def questions(n: int) -> QuestionSet:
    """Questions of eight words about contexts of 30 sentences; answers of one word, in many languages."""
    corpus, rng = open_corpus("sample"), np.random.default_rng(0)
    codes = [code for code in corpus.languages if code not in ("cmn", "jpn", "tha")]  # words without spaces
    contexts, asked, gold = [], [], []
    for row in range(n):
        sentences = [corpus[codes[row % len(codes)]][index] for index in rng.permutation(len(corpus))[:30]]
        context = " ".join(sentences)
        answer = max(sentences[int(rng.integers(30))].split(), key=len)
        contexts.append(context)
        asked.append(" ".join(" ".join(sentences[:2]).split()[:8]))
        gold.append(((answer, context.index(answer)),))
    names = tuple(map(str, range(n)))
    return QuestionSet(
        language="eng", split="train", ids=names, contexts=tuple(contexts), questions=tuple(asked), gold=tuple(gold)
    )


def held() -> float:
    """GiB that the process, or torch on a GPU, held at most so far."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / GIB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main(options: Options) -> None:
    real = VOCABULARY.is_file() and not options.quick
    tokenizer = (
        BertTokenizer(vocab=str(VOCABULARY), do_lower_case=False)
        if real
        else AutoTokenizer.from_pretrained(models.locate("demo"))
    )
    encoder = RandomEncoder(len(tokenizer), options.quick)
    window, stride = (96, 32) if options.quick else (384, 128)
    readings = models.read_spans(tokenizer, questions(options.windows), window, stride)
    start, n_layers = held(), len(encoder.blocks)
    plans = plans_of(Spec(seeds=tuple(range(options.seeds))), n_layers)
    device, pad_id = encoder.model.device, tokenizer.pad_token_id or 0
    heads = models.StackedHeads(plans, True, encoder.hidden_size, n_layers, 2, device=device)
    sizes = options.windows, max(1, options.windows // 4)
    sets = [batch_examples(readings[:size], options.batch, pad_id, device, seed=0) for size in (*sizes, sizes[1])]
    train, dev, test = (
        Passes(encoder, batches, heads.states, memory)
        for batches, memory in zip(sets, (MEMORY, MEMORY, 0), strict=True)
    )
    print(
        f"{len(plans)} heads of {n_layers} blocks, {encoder.hidden_size} wide, on {device}, "
        f"{torch.get_num_threads()} threads; windows of {window}: "
        f"{sizes[0]} to train on, {sizes[1]} dev, {sizes[1]} test; "
        f"{np.mean([len(reading) for reading in readings[: sizes[0]]]):.0f} subwords each."
    )
    print("| part | seconds | seconds a window | most memory so far |\n| --- | ---: | ---: | ---: |")
    print(f"| encoder and text | | | {start:.1f} GiB |")
    training = models.HeadTraining(heads, 1e-3)
    began, encoded = perf_counter(), 0.0
    before = perf_counter()
    for batch, states in train.over():
        encoded += perf_counter() - before
        training.step(states, batch)
        before = perf_counter()
    seconds = perf_counter() - began
    for name, value in (("encoder's pass", encoded), ("a step of all heads", seconds - encoded)):
        print(f"| training, {name} | {value:,.1f} | {value / sizes[0]:.2f} | {held():.1f} GiB |")
    for name, passes in (("dev set", dev), ("test set", test)):
        began = perf_counter()
        said = ((heads.logits_of(states, batch), batch) for batch, states in passes.over())
        models.best_answers(said, options.windows, no_answer=False)
        seconds = perf_counter() - began
        print(f"| {name} | {seconds:,.1f} | {seconds / sizes[1]:.2f} | {held():.1f} GiB |")
    kept = "all" if train.keeps else "a part"
    print(
        f"\nStates of the training set that are kept for the next epoch: {kept}, in at most {MEMORY / GIB:g} GiB, "
        f"and as much of the dev set; the rest is computed anew. Heads take at most {PART_MEMORY / GIB:g} GiB at once."
    )


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
