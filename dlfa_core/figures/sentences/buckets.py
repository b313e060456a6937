"""What buckets of test examples say in words and as a table."""

from collections.abc import Iterator, Sequence
from math import isnan
from typing import TYPE_CHECKING, Literal

import pandas as pd

from dlfa_core.figures.scripts import script_name
from dlfa_core.figures.sentences.numbers import between, counted, listed, signed, within
from dlfa_core.measures.classification import metric
from dlfa_core.tables import Record

if TYPE_CHECKING:
    from dlfa_core.experiments import buckets

Row = Record[
    Literal["property", "bucket", "score", "value", "joint_low", "joint_high", "n", "n_languages", "fusion", "layer"]
]
ALL = "all"  # the property of the row that holds every example
_FEW = 2  # buckets that a sentence names


def summary(result: "buckets.Result") -> Iterator[str]:
    """Yield the gain of the chosen head bucket by bucket, property by property."""
    yield f"{chosen_label(result)}, chosen on the dev set, above the last layer alone by {score_label(result)}:"
    yield f"  all: {gain_said(rows_of(result, ALL)[0])}"
    for name in properties(result):
        yield property_label(result, name)
        yield from (f"  {bucket_label(row)}: {gain_said(row)}" for row in rows_of(result, name))
    yield JOINT


JOINT = "Intervals are of 95 % and hold for all buckets of all properties at once."


def properties(result: "buckets.Result") -> dict[str, str]:
    """Return the properties that have two buckets or more, name -> label, in the order of their registry."""
    return {name: each["label"] for name, each in result.meta["properties"].items() if len(rows_of(result, name)) > 1}


def rows_of(result: "buckets.Result", name: str) -> Sequence[Row]:
    """Return the buckets of a property for the head that the dev set points at."""
    head, table = result.meta["chosen"], result.differences
    own = (table["fusion"] == head["fusion"]) & (table["weight"] == head["weight"]) & (table["property"] == name)
    return table[own].to_dict("records")


def chosen_label(result: "buckets.Result") -> str:
    """Return the head that the dev set points at: "DLFA gate at layer 7"."""
    return f"{result.meta['chosen']['label']} at layer {result.meta['chosen']['layer']}"


def score_label(result: "buckets.Result") -> str:
    """Return the measure as it stands within a sentence."""
    return within(metric(result.meta["metric"]).label)


def property_label(result: "buckets.Result", name: str) -> str:
    """Return a property with its unit: "Sentence length (words)"."""
    about = result.meta["properties"][name]
    return f"{about['label']} ({about['unit']})" if about["unit"] else about["label"]


def bucket_label(row: Row) -> str:
    """Return a bucket as a reader calls it."""
    return script_name(row["bucket"]) if row["property"] == "script" else row["bucket"]


def gain_said(row: Row) -> str:
    """Return "+0.031 [+0.012, +0.050], n = 1,200", with the interval that holds for all buckets at once."""
    return f"{signed(row['value'])}{between(row['joint_low'], row['joint_high'], signed)}, n = {row['n']:,}"


def answer(result: "buckets.Result", name: str) -> str:
    """Say in which buckets of a property the chosen head gains or loses, as far as that is shown."""
    rows = rows_of(result, name)
    tested = [row for row in rows if not isnan(row["joint_low"])]
    by = f"By {within(result.meta['properties'][name]['label'])}, {chosen_label(result)}"
    if not tested:
        return f"{by} has no interval in any bucket, which shows no gain."
    said = []
    for verb, own in (
        ("gains", [row for row in tested if row["joint_low"] > 0]),
        ("loses", [row for row in tested if row["joint_high"] < 0]),
    ):
        if own:
            said.append(f"{verb} in {len(own)} of {counted(len(rows), 'bucket')}{_few(own)}")
    if not said:
        return f"{by} shows neither gain nor loss in any of {counted(len(rows), 'bucket')}."
    return f"{by} {'; '.join(said)}."


def _few(rows: Sequence[Row]) -> str:
    """Return one or two buckets with their gains, of more the smallest and the largest gain."""
    if len(rows) <= _FEW:
        return f": {listed([f'{bucket_label(row)} ({gain_said(row)})' for row in rows])}"
    low, high = (signed(end(row["value"] for row in rows)) for end in (min, max))
    return f", by {low} to {high}"


def chosen_table(result: "buckets.Result") -> pd.DataFrame:
    """Return the buckets of the chosen head: property, bucket, score, gain with the interval that holds for all of them
    at once, n, languages.
    """
    rows = [row for name in (ALL, *result.meta["properties"]) for row in rows_of(result, name)]
    about = result.meta["properties"]
    return pd.DataFrame(
        {
            "property": ["" if row["property"] == ALL else about[row["property"]]["label"] for row in rows],
            "bucket": [bucket_label(row) for row in rows],
            "score": [row["score"] for row in rows],
            "gain": [row["value"] for row in rows],
            "gain_low": [row["joint_low"] for row in rows],
            "gain_high": [row["joint_high"] for row in rows],
            "n": [row["n"] for row in rows],
            "languages": [row["n_languages"] for row in rows],
        }
    )


def left_out_said(result: "buckets.Result", name: str) -> str:
    """Say how many examples are in no bucket of a property; empty where all are in one."""
    if not (n := result.meta["properties"][name]["left_out"]):
        return ""
    have, are = ("has", "is") if n == 1 else ("have", "are")
    return f"{counted(n, 'example')} of {result.meta['n']:,} {have} no such property and {are} in no bucket."
