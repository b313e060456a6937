"""What `benchmarks.scale` runs: a case for each thing of an experiment that may grow."""

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from dlfa_core.data import open_corpus

SIZED = "sized"  # the corpus, task and models of a process, in its own folder
SMALL = (96, 2)  # hidden size and blocks of the encoder for maps and the like


@dataclass(frozen=True)
class Case:
    """An experiment, what of it grows, and how its code says that time and memory do.

    Attributes:
        name: experiment, and what is measured of it.
        axis: what grows.
        sizes: least first.
        time, memory: expected exponents.
        make: from a size to what is to be run.
        models: whether it is the model that grows.
    """

    name: str
    axis: str
    sizes: tuple[int, ...]
    time: float
    memory: float
    make: Callable[[int], Callable[[], object]]
    models: bool = False


def write_corpus(rows: int) -> str:
    """Write the sample sentences as often as needed, numbered so that no two are the same; returns the corpus."""
    sample = open_corpus("sample")
    lines = ["\t".join(sample.languages)]
    lines += ["\t".join(f"{sample[code][row % len(sample)]} {row}" for code in sample.languages) for row in range(rows)]
    Path(f"{SIZED}.tsv").write_text("\n".join(lines), encoding="utf-8")
    return f"table:{SIZED}.tsv"


def write_text(rows: int) -> str:
    """Write English and German sentences of the sample, numbered, as text files; returns their folder."""
    folder = Path(f"{SIZED}-text")
    folder.mkdir(exist_ok=True)
    sample = open_corpus("sample")
    for code in ("eng", "deu"):
        lines = (f"{sample[code][row % len(sample)]} {row}" for row in range(rows))
        (folder / f"{code}.txt").write_text("\n".join(lines), encoding="utf-8")
    return str(folder)


def write_task(rows: int) -> str:
    """Write labelled sentences to train on, 40 to choose on and 40 to test on; returns the task."""
    folder = Path(f"{SIZED}-task")
    folder.mkdir(exist_ok=True)
    texts = open_corpus("sample")["eng"]
    for number, (split, n) in enumerate((("train", rows), ("dev", 40), ("test", 40))):
        lines = [f"{texts[row % len(texts)]} {number} {row}\t{'ab'[row % 2]}" for row in range(n)]
        (folder / f"{split}-eng.tsv").write_text("\n".join(["text\tlabel", *lines]), encoding="utf-8")
    return f"sentence:{folder}"


