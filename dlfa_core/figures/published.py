"""What others measured, to be drawn faintly behind our own."""

from functools import cache

import pandas as pd

from dlfa_core.shipped import ASSETS

PATH = ASSETS / "published" / "mbert-layer-curves.csv"
DLFA_PATH = PATH.with_name("dlfa-mbert.csv")
XTREME_PATH = PATH.with_name("xtreme.csv")
DLFA_SYSTEM = "mBERT with DLFA, its best layer on the tests"
MBERT = "bert-base-multilingual-cased"
MBERT_LAYERS = 12

# The published CKA has no small-sample correction, but 10,000 sentences: it estimates what our debiased
# one does, and not what the uncorrected one gives for a few hundred.
_SAME_QUANTITY = {"cka": "cka_biased"}
_NOT_COMPARABLE = frozenset({"cka_biased"})


@cache
def published_curves() -> pd.DataFrame:
    """The whole table: model, measure, pair, layer, value, source, reading."""
    return pd.read_csv(PATH)


def curves_behind(measure: str, model: str = MBERT) -> pd.DataFrame:
    """The published rows that belong behind our curve of `measure`, by pair and layer; maybe none."""
    table = published_curves()
    if measure in _NOT_COMPARABLE:
        return table.iloc[:0]
    wanted = _SAME_QUANTITY.get(measure, measure)
    rows = table[(table["measure"] == wanted) & (table["model"] == model)]
    return rows.sort_values(["pair", "layer"], ignore_index=True)


@cache
def published_transfer() -> pd.DataFrame:
    """The whole table: model, task, measure, fusion, layer, group, value, source, reading."""
    return pd.read_csv(DLFA_PATH, dtype={"layer": "Int64"})


def published_gains(task: str, n_layers: int) -> pd.DataFrame:
    """Published scores of DLFA minus those of its own baseline, over all languages, by fused layer; maybe none.

    Args:
        task: kind of task, "xnli", "pawsx", "ner" or "pos".
        n_layers: blocks of the model that it is drawn behind: layer 8 of 12 is no layer of another depth.

    Returns:
        layer, gain, source.
    """
    table = published_transfer()
    rows = table[(table["task"] == task) & (table["group"] == "all")]
    fused = rows[rows["fusion"] == "dlfa"].sort_values("layer", ignore_index=True)
    if fused.empty or n_layers != MBERT_LAYERS:
        return pd.DataFrame({"layer": [], "gain": [], "source": []})
    baseline = rows.loc[(rows["fusion"] == "last") & rows["source"].isin(fused["source"]), "value"].item()
    return fused.assign(gain=fused["value"] - baseline)[["layer", "gain", "source"]]


@cache
def published_suite() -> pd.DataFrame:
    """Published scores in tasks of XTREME-R: model, system, task, measure, value, n_languages, source, reading.

    Those of DLFA are of the layer whose test average is the highest in each task, as its authors picked it.
    """
    table = pd.read_csv(XTREME_PATH)
    languages = table.drop_duplicates("task").set_index("task")["n_languages"]
    dlfa = published_transfer()
    dlfa = dlfa[(dlfa["fusion"] == "dlfa") & (dlfa["group"] == "all") & dlfa["task"].isin(languages.index)]
    best = dlfa.loc[dlfa.groupby("task", sort=False)["value"].idxmax()]
    best = best.assign(system=DLFA_SYSTEM, n_languages=best["task"].map(languages))
    return pd.concat([table, best[list(table)]], ignore_index=True)
