"""Where a model's files are: the bundled one, a folder, or a repository on the hub.

The only module of `models` that may use the network. It never imports torch.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dlfa_core.data.files import expanded
from dlfa_core.shipped import ASSETS

BUNDLED = {  # names of what ships with the project: encoders, and task models on them
    "demo": ASSETS / "encoder",
    "demo-pos": ASSETS / "task-models" / "pos",
    "demo-sentiment": ASSETS / "task-models" / "sentiment",
    "demo-ner": ASSETS / "task-models" / "ner",
    "demo-xnli": ASSETS / "task-models" / "xnli",
}
TASK_MODELS = {  # those of them that are task models -> their encoder
    "demo-pos": "demo",
    "demo-sentiment": "demo",
    "demo-ner": "demo",
    "demo-xnli": "demo",
}
SHORT_NAMES = {"LaBSE": "sentence-transformers/LaBSE"}  # names that papers use and the hub does not know

UNTRAINED = "untrained:"  # before a name: the same architecture and tokenizer, with random weights
UNTRAINED_SEED = 0  # which random weights these are

SAFETENSORS = ("model*.safetensors", "model.safetensors.index.json")
PICKLED = ("pytorch_model*.bin", "pytorch_model.bin.index.json")
VOCABULARY = ("tokenizer.json", "vocab.*", "*.model")
SETTINGS = (
    "config.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "merges.txt",
)

LFS = b"version https://git-lfs"  # begins what Git leaves in the place of a large file


class ModelError(ValueError):
    """A model cannot be used; the message says why and what to do."""


def bundled_task_models() -> tuple[str, ...]:
    """Names of the bundled task models whose folders are here, in the order of `TASK_MODELS`."""
    return tuple(name for name in TASK_MODELS if (BUNDLED[name] / "config.json").is_file())


def locate(name_or_path: str, vocabulary: bool = True) -> Path:
    """The folder with a model's configuration, weights and tokenizer, downloaded first if need be.

    A hub model that is in the cache is taken from there as it is, without asking the network.

    Args:
        name_or_path: a name in `BUNDLED`, a folder, or a hub id such as `bert-base-multilingual-cased`.
        vocabulary: whether it must have a tokenizer; a compact task model leaves that to its encoder.

    Raises:
        ModelError: there is no such folder, bundled model or repository; it lacks weights, or has only pointers to
            them, or a vocabulary; the network is needed and absent; or the name asks for random weights.
    """
    if untrained_of(name_or_path) is not None:
        raise ModelError(
            f"{name_or_path!r} has random weights, which can be read but hold nothing to go on from: use it as the "
            f"encoder of profile, transfer, recommend and the like, and leave {UNTRAINED!r} out here."
        )
    folder = local_folder(name_or_path) or _hub_folder(name_or_path)
    if not weight_files(folder):
        raise ModelError(
            f"The model {name_or_path!r} has no weights in {folder}: it needs model.safetensors or "
            "pytorch_model.bin (TensorFlow, Flax and ONNX files cannot be read)."
        )
    for file in weight_files(folder):
        with file.open("rb") as stream:
            if stream.read(len(LFS)) == LFS:
                raise ModelError(
                    f"{file.name} of {name_or_path!r} is a pointer of Git LFS and not the weights themselves: "
                    "run `git lfs pull` in its repository."
                )
    if vocabulary:
        _check_vocabulary(name_or_path, folder)
    return folder


def locate_encoder(name_or_path: str) -> Path:
    """`locate`, also for an encoder with random weights, of whose folder only configuration and tokenizer are needed.

    Raises:
        ModelError: as `locate`, or as `untrained_of`.
    """
    if (base := untrained_of(name_or_path)) is None:
        return locate(name_or_path)
    folder = local_folder(base) or _hub_folder(base, weights=False)
    _check_vocabulary(base, folder)
    return folder


def untrained_of(name_or_path: str) -> str | None:
    """The model whose architecture a name asks for with random weights, such as `demo` of `untrained:demo`.

    Returns:
        None for a model with weights of its own.

    Raises:
        ModelError: the name says of no model, or asks for random weights twice.
    """
    name = str(name_or_path).strip()
    if not name.startswith(UNTRAINED):
        return None
    base = name.removeprefix(UNTRAINED).strip()
    if not base or base.startswith(UNTRAINED):
        raise ModelError(
            f"{name!r} does not say whose architecture: write {UNTRAINED!r} once, then 'demo', a folder or a hub id."
        )
    return base


def local_folder(name_or_path: str) -> Path | None:
    """The folder that a name means on this machine, or None for a hub id.

    Raises:
        ModelError: the name is a path but not a folder with a `config.json`, or the bundled model is missing.
    """
    name = str(name_or_path)
    folder = BUNDLED.get(name) or expanded(name)
    if folder.is_dir():
        if (folder / "config.json").is_file():
            return folder
        raise ModelError(
            f"The folder {folder} has no config.json: choose the folder that a model was saved to with save_pretrained."
        )
    if name in BUNDLED:
        raise ModelError(f"The bundled model {name!r} is missing: restore the folder {folder} from the repository.")
    if folder.exists():
        raise ModelError(f"{name!r} is a file: give the folder that holds config.json and the weights.")
    if name.startswith((".", "/", "~")) or "\\" in name or name.count("/") > 1:
        raise ModelError(f"There is no folder {name!r}: check the path, or give a hub id such as 'xlm-roberta-base'.")
    return None


def bundled_encoders() -> tuple[str, ...]:
    """Names of the encoders that ship with the project."""
    return tuple(name for name in BUNDLED if name not in TASK_MODELS)


def full_name(name_or_path: str) -> str:
    """The one name of a model that may be called by several: a folder's full path, a hub model's whole id.

    Results are found by the model's name in their spec, so that this is the one to ask with.
    """
    name = str(name_or_path).strip()
    if name.startswith(UNTRAINED) and (base := name.removeprefix(UNTRAINED).strip()):
        return UNTRAINED + full_name(base)
    if name not in BUNDLED and (folder := expanded(name)).is_dir():
        return os.path.abspath(folder)
    return _repository(name)


def folder_at_hand(name_or_path: str) -> Path | None:
    """The folder of a model as far as it is on this machine, without asking the network; None where it is not.

    That of an encoder with random weights is the one of the model that it is called after.

    Raises:
        ModelError: as `local_folder` and `untrained_of`; or the name cannot be that of a hub model.
    """
    name_or_path = untrained_of(name_or_path) or name_or_path
    folder = local_folder(name_or_path)
    if folder is None:
        with _hub_errors_explained(name_or_path):
            return _cached_folder(name_or_path)
    return folder


def hub_commit(name: str) -> str:
    """The commit of a hub model: of the cached copy, else of what the hub offers now.

    Raises:
        ModelError: the hub has no such model or cannot be reached.
    """
    from huggingface_hub import model_info

    with _hub_errors_explained(name):
        cached = _cached_folder(name)
        return cached.name if cached else model_info(_repository(name), timeout=3).sha


def weight_files(folder: Path) -> list[Path]:
    """The weight files that are read from a folder: safetensors when there are any, else `.bin`."""
    return _matching(folder, SAFETENSORS) or _matching(folder, PICKLED)


def has_vocabulary(folder: Path) -> bool:
    """Tell whether a folder holds a tokenizer."""
    return bool(_matching(folder, VOCABULARY))


def setting_files(folder: Path) -> list[Path]:
    """Configuration and tokenizer files of a folder."""
    return _matching(folder, SETTINGS + VOCABULARY)


def _hub_folder(name: str, weights: bool = True) -> Path:
    """The cached snapshot of a hub model, completed from the hub where something is missing."""
    from huggingface_hub import snapshot_download

    def download(of_weights: tuple[str, ...]) -> Path:
        patterns = [*SETTINGS, *VOCABULARY, *of_weights]
        return Path(snapshot_download(_repository(name), revision=hub_commit(name), allow_patterns=patterns))

    with _hub_errors_explained(name):
        cached = _cached_folder(name)
        if cached and (weight_files(cached) or not weights) and _matching(cached, VOCABULARY):
            return cached
        if not weights:
            return download(())
        folder = download(SAFETENSORS)
        return folder if weight_files(folder) else download(PICKLED)


def _cached_folder(name: str) -> Path | None:
    """The snapshot of a hub model in the cache, `.../snapshots/<commit>`, perhaps without its weights."""
    from huggingface_hub import try_to_load_from_cache

    config = try_to_load_from_cache(_repository(name), "config.json")
    return Path(config).parent if isinstance(config, str) else None


def _check_vocabulary(name_or_path: str, folder: Path) -> None:
    if not has_vocabulary(folder):
        raise ModelError(
            f"The model {name_or_path!r} has no tokenizer in {folder}: "
            "put tokenizer.json beside the weights, for instance with tokenizer.save_pretrained(folder)."
        )


def _repository(name: str) -> str:
    return SHORT_NAMES.get(name, name)


def _matching(folder: Path, patterns: tuple[str, ...]) -> list[Path]:
    return sorted(path for pattern in patterns for path in folder.glob(pattern))


@contextmanager
def _hub_errors_explained(name: str) -> Iterator[None]:
    """Turn what the hub client raises into one sentence on what to do."""
    from huggingface_hub import errors

    try:
        yield
    except ModelError:
        raise
    except errors.HFValidationError as error:
        raise ModelError(f"{name!r} is neither a folder nor a hub id: hub ids look like 'owner/model'.") from error
    except errors.GatedRepoError as error:
        raise ModelError(
            f"The hub wants a login for {name!r}: ask for access on its page, then run `hf auth login`."
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise ModelError(
            f"The hub has no public model {name!r}: check the spelling, or give the path of a folder."
        ) from error
    except Exception as error:  # no network, offline mode, time-out, full disk: they share no class
        raise ModelError(
            f"The model {name!r} is not on this machine and cannot be fetched ({type(error).__name__}): "
            "connect to the network, or choose the bundled encoder ('demo' in a command) or a folder."
        ) from error
