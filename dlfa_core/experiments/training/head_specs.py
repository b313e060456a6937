"""Which heads a grid of settings asks for."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import pandas as pd

from dlfa_core import models
from dlfa_core.experiments.training.settings import Grid


def plans_of(spec: Grid, n_layers: int, mode: str = "frozen") -> list["models.HeadSpec"]:
    """One head for every fusion, layer, weight and seed that differ, for an encoder with `n_layers` blocks.

    Controls that freeze a part of the encoder are left out where all of it is frozen. A fusion of three layers is left
    out at the last layer but one, above which there is only one more, unless it is asked for nowhere else.

    Raises:
        ValueError: nothing to train, an unknown fusion, a layer that the encoder lacks, or an encoder with one block
            where a lower layer is fused.
    """
    for name in ("fusions", "weights", "seeds"):
        if not getattr(spec, name):
            raise ValueError(f"{name} is empty, so there is nothing to train: name at least one.")
    trained = [name for name in spec.fusions if mode != "frozen" or not models.find_fusion(name).freezes]
    if not trained:
        check_fusion(spec.fusions[0], mode)
    return list(
        dict.fromkeys(
            plan_of(name, *point, n_layers)
            for name in trained
            for point in product(layers_of(name, spec.layers, n_layers), spec.weights, spec.seeds)
        )
    )


def layers_of(name: str, asked: Sequence[int], n_layers: int) -> Sequence[int | None]:
    """Return the lower layers that a fusion is trained with: those asked for, all that it can have if none are.

    What no fusion can have stays in, to be refused; what this one alone cannot have goes, unless nothing were left.
    """
    fusion = models.find_fusion(name)
    if not fusion.uses_lower:
        return [None]
    possible = fusion.lower_layers(n_layers)
    fitting = [layer for layer in asked if layer in possible or layer not in range(1, n_layers)]
    return fitting or asked or possible or [None]


def plan_of(name: str, layer: int | None, weight: str, seed: int, n_layers: int) -> "models.HeadSpec":
    """Return a head for an encoder with `n_layers` blocks, without what plays no part in its fusion.

    Raises:
        ValueError: an unknown fusion, or a layer that it cannot fuse.
    """
    fusion = models.find_fusion(name)
    fusion.needs(layer, n_layers)
    return models.HeadSpec(name, layer if fusion.uses_lower else None, weight if fusion.weighted else None, seed)


def fusion_label(name: str, weight: str) -> str:
    """Return a fusion and its weight as a reader sees them: "DLFA gate"."""
    return f"{models.find_fusion(name).label} {weight}".rstrip()


def check_fusion(name: str, mode: str) -> None:
    """Refuse a fusion that means nothing in a mode.

    Raises:
        ValueError: unknown fusion, or one that freezes a part of an encoder of which all is frozen.
    """
    if models.find_fusion(name).freezes and mode == "frozen":
        raise ValueError(
            f"{name} leaves a part of the encoder untrained, which means nothing where all of it is: "
            "use mode=finetune, or fusion last."
        )


def left_out(spec: Grid, n_layers: int, mode: str) -> list[str]:
    """A sentence on each fusion that `plans_of` leaves out, everywhere or at a layer."""
    found = []
    for name in dict.fromkeys(spec.fusions):
        fusion = models.find_fusion(name)
        if fusion.freezes and mode == "frozen":
            why = "left out, because all of the encoder is frozen here; fine-tuning (--mode finetune) has it."
            found.append(f"{fusion.label}: {why}")
        elif fusion.uses_lower and set(spec.layers) - set(layers_of(name, spec.layers, n_layers)):
            found.append(f"{fusion.label}: left out at layer {n_layers - 1}, which has none between it and the last.")
    return found


def frame_of(plans: Sequence["models.HeadSpec"]) -> pd.DataFrame:
    """fusion, layer (missing where there is none), weight ("" where there is none), seed."""
    return pd.DataFrame([replace(plan, weight=plan.weight or "") for plan in plans]).astype({"layer": "Int64"})
