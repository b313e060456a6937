"""The results that ship with the project, and the command that rebuilds them: `python -m dlfa_core.bundle`.

With `--model` it computes the same list for another encoder and keeps it in the user's own store, beside what pages and
commands keep there: so the app offers that encoder in its sidebar, and nothing that ships is touched.

Profiles need what ships and nothing else. Sweeps over labelled tasks need the tasks' files: `DLFA_DATA` names the
folder that they lie in, and paths in specs are relative to it, so that no machine's path is stored. Without it, the
sweeps that ship are kept as long as they are of the model that ships.

To add a result, add a `Listed` to `results_of`; to add an encoder that ships, add its name to `BUNDLED` of
`dlfa_core.models.source`. A sweep ships in full, what every head said of every example included, so that
any statistic of it can be computed again, and with it its `recommend`.
"""

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import chdir, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dlfa_core import encoders, models
from dlfa_core.experiments import (
    attribute,
    augment,
    buckets,
    coverage,
    gates,
    lens,
    lexicon,
    profile,
    project,
    readout,
    recommend,
    retrieve,
    structure,
    train,
    transfer,
)
from dlfa_core.runtime.command import command_line, exit_code
from dlfa_core.runtime.experiment import Experiment, inputs_at_hand, made_from, name_of
from dlfa_core.runtime.progress import Progress, bar, span
from dlfa_core.runtime.store import BUNDLED, Store, own


@dataclass(frozen=True)
class Listed:
    """A result to compute.

    Attributes:
        experiment: whose result it is.
        spec: what is asked for.
        needs_data: whether the spec names files below `DLFA_DATA`; its experiment then has `inputs_at_hand`.
    """

    experiment: Experiment
    spec: Any
    needs_data: bool = False


HELD_OUT = ("fra", "rus", "pes", "fin", "arb", "cmn", "kor", "vie", "tam")  # every other of the sample's languages
POS, SENTIMENT = "pos:ud-pos", "sentiment:sentiment/nusax+sentiment/nollysenti"
FINETUNED = recommend.Spec(  # every head trains an encoder of its own, so: few examples
    mode="finetune",
    fusions=("dlfa", "last", "extra", "half_frozen"),
    weights=("literal",),
    accumulation=1,
    eval_steps=0,
)
FROZEN = recommend.Spec(  # every gated head costs every token
    fusions=("dlfa", "last", "average", "concat_mlp", "scalar_mix", "extra", "mlp")
)
TAGGING = replace(FROZEN, weights=("gate",), train_limit=1000, dev_limit=500, test_limit=200, lr=5e-3, epochs=200)
PAIRS = replace(FROZEN, weights=("gate",), train_limit=3000, test_limit=500)
CHOSEN = replace(FROZEN, task="xcopa:sample", weights=("gate",), fusions=("dlfa", "last", "average", "extra"))
POOLS = ("lareqa:sample", "mewslix:sample")
FEW = {"epochs": 3, "train_limit": 600, "test_limit": 60}  # sentences to tag
EXPLAINED = {"limit": 20}  # sentences in each language of which the Lexicon page explains every word
RATE = 2e-4  # of the bundled encoder, when all its weights are trained: it is half as wide as BERT's base size
LARGE = 5e-5  # of all others: the highest of Devlin et al. (2019)


