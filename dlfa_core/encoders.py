"""What there is of each encoder: results in the store, task models on it, and the way to train one.

Pages offer what stands here, and `dlfa_core.bundle` makes it. Never imports torch.
"""

import hashlib
import json
import re
from pathlib import Path

from dlfa_core import models
from dlfa_core.experiments import augment, lexicon, profile, project, recommend, structure, train
from dlfa_core.models import source
from dlfa_core.runtime import store

UNTRAINED = source.UNTRAINED  # before a name, as a page writes it

SHOWN = (
    profile,
    project,
    recommend,
    structure,
    lexicon,
    augment,
)  # what pages show of an encoder, by the `model` of a spec
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
ANSWERS = "qa"  # what the folders of task models that answer questions begin with
FOLDER = "task-models"  # below `store.home()`: a folder for each encoder, in it one for each task model


def bundled() -> tuple[str, ...]:
    """Names of the encoders that ship with the project."""
    return models.bundled_encoders()


def with_results() -> tuple[str, ...]:
    """Encoders that results are stored of, but for the bundled ones, in the order of their names.

    A folder that is gone is left out: its results cannot be found any more. Those with random weights are among them.
    """
    named = {entry.spec.model for experiment in SHOWN for entry in store.listing(experiment)}
    return tuple(sorted(name for name in named - source.BUNDLED.keys() if _may_be_there(name)))


def stamp() -> tuple[tuple[int, ...], ...]:
    """Changes when `with_results` may."""
    return tuple(map(store.stamp, SHOWN))


def ready(name_or_path: str) -> str:
    """The full name of an encoder that does not ship, fetched from the hub if need be and looked at.

    Raises:
        ValueError: it ships, is missing, or is no encoder.
    """
    name = models.full_name(name_or_path)
    if name in source.BUNDLED:
        raise ValueError(f"{name!r} ships with the project: leave the model out to compute what ships anew.")
    models.load_tokenizer(name)
    return name


def card(name: str) -> str | None:
    """The model card that lies in an encoder's folder, as Markdown without the settings at its top; None without one.

    Random weights have none: the card is of the weights that were trained.
    """
    if name.startswith(UNTRAINED):
        return None
    try:
        folder = source.folder_at_hand(name)
        text = (folder / "README.md").read_text(encoding="utf-8") if folder else ""
    except (models.ModelError, OSError, ValueError):
        return None
    return _FRONT_MATTER.sub("", text).strip() or None


def is_here(name: str) -> bool:
    """Tell whether an encoder's files are on this machine, without asking the network."""
    try:
        return source.folder_at_hand(name) is not None
    except models.ModelError:
        return False


def task_models(encoder: str, shipped_only: bool = False) -> dict[str, str]:
    """Task models on an encoder that are on this machine: what each does, and its name.

    The bundled ones first, then those that lie where `training` has them saved. What it does is "pos", "sentiment", or
    how somebody called its folder.
    """
    here = [name for name in models.bundled_task_models() if source.TASK_MODELS[name] == encoder]
    bundled = {name.removeprefix(f"{encoder}-"): name for name in here}
    if shipped_only:
        return bundled
    own = {path.parent.name: str(path.parent) for path in sorted(_folder(encoder).glob("*/model.safetensors"))}
    return bundled | {task: path for task, path in own.items() if task not in bundled}


def stands_on(task_model: str) -> tuple[str, str] | None:
    """The encoder of one of `task_models` and what it does; None for any other model."""
    if encoder := source.TASK_MODELS.get(task_model):
        return encoder, task_model.removeprefix(f"{encoder}-")
    folder = Path(task_model)
    if folder.parent.parent != store.home() / FOLDER:
        return None
    try:
        return json.loads((folder / "config.json").read_text(encoding="utf-8"))["encoder_name"], folder.name
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def training(encoder: str, name: str, task: str, **settings) -> train.Spec | None:
    """Return how a task model on an encoder is trained so that `task_models` finds it.

    The head alone, which needs no settings that suit one encoder only: DLFA of the layer at two thirds of the depth, as
    in the bundled task models, in a file that borrows the encoder's weights.

    Args:
        name: of its folder.
        settings: other fields of the spec.

    Returns:
        None where the encoder's depth is not known, or there is no lower layer to fuse.
    """
    depth = models.n_blocks(encoder)
    if not depth or depth < 2:
        return None
    layer = min(round(depth * 2 / 3), depth - 1)
    return train.Spec(out=str(_folder(encoder) / name), task=task, model=encoder, layer=layer, compact=True, **settings)


def from_sample(encoder: str) -> train.Spec | None:
    """`training` of a sentiment model from the bundled sentences, for those who have no others."""
    return training(encoder, "sentiment-sample", "sentiment:sample")


def from_questions(encoder: str) -> train.Spec | None:
    """`training` of a model that answers questions, from the bundled ones."""
    return training(encoder, ANSWERS, "qa:sample")


def answering(encoder: str) -> tuple[str, ...]:
    """Names of the task models on an encoder that answer questions."""
    return tuple(name for task, name in task_models(encoder).items() if task.startswith(ANSWERS))


def _folder(encoder: str) -> Path:
    stem = re.sub(r"[^\w.-]+", "-", encoder.rstrip("/").rpartition("/")[2]).strip(".-") or "model"
    return store.home() / FOLDER / f"{stem}-{hashlib.sha256(encoder.encode()).hexdigest()[:8]}"


def _may_be_there(name: str) -> bool:
    try:
        source.local_folder(source.untrained_of(name) or name)
    except models.ModelError:
        return False
    return True
