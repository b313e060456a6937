"""How good is a small encoder? Every number of its model card, in one run.

    python -m benchmarks.demo_model PATH_OF_DATA [--model demo] [--tables alignment loss gaps pos ner xnli sentiment]

Alignment: parallel treebanks (PUD), 1,000 sentences, English to the other language, top 1 by cosine after each
language's mean was subtracted; the second table is means over all pairs of languages. Loss: masked-language-model loss
on the sentences that were set apart from the pre-training text, 15 % of the tokens masked. Gaps: what the model writes
in place of a common word. Tasks: trained in English as the bundled task models are, the lower blocks as they are, with
the last layer alone, with DLFA and with controls that are not DLFA; the epoch is chosen on the source's dev set, every
other language is scored once. Neither PUD nor a task's test set is trained on.
"""

from collections.abc import Callable, Iterator
from contextlib import chdir
from dataclasses import replace
from functools import partial

import pandas as pd
import tyro

from dlfa_core import models
from dlfa_core.data.text import open_text
from dlfa_core.experiments import profile, transfer
from dlfa_core.experiments.pretrain import set_apart
from dlfa_core.languages import find
from dlfa_core.runtime import store
from dlfa_core.runtime.progress import Progress, bar, span

MEASURES = ("cka", "retrieval_cosine", "retrieval_centred")
LEFT_OUT = ("kab", "kin", "lug")  # languages of the text that the tokenizer hardly knows and that were not trained on

UPPER = transfer.Spec(  # the blocks above the eighth and a head, one run
    mode="finetune",
    fusions=("last", "dlfa", "extra", "scalar_mix"),
    layers=(8,),
    weights=("literal",),
    seeds=(0,),
    frozen_blocks=8,
    accumulation=1,
    eval_steps=0,
)
TASKS = {  # by name: how it is trained, and the measure that its goal is stated in
    "pos": (replace(UPPER, task="pos:ud-pos", layers=(6,)), "token_accuracy"),
    "ner": (replace(UPPER, task="ner:ner-panx"), "span_f1"),
    "xnli": (replace(UPPER, task="xnli:xnli+nli-open/snli-en.tsv.xz", max_length=64), "accuracy"),
    "sentiment": (replace(UPPER, task="sentiment:sample"), "accuracy"),
}
TABLES = ("alignment", "loss", "gaps", *TASKS)
DEV_SENTENCES = 100  # of each language, set apart from the text as `pretrain` sets them apart
GAPS = (  # a language, a sentence whose gap a common word fills, and that word: first words of grammar, then of content
    ("eng", "The book is {} the table .", "on"),
    ("eng", "I have lived in London {} ten years .", "for"),
    ("deu", "Das Buch liegt {} dem Tisch .", "auf"),
    ("deu", "Wir {} gestern nach Berlin gefahren .", "sind"),
    ("hin", "किताब मेज {} है।", "पर"),
    ("hin", "बच्चे बगीचे में खेल रहे {} ।", "हैं"),
    ("cmn", "这是我{}书。", "的"),
    ("cmn", "我{}北京的大学学习。", "在"),
    ("eng", "The children are playing in the {} .", "garden"),
    ("eng", "She drinks a cup of {} every morning.", "coffee"),
    ("deu", "Die Kinder spielen im {} .", "Garten"),
    ("deu", "Er liest jeden Abend ein {} .", "Buch"),
    ("hin", "वह हर सुबह {} पीता है।", "चाय"),
    ("cmn", "他每天早上喝一杯{}。", "茶"),
)


def main(
    data: tyro.conf.Positional[str], model: str = "demo", tables: tuple[str, ...] = TABLES, text: str = "pretrain"
) -> None:
    """Print the tables of the model card.

    Args:
        data: folder that holds the treebanks `ud-pud`, the tasks' files and the pre-training text.
        model: as for `python -m dlfa_core profile`.
        tables: which to print.
        text: folder of the text that was trained on, below `data`; languages that the model's tokenizer hardly knows
            are left out there as they were in training.
    """
    with chdir(data), bar() as progress:
        for done, name in enumerate(tables):
            part = span(progress, done / len(tables), (done + 1) / len(tables))
            print("\n".join(_printed(name)(model, text, part)), end="\n\n")