def write_model(hidden: int, blocks: int) -> str:
    """Write a BERT of this size with random weights and the bundled tokenizer; returns its folder."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForMaskedLM

    from dlfa_core.models import locate

    folder = f"{SIZED}-model-{hidden}-{blocks}"
    if not Path(folder).is_dir():
        torch.manual_seed(0)
        tokenizer = AutoTokenizer.from_pretrained(locate("demo"))
        sizes = {"num_attention_heads": hidden // 32, "intermediate_size": 4 * hidden, "num_hidden_layers": blocks}
        BertForMaskedLM(BertConfig(vocab_size=len(tokenizer), hidden_size=hidden, **sizes)).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    return folder


def encode(n: int = 200, hidden: int = 0, blocks: int = 12, words: int = 0) -> Callable[[], object]:
    """Encoding of n sentences; of `words` words each, if given."""
    from dlfa_core.experiments import encode
    from dlfa_core.models import Encoder

    model = write_model(hidden, blocks) if hidden else "demo"
    if not words:
        return partial(encode.run, encode.Spec(model=model, corpus=write_corpus(n), dtype="float32"))
    encoder = Encoder.from_pretrained(model, dtype="float32")
    texts = [" ".join(f"word {(row * words + word) % 7919}" for word in range(words)) for row in range(n)]
    return partial(encoder.encode, texts, max_length=512)


def compared(measures: Sequence[str], n: int, languages: int = 4, hidden: int = SMALL[0]) -> Callable[[], object]:
    """One layer of a profile: random vectors with a common part, in all pairs of languages."""
    import numpy as np

    from dlfa_core.measures import bootstrap_weights, compare_all

    rng = np.random.default_rng(0)
    common = rng.standard_normal((n, hidden), dtype=np.float32)
    views = common + rng.standard_normal((languages, n, hidden), dtype=np.float32)
    return partial(compare_all, views, tuple(measures), bootstrap_weights(n, 200, 0))


def profiled(blocks: int) -> Callable[[], object]:
    """A profile of four languages whose states are there."""
    from dlfa_core.experiments import profile

    corpus = write_corpus(400)
    languages = open_corpus(corpus).languages[:4]
    spec = profile.Spec(model=write_model(96, blocks), corpus=corpus, languages=languages, measures=("cka",), limit=0)
    return _with_states(profile, spec)


def streamed(n: int) -> Callable[[], object]:
    """A profile of two languages by sums over four shards."""
    from dlfa_core.experiments import stream

    spec = stream.Spec(corpus=write_corpus(n), model=write_model(*SMALL), shards=4)

    def run() -> object:
        with _home_of_its_own():  # shards are kept
            return stream.run(spec)

    return run


def retrieved(n: int) -> Callable[[], object]:
    """n questions in two languages and as many answers, by one score."""
    from dlfa_core.experiments import retrieve

    folder = Path(f"{SIZED}-pool")
    folder.mkdir(exist_ok=True)
    sample = open_corpus("sample")
    texts = [(code, sample[code][row % len(sample)], row) for row in range(n // 2) for code in ("eng", "deu")]
    for name in ("queries", "candidates"):
        entries = [
            {"id": f"{code}{row}", "language": code, "text": f"{text} {name} {row}"} for code, text, row in texts
        ]
        if name == "queries":
            entries = [entry | {"right": [entry["id"]]} for entry in entries]
        lines = "\n".join(json.dumps(entry) for entry in entries)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    spec = retrieve.Spec(dataset=f"jsonl:{folder}", model=write_model(*SMALL), scores=("cosine",), resamples=0)
    return partial(retrieve.run, spec)


def mapped(points: int, blocks: int = SMALL[1]) -> Callable[[], object]:
    """A map of points in four languages whose states are there."""
    from dlfa_core.experiments import project

    corpus = write_corpus(points // 4)
    model = write_model(SMALL[0], blocks)
    languages = open_corpus(corpus).languages[:4]
    return _with_states(project, project.Spec(model=model, corpus=corpus, languages=languages, limit=0))


def landed(points: int) -> Callable[[], object]:
    """One sentence put on a map that is there."""
    from dlfa_core.experiments import land

    corpus = write_corpus(points // 4)
    languages = open_corpus(corpus).languages[:4]
    return _with_states(
        land, land.Spec(model=write_model(*SMALL), corpus=corpus, languages=languages, limit=0, texts=("A good day.",))
    )


def probed(n: int) -> Callable[[], object]:
    """Probes for language and distances to the last layer of four languages whose states are there."""
    from dlfa_core.experiments import structure

    corpus = write_corpus(n)
    languages = open_corpus(corpus).languages[:4]
    return _with_states(
        structure, structure.Spec(model=write_model(*SMALL), corpus=corpus, languages=languages, limit=0)
    )


def lensed(n: int) -> Callable[[], object]:
    """One sentence held against all languages of a corpus whose states are there."""
    from dlfa_core.experiments import lens

    return _with_states(lens, lens.Spec(model=write_model(*SMALL), corpus=write_corpus(n), limit=0))


def read_out(n: int) -> Callable[[], object]:
    """The loss of hidden words in two languages."""
    from dlfa_core.experiments import readout

    return partial(readout.run, readout.Spec(corpus=write_corpus(n), languages=("eng", "deu"), limit=0))


def answered(words: int) -> Callable[[], object]:
    """One question about a passage of so many words."""
    import torch
    from transformers import AutoConfig, BertForQuestionAnswering

    from dlfa_core.experiments import answer

    folder = write_model(*SMALL)
    torch.manual_seed(0)
    BertForQuestionAnswering(AutoConfig.from_pretrained(folder)).save_pretrained(folder)
    passage = " ".join(f"word {word % 7919}" for word in range(words // 2))
    return partial(answer.run, answer.Spec(model=folder, question="Which word comes first?", context=passage))


def covered(n: int) -> Callable[[], object]:
    """The sample lexicon looked for in n sentences of three languages."""
    from dlfa_core.experiments import coverage

    return partial(coverage.run, coverage.Spec(corpus=write_corpus(n), languages=("eng", "deu", "hin")))


def gated(n: int) -> Callable[[], object]:
    """The gates of one model in two languages."""
    from dlfa_core.experiments import gates

    return partial(gates.run, gates.Spec(corpus=write_corpus(n), languages=("eng", "deu"), limit=0))


def attributed(n: int = 8, steps: int = 0) -> Callable[[], object]:
    """Integrated gradients of n sentences."""
    from dlfa_core.experiments import attribute

    spec = attribute.Spec(
        corpus=write_corpus(n),
        languages=("eng",),
        limit=0,
        target="positive",
        against="negative",
        baseline="mask",
        compared=0,
        steps=steps,
        tolerance=0,
    )
    return partial(attribute.run, spec)


def lexicon_scored(n: int) -> Callable[[], object]:
    """Words of the sample lexicon in n sentences, scored by one classifier by leaving each word out."""
    from dlfa_core.experiments import lexicon

    spec = lexicon.Spec(
        classifiers=("demo-sentiment",), corpus=write_corpus(n), languages=("eng",), limit=0, draws=0, baseline="mask"
    )
    return partial(lexicon.run, spec)


def pretrained(steps: int = 2, tokens: int = 512, hidden: int = 0) -> Callable[[], object]:
    """Steps of pre-training."""
    from dlfa_core.experiments import pretrain

    def run() -> object:
        with tempfile.TemporaryDirectory(dir=".") as out:
            return pretrain.run(
                pretrain.Spec(
                    out=out,
                    text=write_text(2000),
                    start=write_model(hidden, 4) if hidden else "demo",
                    watch="",
                    rank_layer=0,
                    translated=0,
                    steps=steps,
                    tokens=tokens,
                    check_every=10**6,
                )
            )

    return run


def transferred(rows: int = 128, mode: str = "frozen", heads: int = 1, epochs: int = 2) -> Callable[[], object]:
    """Heads trained and tested, with half of them read again as dev and test examples."""
    from dlfa_core.experiments import transfer

    spec = transfer.Spec(
        task=write_task(rows),
        mode=mode,
        fusions=("dlfa",),
        layers=tuple(range(1, 12))[: min(heads, 11)],
        weights=("literal",),
        seeds=tuple(range(-(-heads // 11))),
        epochs=epochs,
        patience=0,
        resamples=0,
        dtype="float32",
    )

    def run() -> object:
        with _home_of_its_own():  # runs that are finetuned are kept
            return transfer.run(spec)

    return run


def shrunk(rows: int) -> Callable[[], object]:
    """An encoder cut down to what rows of text in two languages need."""
    from dlfa_core.experiments import shrink

    def run() -> object:
        with tempfile.TemporaryDirectory(dir=".") as out:
            return shrink.run(shrink.Spec(out=out, model="demo", text=write_text(rows)))

    return run


@contextmanager
def _home_of_its_own() -> Iterator[None]:
    """Keep what is stored meanwhile apart, and forget it."""
    with tempfile.TemporaryDirectory(dir=".") as home, patch.dict(os.environ, DLFA_HOME=str(Path(home).resolve())):
        yield


def _with_states(experiment: Any, spec: Any) -> Callable[[], object]:
    """What runs an experiment after it has run once, so that states and maps which it looks up are stored."""
    experiment.run(spec)
    return partial(experiment.run, spec)


RETRIEVAL = ("retrieval_cosine", "retrieval_centred", "retrieval_csls")
CASES = (
    Case("encode", "sentences", (20, 200, 2000), 1, 1, encode),
    Case("encode", "words a sentence", (2, 20, 160), 1, 0, lambda words: encode(20, words=words)),
    Case("encode", "blocks", (2, 8, 32), 1, 1, lambda blocks: encode(100, 192, blocks), models=True),
    Case("encode", "hidden size", (96, 384, 1536), 2, 1, lambda hidden: encode(60, hidden, 4), models=True),
    Case("profile, CKA", "sentences", (150, 1500, 15_000), 2, 1, lambda n: compared(["cka"], n)),
    Case("profile, ANC", "sentences", (500, 5000, 50_000), 1, 1, lambda n: compared(["anc"], n)),
    Case("profile, cosine gap", "sentences", (500, 5000, 50_000), 1, 1, lambda n: compared(["cosine_gap"], n)),
    Case("profile, SVCCA", "sentences", (200, 2000, 20_000), 1, 1, lambda n: compared(["svcca"], n)),
    Case("profile, retrieval", "sentences", (50, 500, 5000), 2, 2, lambda n: compared(RETRIEVAL, n)),
    Case("profile, CKA", "languages", (2, 6, 20), 2, 1, lambda count: compared(["cka"], 2000, count)),
    Case("profile, retrieval", "languages", (2, 6, 20), 2, 2, lambda count: compared(RETRIEVAL, 1000, count)),
    Case("profile, CKA", "hidden size", (96, 384, 1536), 1, 1, lambda d: compared(["cka"], 2000, 4, d)),
    Case("profile, CKA", "blocks", (2, 8, 32), 1, 0, profiled, models=True),
    Case("stream", "sentences", (20, 200, 2000), 1, 0, streamed),
    Case("retrieve", "questions and answers", (100, 1000, 10_000), 2, 1, retrieved),
    Case("project", "points", (200, 2000, 20_000), 1, 1, mapped),
    Case("project", "blocks", (2, 8, 32), 1, 1, lambda blocks: mapped(1000, blocks), models=True),
    Case("land", "points", (200, 2000, 20_000), 1, 1, landed),
    Case("structure", "sentences", (50, 500, 5000), 2, 1, probed),
    Case("lens", "sentences", (10, 100, 1000), 1, 1, lensed),
    Case("readout", "sentences", (5, 50, 500), 1, 1, read_out),
    Case("answer", "words of the passage", (1000, 10_000, 100_000), 1, 1, answered),
    Case("coverage", "sentences", (100, 1000, 10_000), 1, 1, covered),
    Case("gates", "sentences", (10, 100, 1000), 2, 2, gated),
    Case("attribute", "sentences", (1, 10, 100), 1, 0, lambda n: attributed(n, 8)),
    Case("attribute", "steps", (8, 32, 128), 1, 0, lambda steps: attributed(4, steps)),
    Case("lexicon", "sentences", (2, 20, 200), 1, 1, lexicon_scored),
    Case("pretrain", "steps", (1, 4, 16), 1, 0, pretrained),
    Case("pretrain", "tokens a step", (256, 1024, 4096), 1, 1, lambda tokens: pretrained(2, tokens)),
    Case("pretrain", "hidden size", (96, 384, 768), 2, 2, lambda hidden: pretrained(2, 2048, hidden), models=True),
    Case("transfer, frozen", "examples", (32, 320, 3200), 1, 1, transferred),
    Case("transfer, frozen", "epochs", (2, 20, 200), 1, 0, lambda epochs: transferred(128, epochs=epochs)),
    Case("transfer, frozen", "heads", (1, 11, 110), 1, 1, lambda heads: transferred(256, heads=heads)),
    Case("transfer, finetuned", "examples", (16, 128, 512), 1, 0, lambda rows: transferred(rows, "finetune", epochs=1)),
    Case("shrink", "sentences", (400, 4000, 40_000), 1, 1, shrunk),
)
