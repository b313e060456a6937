import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pytest
from mypy import api

from dlfa_core.runtime import store
from dlfa_core.tables import Head, Interval, Table, check_columns, columns_of, highest, lowest

BUNDLED = sorted(path.parent for path in store.BUNDLED.glob("*/*/spec.json"))


@dataclass(frozen=True, eq=False)
class Result:
    means: Table[Literal["layer", Interval]]
    heads: Table[Head]
    rest: pd.DataFrame
    array: np.ndarray


def result(**changed):
    means = pd.DataFrame({"layer": [0, 1, 2], "value": [0.5, 0.7, np.nan], "ci_low": 0.0, "ci_high": 1.0})
    heads = pd.DataFrame({"fusion": ["dlfa"], "layer": [3], "weight": ["gate"]})
    return Result(**{"means": means, "heads": heads, "rest": pd.DataFrame(), "array": np.zeros(2)} | changed)


def test_the_columns_of_a_result_are_those_that_its_fields_list():
    assert columns_of(Result) == {
        "means": ("layer", "value", "ci_low", "ci_high"),
        "heads": ("fusion", "layer", "weight"),
        "rest": (),
    }


def test_a_result_may_have_more_columns_or_an_empty_table():
    check_columns(result())
    check_columns(result(means=result().means.assign(n=3)))
    check_columns(result(means=pd.DataFrame()))


def test_a_missing_column_is_named_with_its_table():
    with pytest.raises(ValueError, match=r"The table 'means' lacks ci_low, ci_high: it has layer, value\. Fill in"):
        check_columns(result(means=result().means[["layer", "value"]]))


def test_rows_of_the_largest_and_smallest_value_ignore_what_is_missing():
    assert highest(result().means, result().means["value"])["layer"] == 1
    assert lowest(result().means, result().means["value"])["layer"] == 0


@pytest.mark.parametrize("folder", BUNDLED, ids=lambda path: f"{path.parent.name}-{path.name[:8]}")
def test_what_ships_has_the_columns_that_its_experiment_lists(folder: Path):
    kind = import_module(f"dlfa_core.experiments.{folder.parent.name}").Result
    for name, columns in columns_of(kind).items():
        assert set(columns) <= set(pd.read_parquet(folder / f"{name}.parquet").columns)


ASKED = (
    "own[{!r}]",
    "own[['measure', {!r}]]",
    "own.sort_values({!r})",
    "own.dropna(subset={!r})",
    "own.set_index({!r})",
    "own.iloc[0][{!r}]",
    "own.to_dict('records')[0][{!r}]",
    "highest(own, own['value'])[{!r}]",
    "own.loc[own['layer'] == 1, {!r}]",
)


@pytest.mark.slow
def test_mypy_refuses_a_column_that_is_not_listed_wherever_it_is_asked_for(tmp_path):
    lines = [
        "from dlfa_core.experiments import profile",
        "from dlfa_core.tables import highest",
        "def asked(result: profile.Result) -> None:",
        "    own = result.means[result.means['layer'] == 1]",
        *(f"    {one.format(name)}" for one in ASKED for name in ("layer", "layr")),
    ]
    path = tmp_path / "asking.py"
    path.write_text("\n".join(lines), encoding="utf-8")
    said, _, _ = api.run([str(path), "--strict"])
    refused = [int(line) for line in re.findall(r"asking\.py:(\d+): error:", said)]
    assert refused == [number for number, line in enumerate(lines, 1) if "layr" in line], said