def alignment(model: str, _: str, progress: Progress) -> Iterator[str]:
    """Two tables: centred retrieval by language, and every measure over all pairs."""
    close = store.fetch(profile, profile.Spec(model=model, corpus="pud:ud-pud", measures=MEASURES), progress)
    yield from per_language(close.pairs)
    yield ""
    yield from per_layer(close.means)


def loss(model: str, text: str, progress: Progress) -> Iterator[str]:
    """Masked-language-model loss by language, and its mean."""
    asked, folder = models.MaskedLanguageModel.from_pretrained(model), open_text(text)
    languages = [code for code in folder.languages if code not in LEFT_OUT]
    yield "| held-out sentences | nats | masked tokens |"
    yield "| --- | ---: | ---: |"
    found = []
    for done, language in enumerate(languages):
        progress(done / len(languages), f"Reading {find(language).name}")
        _, held = set_apart(list(folder.lines(language)), DEV_SENTENCES)
        value, n = asked.loss(held)
        found.append(value)
        yield f"| {find(language).name} | {value:.2f} | {n:,} |"
    yield f"| mean of {len(found)} | {sum(found) / len(found):.2f} | |"


def gaps(model: str, _: str, __: Progress) -> Iterator[str]:
    """The five likeliest subwords in each gap."""
    asked = models.MaskedLanguageModel.from_pretrained(model)
    yield "| language | sentence | first five, with their probabilities |"
    yield "| --- | --- | --- |"
    for language, sentence, word in GAPS:
        words = ", ".join(
            f"{said} {share:.2f}" for said, share in asked.fill(sentence.format(asked.tokenizer.mask_token))
        )
        yield f"| {find(language).name} | {sentence.format(f'[{word}]')} | {words} |"


def task(name: str, model: str, _: str, progress: Progress) -> Iterator[str]:
    """Scores of one task by language and fusion, and their means over the languages but English."""
    spec, measure = TASKS[name]
    found = store.fetch(transfer, replace(spec, model=model), progress)
    chosen = found.scores[found.scores["measure"] == measure]
    table = chosen.pivot(index="language", columns="fusion", values="value")[list(spec.fusions)]
    table = table.rename(columns={name: models.find_fusion(name).label + at(name, spec) for name in spec.fusions})
    mean = table.drop(index="eng").mean()
    table.index = [find(code).name for code in table.index]
    table.loc["mean of all but English"] = mean
    yield from rows(f"{name}, {measure.replace('_', ' ')}", table)


def at(fusion: str, spec: transfer.Spec) -> str:
    """The layer that a fusion reads beside the last one, as a column's name says it."""
    return f", layer {spec.layers[0]}" if fusion == "dlfa" else ""


PRINTED = {"alignment": alignment, "loss": loss, "gaps": gaps}


def _printed(name: str) -> Callable[[str, str, Progress], Iterator[str]]:
    return PRINTED.get(name) or partial(task, name)


def per_language(pairs: pd.DataFrame) -> Iterator[str]:
    """Centred retrieval from English, a row for each language and one for their mean."""
    chosen = pairs[(pairs.measure == "retrieval_centred") & (pairs.source == "eng")]
    table = chosen.pivot(index="target", columns="layer", values="value")
    table.index = [find(code).name for code in table.index]
    table.loc["mean"] = table.mean()
    yield from rows("English to", table)


def per_layer(means: pd.DataFrame) -> Iterator[str]:
    """Each measure's mean over all pairs of languages."""
    yield from rows("all pairs", means.pivot(index="measure", columns="layer", values="value"))


def rows(corner: str, table: pd.DataFrame) -> Iterator[str]:
    """A Markdown table with two decimals; the best layer of each row stands out."""
    yield "| " + " | ".join([corner, *map(str, table.columns)]) + " |"
    yield "| --- |" + " ---: |" * len(table.columns)
    for name, values in table.iterrows():
        cells = (f"**{value:.2f}**" if value == values.max() else f"{value:.2f}" for value in values)
        yield "| " + " | ".join([str(name), *cells]) + " |"


if __name__ == "__main__":
    tyro.cli(main)
