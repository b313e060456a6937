"""Every interval in every table of a result: it holds its value, has a width, and stays where the measure can be.

Bundled results and those that tests make up alike; a table gets its test by having columns that end in _low and _high.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest

from dlfa_core.experiments import attribute, augment, buckets, gates, lexicon, profile, project, recommend, transfer
from dlfa_core.measures import MEASURES, METRICS
from dlfa_core.runtime.store import BUNDLED, Store
from tests.augmented import small_augmentation
from tests.bucketed import small_buckets
from tests.conftest import small_profile, small_projection
from tests.explained import small_explained, small_lexicon
from tests.looked import small_gates
from tests.recommended import small_recommendation, small_sweep

MADE_UP = {
    "profile": small_profile,
    "project": small_projection,
    "recommend": small_recommendation,
    "undecided": lambda: small_recommendation(height=0.0),
    "buckets": small_buckets,
    "transfer": small_sweep,
    "augment": small_augmentation,
    "gates": small_gates,
    "lexicon": small_lexicon,
    "unhelpful": lambda: small_lexicon(helpful=False),
    "attribute": small_explained,
}
EXPERIMENTS = (attribute, augment, buckets, gates, lexicon, profile, project, recommend, transfer)
PROBES = ("probe_linear", "probe_control", "probe_nearest", "translation_nearest")
SHARES = ("share", "agreement", "same_sign", "order", "trustworthiness", "continuity", "tree_agreement", *PROBES)
WITHIN = {
    **{name: measure.range for name, measure in MEASURES.items()},
    **dict.fromkeys([*METRICS, *SHARES, "gate", "local_share"], (0, 1)),
    **dict.fromkeys(
        ["correlation", "selectivity", "silhouette_language", "silhouette_family", "silhouette_sentence"], (-1, 1)
    ),
    **dict.fromkeys(["drift", "change"], (0, np.inf)),
}
EVERYWHERE = (-np.inf, np.inf)  # of measures in units of their own: logits, attributions, differences of probabilities
DIFFERENCES = {"differences", "effects"}  # tables of them
CORRELATIONS = {"correlations", "predictors"}
ROUNDING = 1e-9


def bundled() -> list:
    found = []
    for experiment in EXPERIMENTS:
        name = experiment.__name__.rpartition(".")[2]
        for entry in Store(BUNDLED).listing(experiment):
            read = partial(Store(BUNDLED).read, experiment, entry.key)
            found.append(pytest.param(read, id=f"{name} {entry.key[:6]}"))
    return found


def intervals(result) -> Iterator[tuple[str, pd.DataFrame, str, np.ndarray, np.ndarray, np.ndarray]]:
    """Table, its rows, the column that an interval is of, value, low and high, of all columns that have one."""
    for table, frame in vars(result).items():
        if isinstance(frame, pd.DataFrame) and len(frame):
            for low in (str(name) for name in frame if str(name).endswith("_low")):
                column = "value" if low in ("ci_low", "joint_low") else low.removesuffix("_low")
                names = column, low, low.replace("_low", "_high")
                yield table, frame, column, *(frame[name].to_numpy(np.float64) for name in names)


def limits(table: str, column: str, frame: pd.DataFrame) -> np.ndarray:
    """(rows, 2) between which the values of a column can lie."""
    if table in CORRELATIONS:
        return np.array([(-1, 1)] * len(frame))
    if "measure" not in frame:
        return np.array([(-1, 1) if column == "gain" or table in DIFFERENCES else (0, 1)] * len(frame))
    least, most = np.array([WITHIN.get(name, EVERYWHERE) for name in frame["measure"]], dtype=np.float64).T
    difference = column == "gain" or table in DIFFERENCES
    return np.stack([least - most, most - least] if difference else [least, most], axis=1)


def broken(result) -> list[str]:
    """What is wrong with the intervals of a result, in words; a row each."""
    wrong = []
    for table, frame, column, value, low, high in intervals(result):
        least, most = limits(table, column, frame).T
        checks = {
            "half an interval": np.isnan(low) != np.isnan(high),
            "an interval without a value": np.isnan(value) & ~np.isnan(low),
            "an infinite end": np.isinf(low) | np.isinf(high),
            "its value left out": (low > value + ROUNDING) | (high < value - ROUNDING),
            "a value that cannot be": (value < least - ROUNDING) | (value > most + ROUNDING),
            "an end that cannot be": (low < least - ROUNDING) | (high > most + ROUNDING),
        }
        for what, rows in checks.items():
            if rows.any():
                wrong.append(f"{table}.{column} has {what} in {rows.sum()} rows:\n{frame[rows].head(3).to_string()}")
    return wrong


@pytest.mark.parametrize("make", [*(pytest.param(make, id=name) for name, make in MADE_UP.items()), *bundled()])
def test_every_interval_holds_its_value_within_what_can_be(make):
    result = make()
    assert result is not None
    assert not (wrong := broken(result)), "\n".join(wrong)


@pytest.mark.parametrize("make", bundled())
def test_only_what_is_determined_has_no_width(make):
    """Nothing is above itself, all hit or none does, all draws rank alike; anything else varies with its draws."""
    for table, frame, column, value, low, high in intervals(make()):
        flat = np.isfinite(low) & (high - low <= ROUNDING)
        least, most = limits(table, column, frame).T
        determined = (value == 0) | np.isclose(value, least) | np.isclose(value, most)
        ranked = table in CORRELATIONS or ("measure" in frame and (frame["measure"] == "tree_agreement").to_numpy())
        rows = flat & ~determined & np.logical_not(ranked)
        assert not rows.any(), f"{table}.{column}:\n{frame[rows].head().to_string()}"


def test_an_interval_that_is_wrong_is_found():
    result = small_recommendation(resamples=40)
    table = result.means
    cases = {
        "its value left out": {"ci_low": table["value"] + 0.01, "ci_high": table["value"] + 0.02},
        "half an interval": {"ci_low": np.nan},
        "an interval without a value": {"value": np.nan},
        "an infinite end": {"ci_high": np.inf},
        "a value that cannot be": {"value": 1.1, "ci_high": 1.2},
        "an end that cannot be": {"ci_high": 1.2},
    }
    assert not broken(result)
    for what, changes in cases.items():
        found = broken(replace(result, means=table.assign(**changes)))
        assert any(f"means.value has {what} in {len(table)} rows" in line for line in found), what
