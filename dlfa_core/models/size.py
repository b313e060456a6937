"""How large a model is, told from its files alone: never imports torch, never asks the network."""

import json
import math
from pathlib import Path

from dlfa_core.data.opened import opened_once
from dlfa_core.models.source import ModelError, folder_at_hand, weight_files

DEPTHS = ("num_hidden_layers", "n_layers")  # what configurations call the number of blocks


def n_parameters(name_or_path: str) -> int | None:
    """Numbers in a model's weight files, a head for masked words counted where it is stored.

    Args:
        name_or_path: a bundled name, a folder, or a hub id.

    Returns:
        None where they cannot be told: the model is not on this machine, or its weights are no safetensors.
    """
    try:
        folder = folder_at_hand(name_or_path)
        files = [path for path in weight_files(folder) if path.suffix == ".safetensors"] if folder else []
        counts = [_count(path.resolve()) for path in files]
    except (
        ModelError,
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        ArithmeticError,
        RecursionError,
    ):  # a damaged file says so when read
        return None
    return sum(counts) or None


def n_blocks(name_or_path: str) -> int | None:
    """Blocks of an encoder as its configuration says; None where it is not on this machine or does not say."""
    try:
        folder = folder_at_hand(name_or_path)
        config = json.loads((folder / "config.json").read_text(encoding="utf-8")) if folder else {}
        return next((int(config[name]) for name in DEPTHS if name in config), None)
    except (ModelError, OSError, ValueError, TypeError, OverflowError, RecursionError):
        return None


@opened_once(lambda path: [path], most=256)
def _count(path: Path) -> int:
    """Floating-point numbers in a safetensors file, from its header."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > path.stat().st_size:
            raise ValueError(f"{path} is no safetensors file: copy or download it again.")
        header = json.loads(file.read(length))
    return sum(
        math.prod(entry["shape"])
        for name, entry in header.items()
        if name != "__metadata__" and entry["dtype"].startswith(("F", "BF"))
    )