def of_encoder(encoder: str) -> tuple[Listed, ...]:
    """Return what the pages show of an encoder."""
    depth, rate = models.n_blocks(encoder) or 0, RATE if encoder == "demo" else LARGE
    finetuned = replace(
        FINETUNED, lr=rate, layers=tuple(depth * quarter // 4 for quarter in (1, 2, 3)) if depth > 3 else ()
    )
    sweeps = (
        Listed(recommend, recommend.Spec()),
        Listed(recommend, replace(TAGGING, task=POS), needs_data=True),
        Listed(recommend, replace(TAGGING, task="ner:ner-panx"), needs_data=True),
        Listed(recommend, replace(PAIRS, task="pawsx:pawsx"), needs_data=True),
        Listed(recommend, replace(PAIRS, task="xnli:xnli+nli-open/snli-en.tsv.xz"), needs_data=True),
        Listed(recommend, replace(finetuned, epochs=10)),
        Listed(recommend, replace(finetuned, task=POS, **FEW), needs_data=True),
        Listed(recommend, CHOSEN),
    )
    listed = (
        Listed(profile, profile.Spec()),
        Listed(profile, profile.Spec(pooling="cls")),
        Listed(profile, profile.Spec(pooling="max")),
        Listed(project, project.Spec()),
        Listed(coverage, coverage.Spec()),
        Listed(structure, structure.Spec(task=POS), needs_data=True),
        *(replace(sweep, experiment=transfer, spec=recommend.trained_as(sweep.spec)) for sweep in sweeps),
        *sweeps,
        *(replace(sweep, experiment=buckets, spec=made_from(sweep.spec, buckets.Spec)) for sweep in sweeps),
        Listed(lexicon, lexicon.Spec()),
        Listed(augment, augment.Spec(held_out=HELD_OUT, steps=100, pretrain_lr=rate)),
    )
    return tuple(replace(each, spec=replace(each.spec, model=encoder)) for each in listed)


def of_null(encoder: str) -> tuple[Listed, ...]:
    """Return what the pages hold beside an encoder: the same of its architecture with random weights."""
    sweep = recommend.Spec()
    listed = (
        Listed(profile, profile.Spec()),
        Listed(transfer, recommend.trained_as(sweep)),
        Listed(recommend, sweep),
    )
    return tuple(replace(each, spec=replace(each.spec, model=encoders.UNTRAINED + encoder)) for each in listed)


def of_task_models(named: Mapping[str, str]) -> tuple[Listed, ...]:
    """Return what the pages show of task models: the gates of each, and the words of the first one for sentiment.

    Args:
        named: what each does, and its name, as `encoders.task_models` gives them.
    """
    gate_statistics = [Listed(gates, gates.Spec(models=(name,))) for name in named.values()]
    for task, name in named.items():
        if task.startswith("sentiment"):
            asked = attribute.Spec(model=name, target="positive", against="negative", **EXPLAINED)
            return (*gate_statistics, Listed(attribute, asked))
    return tuple(gate_statistics)


def lenses_of(encoder: str, named: Mapping[str, str]) -> tuple[Listed, ...]:
    """Return what the Lens page shows first: its examples, with the fused state of the first task model there is, and
    how well each layer can be read.

    Args:
        encoder: whose layers are asked.
        named: as for `of_task_models`.
    """
    fusion = next(iter(named.values()), "")
    examples = (
        Listed(lens, lens.Spec(text=text, language=code, model=encoder, fusion=fusion))
        for code, text in lens.EXAMPLES.items()
    )
    return (Listed(readout, readout.Spec(model=encoder)), *examples)


def retrieved_of(encoder: str, named: Mapping[str, str]) -> tuple[Listed, ...]:
    """Return what the Layers page shows of answers from a pool, by every layer and by the fused state of task models.

    Args:
        encoder: whose layers are asked.
        named: as for `of_task_models`.
    """
    fused = tuple(named.values())
    return tuple(Listed(retrieve, retrieve.Spec(dataset=pool, model=encoder, models=fused)) for pool in POOLS)


def trainings_of(encoder: str, has_data: bool) -> dict[str, Listed]:
    """The task models that an encoder which does not ship gets, on the data of those that ship; by what they do.

    Without data there is a sentiment model from the bundled sentences, unless a better one is there already.
    """
    specs = {
        "pos": encoders.training(encoder, "pos", POS, train_limit=6000),
        "sentiment": encoders.training(encoder, "sentiment", SENTIMENT),
    }
    trainings = {task: Listed(train, spec, needs_data=True) for task, spec in specs.items() if spec}
    if not has_data and "sentiment" not in encoders.task_models(encoder) and (spec := encoders.from_sample(encoder)):
        trainings["sentiment-sample"] = Listed(train, spec)
    return trainings


RESULTS = tuple(
    listed
    for encoder in encoders.bundled()
    for named in (encoders.task_models(encoder, shipped_only=True),)
    for listed in (
        *of_encoder(encoder),
        *of_null(encoder),
        *of_task_models(named),
        *lenses_of(encoder, named),
        *retrieved_of(encoder, named),
    )
)


@dataclass(frozen=True)
class Report:
    """What a build did.

    Attributes:
        computed: commands of the results that were computed.
        kept: commands of those that were kept although the files that they were computed from are not here.
        missing: commands of those that are missing for the same reason.
        failed: commands of those that could not be computed, each with the reason.
        deleted: names of folders that are no longer listed.
        left_out: what was not even tried, in sentences that say why.
    """

    computed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def __str__(self) -> str:
        said = [
            f"{what}: {each}" for what in ("computed", "missing", "failed", "deleted") for each in getattr(self, what)
        ]
        if self.kept or self.missing:
            said.append(
                f"DLFA_DATA names no folder, so {len(self.kept)} results were kept as they are and "
                f"{len(self.missing)} are missing: set it to the folder with the tasks' files to compute them."
            )
        return "\n".join([*said, *self.left_out]) or "Every result is up to date."


def build(
    store: Store,
    progress: Progress,
    results: Sequence[Listed] | None = None,
    data: Path | None = None,
    tidy: bool = True,
) -> Report:
    """Compute what is listed and not stored yet, and delete what is stored and no longer listed.

    Results of an earlier model are no longer listed: a result's folder is named by the model's fingerprint too. Each
    result is stored as soon as it is there, so that a build which was stopped goes on where it was. One that cannot be
    computed does not keep the others from it; but then nothing is deleted.

    Args:
        store: the bundled one, or a user's.
        results: all of `RESULTS`, unless some are named.
        data: the folder that paths in specs are relative to, or None.
        tidy: whether to delete anything; never in a user's store, where there is more than what is listed.
    """
    results = RESULTS if results is None else results
    wanted, computed, kept, missing, failed = set(), [], [], [], []
    for index, listed in enumerate(results):
        if listed.needs_data and data is None:
            folder = _kept(store, listed)
            (missing if folder is None else kept).append(_command(listed))
            wanted |= {folder} - {None}
            continue
        report = span(progress, index / len(results), (index + 1) / len(results))
        try:
            with chdir(data) if listed.needs_data else nullcontext():
                wanted.add(store.folder(listed.experiment, listed.spec))
                if not store.has(listed.experiment, listed.spec):
                    store.fetch(listed.experiment, listed.spec, report)
                    computed.append(_command(listed))
        except (ValueError, OSError, RuntimeError) as error:  # the last is torch's, where memory is too small
            failed.append(f"{_command(listed)}: {' '.join(str(error).split())}")
    stale = sorted(set(store.root.glob("*/*")) - wanted) if tidy and not failed else []
    for folder in stale:
        shutil.rmtree(folder)
    deleted = (f"{folder.parent.name}/{folder.name}" for folder in stale)
    return Report(*map(tuple, (computed, kept, missing, failed, deleted)))


def build_for(model: str, progress: Progress, data: Path | None = None, results: Sequence[Listed] = ()) -> Report:
    """Compute for another encoder what ships of the bundled ones, and keep it in the user's own store.

    Args:
        model: a folder or a hub id; it is fetched first where it is not on this machine.
        data: as in `build`.
        results: everything if none are given.

    Raises:
        ValueError: the model ships, is missing, or is no encoder.
    """
    encoder = encoders.ready(model)
    trainings = trainings_of(encoder, data is not None)
    trained = {task: each.spec.out for task, each in trainings.items() if data is not None or not each.needs_data}
    task_models = encoders.task_models(encoder) | trained
    headless = () if results else _headless(encoder)
    everything = (
        *of_encoder(encoder),
        *of_null(encoder),
        *trainings.values(),
        *of_task_models(task_models),
        *(() if headless else lenses_of(encoder, task_models)),
        *retrieved_of(encoder, task_models),
    )
    report = build(own(), progress, results or everything, data, tidy=False)
    return replace(report, left_out=(*_left_out(encoder, task_models), *headless))


def _headless(encoder: str) -> tuple[str, ...]:
    """Say why an encoder cannot be asked for words, in one sentence; nothing where it can."""
    try:
        models.MaskedHead.from_pretrained(encoder)
    except models.ModelError as error:
        return (f"Left out: what each layer of {encoder} would say. {error}",)
    return ()


def _left_out(encoder: str, task_models: Mapping[str, str]) -> tuple[str, ...]:
    if task_models:
        return ()
    return (
        f"Left out: gates and explained words of {encoder}, as there is no task model on it. Its config.json names no "
        "depth, or one block, which leaves no lower layer to fuse.",
    )


def _kept(store: Store, listed: Listed) -> Path | None:
    """The folder of a stored result with this spec, of model and code as they are; its data may be elsewhere."""
    at_hand = inputs_at_hand(listed.experiment, listed.spec).items()
    for entry in store.listing(listed.experiment):
        if entry.spec == listed.spec and at_hand <= entry.inputs.items():
            return store.root / name_of(listed.experiment) / entry.key
    return None


def _command(listed: Listed) -> str:
    return command_line(name_of(listed.experiment), listed.spec)


def _data() -> Path | None:
    """The folder that `DLFA_DATA` names.

    Raises:
        SystemExit: it names something else.
    """
    named = os.environ.get("DLFA_DATA")
    if not named:
        return None
    if not Path(named).expanduser().is_dir():
        raise SystemExit(f"DLFA_DATA={named} is no folder: name the one that holds ud-pos.")
    return Path(named).expanduser().resolve()


def main(model: str = "") -> int:
    """Compute the results that ship with the project, or the same ones for another encoder.

    What is there already stays, so a run that was stopped goes on. DLFA_DATA names the folder with the tasks' files.

    Args:
        model: a folder, or a hub id such as bert-base-multilingual-cased, whose results are then kept under DLFA_HOME
            and offered in the sidebar of the app; left out, those that ship are computed.

    Returns:
        Exit code: 0, 1 where something could not be computed, 130 when interrupted.
    """

    def report() -> int:
        with bar() as shown:
            done = build_for(model, shown, _data()) if model else build(Store(BUNDLED), shown, data=_data())
        print(done)
        return 1 if done.failed else 0

    return exit_code(report)


if __name__ == "__main__":
    import tyro

    sys.exit(tyro.cli(main, prog="python -m dlfa_core.bundle"))
