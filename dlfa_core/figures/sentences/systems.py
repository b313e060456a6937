"""Classifiers of a lexicon result: what they are called, and which rows are theirs."""

from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

from dlfa_core.experiments.lexicon import FUSION_LABELS
from dlfa_core.tables import Table

if TYPE_CHECKING:
    from dlfa_core.experiments import lexicon

Names = TypeVar("Names", bound=str)

TASK_MODELS = {"demo-sentiment": "Bundled sentiment model"}


def system_labels(result: "lexicon.Result") -> list[str]:
    """Names of the classifiers in their order; no two are the same."""
    return [system_label(result, index) for index in range(len(result.systems))]


def system_label(result: "lexicon.Result", index: int) -> str:
    """A classifier as readers see it: "DLFA, layer 8", or the name of a task model."""
    about = result.systems.iloc[index]
    if result.meta["classifiers"]:
        return TASK_MODELS.get(about["model"], about["model"])
    several = result.systems.loc[result.systems["fusion"] == about["fusion"], "weight"].nunique() > 1
    name = FUSION_LABELS.get(about["fusion"], about["fusion"]) + (f" ({about['weight']})" if several else "")
    return name if pd.isna(about["layer"]) else f"{name}, layer {int(about['layer'])}"


def first_system(result: "lexicon.Result") -> int:
    """The one to show first: the DLFA that does best on the dev set of its own training, else whatever does.

    The lexicon's words play no part in this choice, so their numbers are not flattered by it.
    """
    scores = result.systems["dev_score"].astype(float).to_numpy()
    dlfa = np.where(result.systems["fusion"] == "dlfa", scores, np.nan)
    own = scores if np.isnan(dlfa).all() else dlfa
    return 0 if np.isnan(own).all() else int(np.nanargmax(own))


def chosen_systems(result: "lexicon.Result") -> list[int]:
    """Of each kind of classifier the one that does best on its own dev set, as `first_system` has it."""
    table = result.systems.copy().reset_index(drop=True)
    table["dev_score"] = table["dev_score"].astype(float).fillna(-1.0)  # a task model has none
    return [int(index) for index in table.groupby(["model", "fusion", "weight"], sort=False)["dev_score"].idxmax()]


def layered(result: "lexicon.Result") -> bool:
    """Tell whether there is a layer to choose: some fusion stands there with several."""
    return bool(
        (result.systems.dropna(subset="layer").groupby(["model", "fusion", "weight"])["layer"].nunique() > 1).any()
    )


def rows_of(result: "lexicon.Result", frame: Table[Names], index: int) -> Table[Names]:
    """The rows of one classifier in `frame`, such as `result.scores`."""
    about, table = result.systems.iloc[index], frame.copy()
    same = (table["model"] == about["model"]) & (table["fusion"] == about["fusion"])
    same &= table["weight"] == about["weight"]
    layer = table["layer"]
    same &= layer.isna() if pd.isna(about["layer"]) else layer.eq(about["layer"]).fillna(False).astype(bool)
    return frame[same]
