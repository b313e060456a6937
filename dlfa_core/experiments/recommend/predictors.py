"""Does a layer that is good for transfer show beforehand, in its depth or in how close languages are there?"""

import pandas as pd

from dlfa_core.experiments import profile, transfer
from dlfa_core.experiments.transfer import TransferStatistics
from dlfa_core.measures.ranks import layer_correlation_interval, layer_correlation_p_value
from dlfa_core.tables import INTERVAL

DEPTH = "depth"  # the layer's own number: "take a high one"


def rank_correlations(
    trained: transfer.Result, similarity: profile.Result | None = None, gains: TransferStatistics | None = None
) -> pd.DataFrame:
    """Spearman's correlation, over the layers that were fused, of each predictor with transfer.

    The predictors are depth and, of a profile of the same model, each measure between the source language and the
    test language. For a group of languages both are means over its languages; what is predicted is the score of
    the fusion, and subtracting that of the last layer alone would change no rank.

    The intervals come from drawing layers anew together with test examples and seeds; the predictors are taken as
    measured. The p value is that of curves which have nothing to do with each other and change as slowly over layers.

    Args:
        trained: a result of `transfer`, with three layers or more.
        similarity: a result of `profile` that holds the source language; test languages it lacks are left out.
        gains: `transfer.gains_of(trained)`, where it is at hand.

    Returns:
        fusion, weight, level, group, predictor, value, ci_low, ci_high in [-1, 1], p in [0, 1], n_layers,
        n_languages; NaN where all layers are equal. Empty where fewer than three layers were fused.

    Raises:
        ValueError: the profile is of another model, or lacks the source language.
    """
    gains = gains or transfer.gains_of(trained)
    values, replicates = gains.replicates()
    source, codes = gains.source_language, list(gains.counts)
    measured = {} if similarity is None else similarity_by_layer(trained, similarity, source)
    rows = []
    fused = gains.configurations[gains.configurations["layer"].notna()]
    for (fusion, weight), heads in fused.groupby(["fusion", "weight"], sort=False):
        layers = heads["layer"].to_numpy(dtype=int)
        if len(layers) < 3:
            continue
        for level, group, columns in _groups(codes, source):
            for predictor, table in {DEPTH: None, **measured}.items():
                own = [c for c in columns if table is None or codes[c] in table.columns]
                if not own:
                    continue
                by = layers if table is None else table.loc[layers, [codes[c] for c in own]].mean(axis=1).to_numpy()
                scores = values[heads.index][:, own].mean(axis=1)
                drawn = replicates[:, heads.index][:, :, own].mean(axis=2)
                found = *layer_correlation_interval(by, scores, drawn), layer_correlation_p_value(by, scores)
                rows.append((fusion, weight, level, group, predictor, *found, len(layers), len(own)))
    about, sizes = ["fusion", "weight", "level", "group", "predictor"], ["n_layers", "n_languages"]
    return pd.DataFrame(rows, columns=[*about, *INTERVAL, "p", *sizes])


def similarity_by_layer(trained: transfer.Result, similarity: profile.Result, source: str) -> dict[str, pd.DataFrame]:
    """Return measure -> similarity to the source language: rows layers, columns languages.

    Raises:
        ValueError: the profile is of another model, or lacks the source language.
    """
    ours, theirs = trained.meta["fingerprint"], similarity.meta["fingerprint"]
    if ours != theirs:
        raise ValueError(
            f"The profile is of another model ({similarity.meta['model']}, {theirs[:18]}…) than the transfer "
            f"({trained.meta['model']}, {ours[:18]}…): profile the model that was trained on."
        )
    if source not in similarity.meta["languages"]:
        raise ValueError(
            f"The profile lacks {source}, which was trained on, and has {', '.join(similarity.meta['languages'])}: "
            f"profile it together with the test languages."
        )
    pairs = similarity.pairs.copy()
    first = pairs[pairs["source"] == source].assign(language=lambda frame: frame["target"])
    second = pairs[pairs["target"] == source].assign(language=lambda frame: frame["source"])
    both = pd.concat([first, second])  # both directions of a measure that has two are averaged
    return {
        str(measure): rows.pivot_table(index="layer", columns="language", values="value", aggfunc="mean")
        for measure, rows in both.groupby("measure", sort=False)
    }


def _groups(codes: list[str], source: str) -> list[tuple[str, str, list[int]]]:
    """The target languages together, then one by one; a profile has nothing on the source and itself."""
    targets = [column for column, code in enumerate(codes) if code != source]
    together = [("targets", "targets", targets)] if targets else []
    return together + [("language", codes[column], [column]) for column in targets]
