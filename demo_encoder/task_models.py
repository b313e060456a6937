"""Train the bundled task models again, each on data that may be handed on.

    python -m demo_encoder.task_models DATA OUT [--only pos ner xnli sentiment]

DATA is a folder with the treebanks `ud-pos`, the names `ner-uner`, the pairs `nli-open` and the texts `sentiment`. OUT
gets a folder for each model. A run that was stopped goes on where it was. One core takes about two hours.
"""

import re
from collections.abc import Sequence
from contextlib import chdir
from dataclasses import replace
from pathlib import Path

import pandas as pd
import tyro

from dlfa_core.data.tasks import LabelledSet
from dlfa_core.experiments import train
from dlfa_core.experiments.sources import labelled
from dlfa_core.figures.sentences import summary
from dlfa_core.runtime import store
from dlfa_core.runtime.progress import bar, span

DEV_PAIRS = 1_000  # of SNLI's, which has no training set here: its own dev and test sets stand in for one
SPACED = (  # a pattern, and what stands in its place
    (re.compile(r"\s+([.,!?;:%)\]])"), r"\1"),
    (re.compile(r"([(\[])\s+"), r"\1"),
    (re.compile(r"\s+(n't|'s|'re|'ve|'ll|'m|'d)\b"), r"\1"),
    (re.compile(r"``\s*|\s*''"), '"'),
)
SAMPLE_TIMES = 4  # how often the few bundled sentences are trained on
REVIEWS = "sentiment:sentiment/nusax+sentiment/nollysenti"
TRAINED = {  # the blocks above `frozen_blocks`, DLFA of a layer that the languages share, and a classifier
    "pos": train.Spec(task="pos:ud-pos", layer=6, frozen_blocks=8, epochs=3, lr=2e-4),
    "ner": train.Spec(task="ner:ner-uner", layer=8, frozen_blocks=8, epochs=3, lr=2e-4, train_limit=6000),
    "xnli": train.Spec(layer=8, frozen_blocks=2, epochs=4, lr=1e-4, max_length=64),
    "sentiment": train.Spec(layer=7, weight="gate", frozen_blocks=6, epochs=5, lr=2e-4),
}

DATA = {  # what each learnt from, and who made it
    "pos": "Universal Dependencies English EWT (Silveira et al. 2014), CC BY-SA 4.0.",
    "ner": "Universal NER English EWT (Mayhew et al. 2024), CC BY-SA 4.0: 6,000 of its sentences.",
    "xnli": "The dev and test sets of SNLI (Bowman et al. 2015), and parts of KLUE-NLI (Park et al. 2021) and JNLI "
    "(Kurihara et al. 2022), all CC BY-SA 4.0: 18,666 pairs in English, 2,500 in Korean, 1,934 in Japanese, and 1,600 "
    "to choose the epoch.",
    "sentiment": "NusaX (Winata et al. 2023), CC BY-SA 4.0; NollySenti (Shode et al. 2023), CC BY 4.0; and the "
    "English sentences of `assets/corpus` that are for training, four times over.",
}
LICENCE = "The weights are under CC BY-SA 4.0, as the data and the encoder ask."


def save_pairs(source: Path, folder: Path) -> None:
    """Write pairs of three sets as one task: to train on, to choose the epoch, and to look at two of the languages.

    Args:
        source: folder of `snli-en.tsv.xz`, `klue-nli-ko.tsv.xz` and `jnli-ja.tsv.xz`.
        folder: where the tables go.
    """
    folder.mkdir(parents=True, exist_ok=True)
    snli, korean, japanese = (_pairs(source / f"{name}.tsv.xz") for name in ("snli-en", "klue-nli-ko", "jnli-ja"))
    for side in ("premise", "hypothesis"):
        snli[side] = snli[side].map(detokenised)
    tables = {
        "train-en": [snli[:-DEV_PAIRS], korean[:-500], japanese[:-500]],
        "dev-en": [snli[-DEV_PAIRS:], korean[-500:-200], japanese[-500:-200]],
        "test-ko": [korean[-200:]],
        "test-ja": [japanese[-200:]],
    }
    for name, parts in tables.items():
        pairs = pd.concat(parts)
        whole = (pairs["premise"].str.strip() != "") & (pairs["hypothesis"].str.strip() != "")
        pairs[whole].to_csv(folder / f"{name}.tsv", sep="\t", index=False, quoting=3)


def _pairs(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t", quoting=3, keep_default_na=False)[["label", "premise", "hypothesis"]]


def detokenised(text: str) -> str:
    """Write an English sentence as people do: SNLI's have a space before each mark."""
    for pattern, replacement in SPACED:
        text = pattern.sub(replacement, text)
    return " ".join(text.split())


def save_sentences(folder: Path) -> None:
    """Write the bundled sentences and the reviews as one task; the working folder is that of the data.

    Args:
        folder: where the tables go, one for each set and language.
    """
    sample, reviews = (labelled.opened(task, "eng", 0.0) for task in ("sentiment:sample", REVIEWS))
    folder.mkdir(parents=True, exist_ok=True)
    _save(folder / "train-eng.tsv", [sample.train] * SAMPLE_TIMES + [reviews.train])
    _save(folder / "dev-eng.tsv", [sample.dev, reviews.dev])
    for code in sample.tests.keys() | reviews.tests.keys():
        _save(folder / f"test-{code}.tsv", [task.tests[code] for task in (sample, reviews) if code in task.tests])


def _save(path: Path, sets: Sequence[LabelledSet]) -> None:
    rows = [(label, " ".join(text.split())) for part in sets for label, text in zip(part.gold, part.texts, strict=True)]
    frame = pd.DataFrame(rows, columns=["label", "text"])
    frame.to_csv(path, sep="\t", index=False, quoting=3)


def name_data(card: Path, data: str) -> None:
    """Put the licence into a card's header and the data at its end, where they are not there yet."""
    text = card.read_text(encoding="utf-8")
    if LICENCE not in text:
        said = text.replace("---\n", "---\nlicense: cc-by-sa-4.0\n", 1).rstrip()
        card.write_text(f"{said}\n\n## Data and licence\n\n{data} {LICENCE}\n", encoding="utf-8")


def main(
    data: tyro.conf.Positional[Path], out: tyro.conf.Positional[Path], only: tuple[str, ...] = tuple(TRAINED)
) -> None:
    """Train what is not trained yet.

    Args:
        data: folder of the tasks' files.
        out: folder for a folder for each model.
        only: which models.
    """
    out = out.expanduser().resolve()
    with chdir(data), bar() as progress:
        for done, name in enumerate(only):
            spec = TRAINED[name]
            if name == "xnli":
                save_pairs(Path("nli-open"), out / "snli")
                spec = replace(spec, task=f"xnli:{out / 'snli'}")
            elif name == "sentiment":
                save_sentences(out / "sentences")
                spec = replace(spec, task=f"sentiment:{out / 'sentences'}")
            spec = replace(
                spec, out=str(out / name), mode="finetune", accumulation=1, eval_steps=0, compact=True, half=True
            )
            part = span(progress, done / len(only), (done + 1) / len(only))
            print(summary("train", store.fetch(train, spec, part)))
            name_data(out / name / "README.md", DATA[name])


if __name__ == "__main__":
    tyro.cli(main)
