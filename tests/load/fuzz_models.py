"""Folders of models and of stored results, and ways to spoil them: also with code that nobody should run."""

import json
import pickle
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from dlfa_core import encoders, models
from dlfa_core.experiments import profile
from dlfa_core.runtime import store
from tests.conftest import small_profile
from tests.load.fuzz_mutations import MARKER, TOKENS, spoilt
from tests.load.fuzz_samples import Files

VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    1,
    7,
    2.5,
    1e999,
    float("nan"),
    2**63,
    "",
    [],
    {},
    [[]],
    {"a": {}},
    *TOKENS[:12],
]
CODE = f"import sys\nsys.audit({MARKER!r})\n".encode()
AUTO_MAP = {"AutoConfig": "code.Own", "AutoModel": "code.Own", "AutoTokenizer": ["code.Own", None]}


class _Payload:
    """Runs code wherever it is unpickled."""

    def __reduce__(self):
        return sys.audit, (MARKER,)


def look(name: str) -> None:
    """Look at a model as pages do before anything is computed."""
    models.check_at_hand(name)
    models.full_name(name)
    models.n_parameters(name)
    models.n_blocks(name)
    encoders.card(name)


def read_encoder(folder: str) -> None:
    """Look at a folder as pages do, then load it as the worker does."""
    from dlfa_core.models.encoder import Encoder

    _looked_at_first(folder, lambda: Encoder.from_pretrained(folder, "cpu", "float32"))


def read_classifier(folder: str) -> None:
    """Look at a folder as pages do, then load it as a classifier of texts or words."""
    _looked_at_first(folder, lambda: models.load_task_model(folder))


def _looked_at_first(folder: str, load: Callable[[], object]) -> None:
    """Load a model even if it was refused at a look, as commands do."""
    with suppress(models.ModelError):
        look(folder)
    with suppress(models.ModelError):
        models.fingerprint(folder)
    load()


def spoil(files: Files, random: Random, others: list[bytes]) -> Files:
    """Spoil a value of a JSON file, the bytes of a file, the header of the weights; take a file out or put code in."""
    found = dict(files)
    for _ in range(random.choice((1, 1, 2))):
        found = random.choice(_WAYS)(found, random, others)
    return found


def _value(files: Files, random: Random, others: list[bytes]) -> Files:
    name = random.choice([name for name in files if name.endswith(".json")])
    try:
        content = json.loads(files[name])
    except (ValueError, RecursionError):
        return files
    at = content
    while isinstance(at, dict | list) and at:
        key = random.choice(list(at)) if isinstance(at, dict) else random.randrange(len(at))
        if not isinstance(at[key], dict | list) or random.random() < 0.3:
            at[key] = random.choice(VALUES)
            break
        at = at[key]
    return files | {name: json.dumps(content).encode("utf-8", "surrogatepass")}


def _bytes(files: Files, random: Random, others: list[bytes]) -> Files:
    name = random.choice(sorted(files))
    return files | {name: spoilt(files[name], random, others)}


def _gone(files: Files, random: Random, others: list[bytes]) -> Files:
    gone = random.choice(sorted(files))
    return {name: content for name, content in files.items() if name != gone} or files


def _header(files: Files, random: Random, others: list[bytes]) -> Files:
    """Weights whose header says what does not fit."""
    name = next((name for name in files if name.endswith(".safetensors")), None)
    if name is None or len(files[name]) < 8:
        return files
    content = files[name]
    length = int.from_bytes(content[:8], "little")
    try:
        header = json.loads(content[8 : 8 + length])
        entry = header[random.choice(sorted(header))]
        entry[random.choice(["dtype", "shape", "data_offsets"])] = random.choice(
            [[2**40, 2], [-1, 4], [0, 2**62], "F64", "Q4", *VALUES]
        )
    except (ValueError, KeyError, TypeError, RecursionError, IndexError, AttributeError):
        return files | {name: random.choice([2**63 - 1, 2**64 - 1, 10**6, 0]).to_bytes(8, "little") + content[8:]}
    written = json.dumps(header).encode("utf-8", "surrogatepass")
    said = random.choice([len(written), len(written), 2**63 - 1, len(written) - 3])
    return files | {name: said.to_bytes(8, "little") + written + content[8 + length :]}


