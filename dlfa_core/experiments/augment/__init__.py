"""Do lexicons in pre-training help zero-shot transfer?

From one checkpoint, pre-training goes on for every seed with the lexicon and without, with the same sentences in the
same order and the same words hidden; and with two controls, which mix as much text without what the lexicon knows.
Then heads learn a task in one language on each model, on the last layer alone, on DLFA and on its controls, and are
tested in all languages: tests pair examples and seeds.

Every continued model and every transfer is stored on its own, so that a run which was stopped, or killed, goes on where
it was, and runs with other methods share the plain models.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from dlfa_core import models
from dlfa_core.data.augment import CONTROLS, METHODS, checked_controls
from dlfa_core.data.lexicons import Lexicon
from dlfa_core.data.tasks import Task
from dlfa_core.experiments import pretrain, transfer
from dlfa_core.experiments.augment.lexicon_words import languages_of, samples_of
from dlfa_core.experiments.augment.two_by_two import ARMS, FUSIONS, TwoByTwo
from dlfa_core.experiments.pretrain import Augmenting, Controlled, check, lexicon_of
from dlfa_core.experiments.sources import labelled, lexicons
from dlfa_core.experiments.training import FROZEN, TrainingSettings, about_task, chosen_task
from dlfa_core.languages import find
from dlfa_core.runtime import store
from dlfa_core.runtime.experiment import ADDED, made_from
from dlfa_core.runtime.launch import is_main_process
from dlfa_core.runtime.memory import give_back
from dlfa_core.runtime.progress import Progress, part, silent, span
from dlfa_core.tables import Head, Interval, Table, led_by

__all__ = ["VERSION", "Correlation", "Effect", "Result", "Spec", "arms_of", "inputs", "inputs_at_hand", "run"]

VERSION = 2
MODELS = "augmented"  # folder of the continued models, below `store.home()`
PRETRAINING_SHARE = 0.75  # of the progress bar
CHECKS = 10  # rows of a training curve


@dataclass(frozen=True, kw_only=True)
class Spec(Augmenting):
    """Go on pre-training a model with a lexicon, without, and with what controls for it, and compare how they transfer.

    Attributes:
        controls: further models: random (a dictionary that is wrong), neutral (other words, as frequent, instead).
        model: `demo`, a folder or a hub id of a BERT with its masked language model head.
        task: as of `transfer`: sentiment:sample, sentiment:PATH and the like.
        source_language: code or name of the language that heads learn in.
        languages: codes or names to test on; all of the task if none are given.
        text: what pre-training reads: a folder of text files named by language, one sentence a line; or `sample`, the
            sentences of the sample corpus that its task is not tested on.
        text_languages: of the text; all if none are given.
        text_limit: sentences of each language's text, its first ones; 0 takes all.
        parallel: corpora of aligned sentences, such as `table:ntrex128.tsv`, for translation ranking and MLM
            beside translations; none leaves both out.
        rank_layer: block on which translations are ranked; 0 leaves ranking out.
        steps: of pre-training.
        tokens: of a step, padding counted.
        pretrain_lr: highest learning rate of pre-training.
        mask_rate: share of tokens that are hidden.
        exponent: smoothing of the languages' shares of the text; 1 as the text is, 0 all alike.
        layers: lower layers that DLFA fuses with the last; 1 to the last but one if none are given. The one that is
            compared is the best on the dev set of the source language, over all arms and seeds.
        weight: of the lower layer in DLFA: literal (the paper's equations) or gate (a convex mix).
        norm: inside the gate: batch, layer, or none.
        reduction: of the gate's width.
        seeds: of the data's order, of all chance in pre-training, and of the heads' start.
        epochs: of the heads over the training set, at most; the best on the dev set is kept.
        patience: epochs without a better score on the dev set after which a head has learnt enough; 0 trains all.
        lr: of the heads, at the highest.
        batch_size: texts, or tagged sentences, in a step of the heads.
        max_length: subwords; longer texts are cut.
        train_limit: examples to train on, drawn at random; 0 takes all.
        test_limit: examples to test on in each language; 0 takes all.
        dev_share: part of the training set to choose on, where the task has no dev set.
        drop_duplicates: leave test examples out whose text, but for capitals and spaces, is trained or chosen on.
        resamples: of examples and seeds, for intervals and tests; 0 leaves them out.
        dtype: of the encoder under the heads: float32, bfloat16, float16, or auto.
    """

    lexicon: str = "sample"
    methods: tuple[str, ...] = ("switch",)
    controls: tuple[str, ...] = tuple(CONTROLS)
    model: str = "demo"
    task: str = "sentiment:sample"
    source_language: str = "eng"
    languages: tuple[str, ...] = ()
    text: str = "sample"
    text_languages: tuple[str, ...] = ()
    text_limit: int = 0
    parallel: tuple[str, ...] = ()
    rank_layer: int = 0
    steps: int = 200
    tokens: int = 1_536
    pretrain_lr: float = 3e-4
    mask_rate: float = 0.15
    exponent: float = 0.5
    layers: tuple[int, ...] = ()
    weight: str = "literal"
    norm: str = "batch"
    reduction: int = 4
    seeds: tuple[int, ...] = (0, 1, 2)
    epochs: int = FROZEN.epochs
    patience: int = FROZEN.patience
    lr: float = FROZEN.lr
    batch_size: int = 32
    max_length: int = 128
    train_limit: int = 0
    test_limit: int = 0
    dev_share: float = 0.0
    drop_duplicates: bool = field(default=False, metadata=ADDED)
    resamples: int = 1_000
    dtype: str = "auto"


Cells = Table[Literal["arm", "fusion", "level", "group", Interval, "n", "n_languages"]]
Effect = Literal["effect", "level", "group", Interval, "p", "p_holm", "n", "n_languages"]
Correlation = Literal["effect", "level", Interval, "n_languages"]
Languages = Table[Literal["language", "seen", "coverage", "words", "entries"]]
Curves = Table[Literal["arm", "seed", "step", "tokens", "mlm_loss", "ranking_loss", "valence_loss"]]


@dataclass(frozen=True, eq=False)
class Result:
    """Plain and augmented pre-training and its controls, the last layer alone and DLFA and its controls.

    Groups of languages have a level: "all", "targets" (without the source), of these "seen" and "unseen" (in the
    lexicon or not), and "language".

    Attributes:
        cells: arm (plain, augmented, and of random and neutral those that there are), fusion (last, dlfa; average, of
            the same layer, and extra, which reads the last layer).
        effects: `augmented` (minus plain, last layer alone), `augmented_fused` (the same with DLFA), `fused` (DLFA
            minus last, plain), `fused_augmented` (the same, augmented), `interaction` (fused_augmented minus fused),
            `over_random` and `over_neutral` (augmented minus that control, last layer alone), `over_random_fused` and
            `over_neutral_fused` (the same with DLFA). p is two-sided, for other examples and seeds; p_holm is corrected
            for all effects of the same level.
        correlations: of `augmented` and `augmented_fused` with coverage, over languages ("targets", and of them
            "seen"), with intervals for other languages; empty with fewer than four.
        languages: coverage (share of its test texts with a lexicon word), words (lexicon words a test text), entries
            (of the lexicon).
        curves: the history of `pretrain.Result` without its seconds.
        heads: what `transfer` says of them.
        samples: spans: characters of `changed` that replace a word, or are
            hidden, as "start-end:language" joined by spaces.
        meta: what was compared, and `warnings`, sentences that a reader of the numbers should know.
    """

    cells: Cells
    effects: Table[Effect]
    correlations: Table[Correlation]
    languages: Languages
    curves: Curves
    heads: Table[Literal["arm", Head, "seed", "epoch", "dev_score"]]
    samples: Table[Literal["language", "method", "original", "changed", "spans"]]
    meta: dict[str, Any]


def inputs(spec: Spec) -> dict[str, str]:
    """Fingerprints of model, lexicon, text and task, and the versions of the experiments that it runs."""
    text = {k: v for k, v in pretrain.inputs(continued(spec, "augmented", 0, out="")).items() if k != "start"}
    return {**text, **inputs_at_hand(spec), "task": labelled.fingerprint(spec.task)}


def inputs_at_hand(spec: Spec) -> dict[str, str]:
    """Those of the inputs that can be told without the files of lexicon, text and task."""
    return {
        "model": models.fingerprint(spec.model),
        "pretrain": str(pretrain.VERSION),
        "transfer": str(transfer.VERSION),
    }


def run(spec: Spec, progress: Progress = silent) -> Result:
    """Compute the models and transfers that are not stored yet, then compare.

    Raises:
        ValueError: as `pretrain.run` and `transfer.run`; no method, lexicon or seed, an unknown control. Finished parts
            stay stored.
    """
    _check(spec)
    task = chosen_task(made_from(spec, TrainingSettings), spec.task, spec.source_language)
    lexicon = lexicon_of(spec)
    histories: list[pd.DataFrame] = []
    arms = arms_of(spec)
    transfers: dict[str, list[transfer.Result]] = {arm: [] for arm in arms}
    points = [(seed, arm) for seed in dict.fromkeys(spec.seeds) for arm in arms]
    for index, (seed, arm) in enumerate(points):
        history, moved = _trained_and_transferred(
            spec, arm, seed, part(progress, index, len(points)), f"{arm}, seed {seed}"
        )
        histories.append(led_by(history.drop(columns="seconds"), arm=arm, seed=seed))
        transfers[arm].append(moved)
    progress(1.0, "Comparing")
    table = TwoByTwo(transfers, spec.resamples, frozenset(lexicon.languages))
    languages = languages_of(spec, task, lexicon)
    heads = [led_by(result.heads.copy(), arm=arm) for arm, results in transfers.items() for result in results]
    return Result(
        cells=table.cells(),
        effects=table.effects(),
        correlations=table.correlations(dict(zip(languages["language"], languages["coverage"], strict=True))),
        languages=languages,
        curves=pd.concat(histories, ignore_index=True),
        heads=pd.concat(heads, ignore_index=True),
        samples=samples_of(spec),
        meta=_meta(spec, task, lexicon, table, languages, transfers["plain"][0].meta),
    )


def arms_of(spec: Spec) -> tuple[str, ...]:
    """Return the arms that are trained: without "random" where it would be the augmented one.

    Whole-word masking asks of a lexicon only which words it has, and these a random dictionary has, too.
    """
    controls = [name for name in spec.controls if name != "random" or set(spec.methods) - {"mask"}]
    return tuple(arm for arm in ARMS if arm not in CONTROLS or arm in controls)


def continued(spec: Spec, arm: str, seed: int, out: str | None = None) -> pretrain.Spec:
    """Return how one model is pre-trained; all arms alike but for the fields of `Controlled`.

    Args:
        out: where to; a folder named by everything that the model depends on if None.
    """
    control = arm if arm in CONTROLS else ""
    lexicon = vars(made_from(spec, Controlled, control=control)) if arm != "plain" else {}
    if out is None:
        key = store.key_of(pretrain, continued(spec, arm, seed, out=""))
        out = str(store.home() / MODELS / key[:24])
    return pretrain.Spec(
        out=out,
        text=spec.text,
        start=spec.model,
        parallel=spec.parallel,
        languages=spec.text_languages,
        text_limit=spec.text_limit,
        watch="",
        rank_layer=spec.rank_layer,
        steps=spec.steps,
        tokens=spec.tokens,
        lr=spec.pretrain_lr,
        mask_rate=spec.mask_rate,
        exponent=spec.exponent,
        check_every=max(1, spec.steps // CHECKS),
        seed=seed,
        **lexicon,
    )


def transferred(spec: Spec, model: str, seed: int) -> transfer.Spec:
    """Return how the heads of one model are trained and tested."""
    heads = {"fusions": FUSIONS, "weights": (spec.weight,), "seeds": (seed,)}
    return made_from(spec, transfer.Spec, model=model, resamples=0, **heads)


def _check(spec: Spec) -> None:
    """Refuse what would compare a model with itself, or fail after the first hour."""
    check(made_from(spec, Controlled))
    checked_controls(spec.controls)
    if not spec.methods:
        raise ValueError(f"methods is empty, so all arms are the same: name at least one of {', '.join(METHODS)}.")
    if not spec.seeds:
        raise ValueError("seeds is empty, so there is nothing to train: name at least one.")
    for name in ("steps", "epochs"):
        if getattr(spec, name) < 1:
            raise ValueError(f"{name}={getattr(spec, name)} trains nothing: give a number above 0.")


def _trained_and_transferred(
    spec: Spec, arm: str, seed: int, progress: Progress, name: str
) -> tuple[pd.DataFrame, transfer.Result]:
    """One model and what its heads reach, from the store where it has them."""
    first, second = span(progress, 0.0, PRETRAINING_SHARE), span(progress, PRETRAINING_SHARE, 1.0)
    model = continued(spec, arm, seed)
    trained = store.fetch(pretrain, model, lambda share, said: first(share, f"Pre-training, {name}: {said}"))
    if is_main_process():
        pretrain.forget_checkpoint(model)
    give_back()
    heads = transferred(spec, trained.folder, seed)
    moved = store.fetch(transfer, heads, lambda share, said: second(share, f"Transfer, {name}: {said}"))
    give_back()
    return trained.history, moved


def _meta(
    spec: Spec, task: Task, lexicon: Lexicon, table: TwoByTwo, languages: pd.DataFrame, about: dict[str, Any]
) -> dict[str, Any]:
    return {
        **about_task(spec, task),
        "fingerprint": models.fingerprint(spec.model),
        "languages": list(task.languages),
        "n_test": about["n_test"],
        "n_layers": about["n_layers"],
        "layer": table.layer,
        "weight": spec.weight,
        "lexicon": spec.lexicon,
        "lexicon_name": lexicon.name,
        "lexicon_licence": lexicon.licence,
        "lexicon_languages": list(lexicon.languages),
        "held_out": [find(code).code for code in spec.held_out],
        "methods": list(spec.methods),
        "arms": list(table.arms),
        "text": spec.text,
        "steps": spec.steps,
        "tokens": spec.tokens,
        "seeds": list(dict.fromkeys(spec.seeds)),
        "resamples": spec.resamples,
        "warnings": [*lexicons.opened(spec.lexicon).notes, *about["notes"], *_cautions(spec, languages)],
    }


def _cautions(spec: Spec, languages: pd.DataFrame) -> Iterator[str]:
    if not languages["seen"].any():
        yield "The lexicon has none of the tested languages, so any gain comes from elsewhere."
    if languages["seen"].all():
        yield "The lexicon has all of the tested languages, so this cannot say what it does for one without a lexicon."
    missing = [name for name in CONTROLS if name not in arms_of(spec)]
    if missing:
        yield (
            f"Without the control {' and '.join(missing)}, a difference to plain pre-training may come from mixing "
            f"text, whatever the lexicon says."
        )
    if len(set(spec.seeds)) < 2:
        yield "With one seed there is no p, as nothing tells how much a score moves when training is repeated."
    elif len(set(spec.seeds)) < 3:
        yield "Fewer than three seeds say little about how much a score moves when training is repeated."
