"""What the stores hold of a model, and what they do not hold yet."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dlfa_core import bundle, encoders
from dlfa_core.experiments import augment, buckets, gates, lexicon, profile, project, recommend, retrieve, structure
from dlfa_core.runtime import store
from dlfa_core.runtime.command import command_line
from dlfa_core.runtime.experiment import Experiment, inputs_at_hand, is_typed, name_of

SHOWN: tuple[Experiment, ...] = (
    profile,
    retrieve,
    project,
    structure,
    recommend,
    buckets,
    gates,
    lexicon,
    augment,
)  # in the order of pages


@dataclass(frozen=True)
class Stored:
    """A stored result: whose it is, what is known of it, and what came of it."""

    experiment: Experiment
    entry: store.Entry
    result: Any


def of_model(model: str, bundled_only: bool = False) -> list[Stored]:
    """Return the results of an encoder and of the task models on it, as these and their inputs are now.

    Texts that somebody typed are left out.

    Args:
        model: its full name.
        bundled_only: leave out what was computed here, for a public app, where it is another visitor's.
    """
    found = []
    for experiment in SHOWN:
        entries = [each for each in _entries(experiment, model) if each.bundled or not bundled_only]
        for entry in sorted(entries, key=lambda entry: (not entry.bundled, len(entry.command), entry.command)):
            if (result := store.read(experiment, entry.key)) is not None:
                found.append(Stored(experiment, entry, result))
    return found


def missing(model: str, found: list[Stored]) -> list[str]:
    """Return the commands that compute what ships of bundled encoders and is not stored of this one."""
    task_models = encoders.task_models(model)
    listed = [*bundle.of_encoder(model), *bundle.of_task_models(task_models)]
    there = [(name_of(each.experiment), each.entry.spec) for each in found]
    commands = [
        command_line(name_of(each.experiment), each.spec)
        for each in listed
        if each.experiment in SHOWN and (name_of(each.experiment), each.spec) not in there
    ]
    if not task_models and (spec := encoders.from_sample(model)):
        commands.append(command_line("train", spec))
    return commands


def _entries(experiment: Experiment, model: str) -> Iterator[store.Entry]:
    task_models = set(encoders.task_models(model).values())
    for entry in store.listing(experiment):
        spec = entry.spec
        trained = set(getattr(spec, "models", ()) or getattr(spec, "classifiers", ()))
        own = trained <= task_models if trained else getattr(spec, "model", None) == model
        if own and not is_typed(spec) and _is_as_now(experiment, entry):
            yield entry


def _is_as_now(experiment: Experiment, entry: store.Entry) -> bool:
    """Tell whether the model and what else is at hand of the inputs are what the result was computed from."""
    try:
        return inputs_at_hand(experiment, entry.spec).items() <= entry.inputs.items()
    except (ValueError, OSError):  # a file of its own that is gone
        return False
