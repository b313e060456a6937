"""The results that ship with the project, and the command that rebuilds them: `python -m dlfa_core.bundle`.

Profiles need what ships and nothing else. Sweeps over labelled tasks need the tasks' files: `DLFA_DATA` names the
folder that they lie in, and paths in specs are relative to it, so that no machine's path is stored. Without it, the
sweeps that ship are kept as long as they are of the model that ships.

To add a result, add a `Listed`. A sweep is kept in full, every example's score included, in the user's own store;
what ships is its `recommend`, some hundred kilobytes.
"""

import os
import shutil
from collections.abc import Sequence
from contextlib import chdir, nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from dlfa_core.experiments import attribute, augment, coverage, gates, lexicon, profile, project, recommend
from dlfa_core.runtime.command import command_line
from dlfa_core.runtime.progress import Progress, bar, span
from dlfa_core.runtime.store import BUNDLED, Store, name_of


@dataclass(frozen=True)
class Listed:
    """A result that ships.

    Attributes:
        experiment: its module.
        spec: what is asked for.
        needs_data: whether the spec names files below `DLFA_DATA`; its experiment then has `inputs_at_hand`.
    """

    experiment: ModuleType
    spec: Any
    needs_data: bool = False


HELD_OUT = ("fra", "rus", "pes", "fin", "arb", "cmn", "kor", "vie", "tam")  # every other of the sample's languages
FINETUNED = recommend.Spec(  # every head trains an encoder of its own, so: fewer sentences, one seed
    task="pos:ud-pos",
    mode="finetune",
    fusions=("dlfa", "last", "scalar_mix", "extra", "half_frozen"),
    weights=("literal",),
    seeds=(0,),
    epochs=3,
    lr=5e-4,
    accumulation=1,
    eval_steps=0,
    train_limit=1000,
    test_limit=100,
)
FROM_NUSAX = augment.Spec(
    task="sentiment:sentiment/nusax",
    lexicon="nusax:lexicons/nusax+table:lexicons/afinn165-multilingual.tsv.xz",
    held_out=("ban", "bjn", "sun"),
    text="pretrain/cc-by-sa",
    text_languages=("en", "id"),
    text_limit=5000,
    steps=200,
)
RESULTS: tuple[Listed, ...] = (
    Listed(profile, profile.Spec()),
    Listed(profile, profile.Spec(pooling="cls")),
    Listed(profile, profile.Spec(pooling="max")),
    Listed(project, project.Spec()),
    Listed(gates, gates.Spec()),
    Listed(gates, gates.Spec(models=("demo-sentiment",))),
    Listed(coverage, coverage.Spec()),
    Listed(recommend, recommend.Spec()),
    Listed(recommend, recommend.Spec(task="pos:ud-pos", epochs=3), needs_data=True),
    Listed(recommend, recommend.Spec(task="ner:ner-panx", epochs=3, train_limit=8000, test_limit=500), needs_data=True),
    Listed(recommend, recommend.Spec(task="pawsx:pawsx"), needs_data=True),
    Listed(recommend, recommend.Spec(task="xnli:xnli+nli-open/snli-en.tsv.xz", epochs=2), needs_data=True),
    Listed(recommend, FINETUNED, needs_data=True),
    Listed(lexicon, lexicon.Spec()),
    Listed(attribute, attribute.Spec(target="positive", against="negative", limit=lexicon.Spec().limit)),
    Listed(augment, augment.Spec(held_out=HELD_OUT)),
    Listed(augment, FROM_NUSAX, needs_data=True),
)


@dataclass(frozen=True)
class Report:
    """What a build did.

    Attributes:
        computed: commands of the results that were computed.
        kept: commands of those that were kept although the files that they were computed from are not here.
        missing: commands of those that are missing for the same reason.
        deleted: names of folders that are no longer listed.
    """

    computed: tuple[str, ...]
    kept: tuple[str, ...]
    missing: tuple[str, ...]
    deleted: tuple[str, ...]

    def __str__(self) -> str:
        said = [f"computed: {command}" for command in self.computed]
        said += [f"deleted: {name}" for name in self.deleted]
        if self.kept or self.missing:
            said.append(
                f"DLFA_DATA names no folder, so {len(self.kept)} results were kept as they are and "
                f"{len(self.missing)} are missing: set it to the folder with the tasks' files to compute them."
            )
        return "\n".join(said) or "Every bundled result is up to date."


def build(store: Store, progress: Progress, results: Sequence[Listed] = (), data: Path | None = None) -> Report:
    """Compute what is listed and not stored yet, and delete what is stored and no longer listed.

    Results of an earlier model are no longer listed: a result's folder is named by the model's fingerprint too. Each
    result is stored as soon as it is there, so that a build which was stopped goes on where it was.

    Args:
        store: the bundled one.
        results: `RESULTS` if none are given.
        data: the folder that paths in specs are relative to, or None.
    """
    results = results or RESULTS
    wanted, computed, kept, missing = set(), [], [], []
    for place, listed in enumerate(results):
        if listed.needs_data and data is None:
            folder = _kept(store, listed)
            (missing if folder is None else kept).append(_command(listed))
            wanted |= {folder} - {None}
            continue
        report = span(progress, place / len(results), (place + 1) / len(results))
        with chdir(data) if listed.needs_data else nullcontext():
            wanted.add(store.folder(listed.experiment, listed.spec))
            if store.find(listed.experiment, listed.spec) is None:
                store.save(listed.experiment, listed.spec, listed.experiment.run(listed.spec, report))
                computed.append(_command(listed))
    stale = sorted(set(store.root.glob("*/*")) - wanted)
    for folder in stale:
        shutil.rmtree(folder)
    return Report(tuple(computed), tuple(kept), tuple(missing), tuple(f"{f.parent.name}/{f.name}" for f in stale))


def _kept(store: Store, listed: Listed) -> Path | None:
    """The folder of a stored result with this spec, of model and code as they are; its data may be elsewhere."""
    at_hand = listed.experiment.inputs_at_hand(listed.spec).items()
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


if __name__ == "__main__":
    with bar() as shown:
        found = build(Store(BUNDLED), shown, data=_data())
    print(found)
