"""The score of each bucket, and what a fusion gains there over the last layer alone."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from dlfa_core.experiments import transfer
from dlfa_core.experiments.buckets.members import Bucket
from dlfa_core.experiments.transfer import CONFIGURATION, DIFFERENCES
from dlfa_core.measures.selection import LargestOfTrainings
from dlfa_core.measures.trainings import mean_over_trainings

BASELINE = "last"
FEWEST = 20  # different examples in a bucket that gets an interval: of fewer, a resample may hold hardly any


def chosen_heads(heads: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of each fusion and weight at the layer that the source language's dev set points at.

    Args:
        heads: fusion, layer (missing where there is none), weight, seed, dev_score.
    """
    means = heads.groupby(CONFIGURATION, sort=False, dropna=False)["dev_score"].mean().reset_index()
    best = means.loc[means.groupby(["fusion", "weight"], sort=False)["dev_score"].idxmax(), CONFIGURATION]
    kept = heads.reset_index().merge(best, on=CONFIGURATION).set_index("index").sort_index()
    return kept.rename_axis(None)


def bucket_gains(trained: transfer.Result, buckets: Sequence[Bucket]) -> pd.DataFrame:
    """Return `Result.differences` of every configuration but the last layer alone.

    Args:
        trained: with `BASELINE`.
        buckets: each with rows of `trained.examples`.
    """
    gains = transfer.gains_of(trained, sets={str(number): bucket.rows for number, bucket in enumerate(buckets)})
    values, replicates = gains.by_seed  # (seeds, configurations, buckets), resamples in front
    configurations = gains.configurations
    last = int(np.flatnonzero(configurations["fusion"] == BASELINE)[0])
    examples = trained.examples.copy()
    about = pd.DataFrame([_described(bucket, examples) for bucket in buckets])
    told = (about.pop("n_different") >= FEWEST).to_numpy()
    frames = []
    for index, head in configurations.drop(index=last).iterrows():
        above, drawn = (part[..., index, :] - part[..., last, :] for part in (values, replicates))
        mean = mean_over_trainings(above, drawn)
        bounds = np.full((4, len(buckets)), np.nan)
        bounds[:2, told] = mean_over_trainings(above[:, told], drawn[..., told]).intervals(inside=DIFFERENCES)
        joint = LargestOfTrainings(mean_over_trainings(above[:, told], drawn[..., told]))
        bounds[2:, told] = joint.intervals(inside=DIFFERENCES)
        columns: dict[str, Any] = {name: head[name] for name in CONFIGURATION}
        columns |= {"score": values[:, index].mean(axis=0), "value": mean.values}
        columns |= dict(zip(("ci_low", "ci_high", "joint_low", "joint_high"), bounds, strict=True))
        frames.append(about.assign(**columns))
    found = pd.concat(frames, ignore_index=True).astype({"layer": "Int64"})
    return found[["property", "bucket", *CONFIGURATION, *_NUMBERS, "n", "n_languages"]]


_NUMBERS = ("score", "value", "ci_low", "ci_high", "joint_low", "joint_high")


def _described(bucket: Bucket, examples: pd.DataFrame) -> dict[str, Any]:
    own = examples.iloc[bucket.rows]
    return {
        "property": bucket.property,
        "bucket": bucket.label,
        "n": len(own),
        "n_languages": own["language"].nunique(),
        "n_different": own["id"].nunique(),
    }