def _code(files: Files, random: Random, others: list[bytes]) -> Files:
    """Code in the place of weights, of a configuration's classes, of a tokenizer, and in files that no reader needs."""
    weights = {name for name in files if name.endswith((".safetensors", ".bin"))}
    rest = {name: content for name, content in files.items() if name not in weights}
    payload = pickle.dumps({"weight": _Payload()}, protocol=2)
    with_code = files | {"code.py": CODE, "configuration_bert.py": CODE, "modeling.py": CODE, "__init__.py": CODE}
    config = json.loads(FOLDER_FILES()[random.choice(("config.json", "tokenizer_config.json"))])
    config |= {"auto_map": AUTO_MAP, **({"model_type": "own"} if random.random() < 0.5 else {})}
    name = "tokenizer_config.json" if "tokenizer_class" in config else "config.json"
    return random.choice(
        (
            rest | {"pytorch_model.bin": payload},
            rest | {"pytorch_model.bin": b"PK\x03\x04" + payload},
            rest | {"model.safetensors": payload},
            rest | {"tokenizer.model": payload, "vocab.pkl": payload},
            with_code | {name: json.dumps(config).encode()},
            rest
            | {
                "pytorch_model.bin.index.json": b'{"weight_map": {"x": "../outside.bin"}}',
                "pytorch_model-1.bin": payload,
            },
            files
            | {
                "chat_template.jinja": b"{{ ''.__class__.__mro__[1].__subclasses__() }}",
                "README.md": b"<script>alert(1)</script>" + CODE,
            },
        )
    )


def _shards(files: Files, random: Random, others: list[bytes]) -> Files:
    """An index of shards that are not there, lie elsewhere, or are said to be of another kind."""
    weight_map = random.choice(
        [{"a": "model-00001-of-00002.safetensors"}, {"a": "../../x.safetensors"}, {"a": 1}, [], None, {}]
    )
    index = {"metadata": random.choice([{}, None, []]), "weight_map": weight_map}
    kept = {name: content for name, content in files.items() if name != "model.safetensors" or random.random() < 0.5}
    content = files.get("model.safetensors", b"")
    return kept | {
        "model.safetensors.index.json": json.dumps(index).encode(),
        "model-00001-of-00002.safetensors": content,
    }


_WAYS = (_value, _value, _value, _bytes, _bytes, _gone, _header, _header, _code, _code, _shards)


@cache
def FOLDER_FILES() -> Files:
    """A folder that an encoder was saved to."""
    from tests.models.tiny import save_checkpoint

    return _saved(lambda folder: save_checkpoint(folder))


@cache
def encoder_folders() -> tuple[Files, ...]:
    """Folders of an encoder and of one saved by torch."""
    import torch
    from safetensors.torch import load

    plain = FOLDER_FILES()
    weights = io_bytes(lambda file: torch.save(load(plain["model.safetensors"]), file))
    rest = {name: content for name, content in plain.items() if name != "model.safetensors"}
    return plain, rest | {"pytorch_model.bin": weights}


@cache
def classifier_folders() -> tuple[Files, ...]:
    """Folders of a classifier of texts, and of a fusion model."""
    import transformers

    from tests.models.tiny import save_checkpoint
    from tests.models.tiny_fusion import save_fusion

    plain = _saved(lambda folder: save_checkpoint(folder, model_class=transformers.AutoModelForSequenceClassification))
    return plain, _saved(lambda folder: save_fusion(folder / "fusion"), "fusion")


def io_bytes(write) -> bytes:
    """What a function writes to a file."""
    import io

    file = io.BytesIO()
    write(file)
    return file.getvalue()


def _saved(save: Callable[[Path], object], below: str = "") -> Files:
    """The files that a function writes into a folder, or into one below it."""
    with tempfile.TemporaryDirectory() as name:
        save(Path(name))
        folder = Path(name) / below
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@cache
def stored_results() -> tuple[Files, ...]:
    """The store with a small profile."""

    def save(folder: Path) -> None:
        kept, profile.inputs = profile.inputs, lambda spec: {"model": spec.model}
        try:
            store.Store(folder).save(profile, profile.Spec(), profile.Result(**vars(small_profile())))
        finally:
            profile.inputs = kept

    return (_saved(save),)
