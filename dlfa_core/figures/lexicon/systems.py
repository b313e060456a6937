"""Classifiers of a lexicon result: what they are called, and which rows are theirs."""

import pandas as pd

from dlfa_core.experiments.lexicon import FUSION_LABELS as FUSIONS

TASK_MODELS = {"demo-sentiment": "Bundled sentiment model"}


def system_labels(result) -> list[str]:
    """Names of the classifiers of `result`, a `lexicon.Result`, in their order; no two are the same."""
    return [system_label(result, place) for place in range(len(result.systems))]


def system_label(result, place: int) -> str:
    """A classifier as readers see it: "DLFA, layer 8", or the name of a task model."""
    about = result.systems.iloc[place]
    if result.meta["classifiers"]:
        return TASK_MODELS.get(about["model"], about["model"])
    several = result.systems.loc[result.systems["fusion"] == about["fusion"], "weight"].nunique() > 1
    name = FUSIONS.get(about["fusion"], about["fusion"]) + (f" ({about['weight']})" if several else "")
    return name if pd.isna(about["layer"]) else f"{name}, layer {int(about['layer'])}"


def first_system(result) -> int:
    """The one to show first: the DLFA that does best on the dev set of its own training, else whatever does.

    The lexicon's words play no part in this choice, so their numbers are not flattered by it.
    """
    scores = result.systems["dev_score"].astype(float)
    dlfa = scores[result.systems["fusion"] == "dlfa"].dropna()
    best = dlfa if len(dlfa) else scores.dropna()
    return int(best.idxmax()) if len(best) else 0


def layered(result) -> bool:
    """Whether there is a layer to choose: some fusion stands there with several."""
    return bool(
        (result.systems.dropna(subset="layer").groupby(["model", "fusion", "weight"])["layer"].nunique() > 1).any()
    )


def rows_of(result, frame: pd.DataFrame, place: int) -> pd.DataFrame:
    """The rows of one classifier in `frame`, such as `result.scores`."""
    about = result.systems.iloc[place]
    same = (frame["model"] == about["model"]) & (frame["fusion"] == about["fusion"])
    same &= frame["weight"] == about["weight"]
    layer = frame["layer"]
    same &= layer.isna() if pd.isna(about["layer"]) else layer.eq(about["layer"]).fillna(False).astype(bool)
    return frame[same]
