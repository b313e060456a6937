"""The tables of results: which columns each has, for mypy before anything runs and for the store when it reads.

A field of a `Result` says `Table[Literal["layer", "value"]]`, and what it holds is an ordinary pandas frame. Wherever
the table, a part of it or one of its rows is asked for a column that is not listed, mypy refuses. A table with more
columns passes for one with fewer: a function that needs three columns says which, and takes all that have them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any, Literal, Protocol, TypeVar, get_args, get_origin, overload

import pandas as pd

Names = TypeVar("Names", bound=str, contravariant=True)
Name = TypeVar("Name", bound=str)
Interval = Literal["value", "ci_low", "ci_high"]
INTERVAL: tuple[Interval, ...] = ("value", "ci_low", "ci_high")
Head = Literal["fusion", "layer", "weight"]  # layer is missing where none is fused, weight "" where there is none


class Record(Protocol[Names]):
    """A row, whose values are asked for by the names of columns."""

    def __getitem__(self, name: Names, /) -> Any: ...


class _Rows(Protocol[Names]):
    def __getitem__(self, number: int, /) -> Record[Names]: ...


class _Cells(Protocol[Names]):
    def __getitem__(self, where: tuple[pd.Series[bool], Names], /) -> pd.Series[Any]: ...


class Table(Protocol[Names]):
    """What is used of a `pandas.DataFrame`; for more take a `copy`, whose columns mypy does not know."""

    @overload  # a text is a sequence of texts, too, but not one of these names
    def __getitem__(self, name: Names, /) -> pd.Series[Any]: ...  # type: ignore[overload-overlap]
    @overload
    def __getitem__(self, names: Sequence[Names], /) -> Table[Names]: ...
    @overload
    def __getitem__(self, rows: pd.Series[bool], /) -> Table[Names]: ...
    def __len__(self) -> int: ...
    @property
    def empty(self) -> bool: ...
    @property
    def index(self) -> pd.Index[Any]: ...
    @property
    def iloc(self) -> _Rows[Names]: ...
    @property
    def loc(self) -> _Cells[Names]: ...
    def copy(self) -> pd.DataFrame: ...
    def to_dict(self, orient: Literal["records"]) -> Sequence[Record[Names]]: ...
    def sort_values(
        self, by: Names, *, ascending: bool = ..., kind: Literal["stable", "quicksort"] = ...
    ) -> Table[Names]: ...
    def dropna(self, *, subset: Names) -> Table[Names]: ...
    def drop_duplicates(self) -> Table[Names]: ...
    def assign(self, **columns: Any) -> pd.DataFrame: ...
    def set_index(self, keys: Names | Sequence[Names]) -> pd.DataFrame: ...
    @overload
    def groupby(self, by: Names, *, sort: bool = ...) -> Any: ...
    @overload
    def groupby(self, by: list[Any], *, sort: bool = ...) -> Any: ...


def highest(table: Table[Name], by: pd.Series[Any]) -> Record[Name]:
    """Return the first row with the largest value in a column of the table; missing ones do not count."""
    return table.iloc[int(by.argmax())]


def lowest(table: Table[Name], by: pd.Series[Any]) -> Record[Name]:
    """Return the first row with the smallest value in a column of the table; missing ones do not count."""
    return table.iloc[int(by.argmin())]


def led_by(frame: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    """Return the frame with these columns in front: of one value each, or of one a row."""
    return frame.assign(**columns)[[*columns, *(name for name in frame if name not in columns)]]


def columns_of(result_type: type[Any]) -> dict[str, tuple[str, ...]]:
    """Return the columns of each table of a `Result`; of plain frames, which say nothing of theirs, none."""
    tables = {field.name: field.type for field in fields(result_type) if holds_frame(field.type)}
    return {name: tuple(_listed(*get_args(kind))) for name, kind in tables.items()}


def holds_frame(kind: Any) -> bool:
    """Tell whether a field of this type holds a table."""
    return kind is pd.DataFrame or get_origin(kind) is Table


def check_columns(result: Any) -> None:
    """Raise ValueError unless every table of a result has the columns that its field lists, or nothing at all."""
    for name, columns in columns_of(type(result)).items():
        frame = getattr(result, name)
        missing = [column for column in columns if frame is not None and column not in frame]
        if missing and len(frame.columns):
            raise ValueError(
                f"The table {name!r} lacks {', '.join(missing)}: it has {', '.join(map(str, frame.columns))}. "
                f"Fill in what {type(result).__module__}.Result lists."
            )


def _listed(*kinds: Any) -> Iterator[str]:
    """Yield the texts of a Literal, or of a union of them."""
    for kind in kinds:
        if isinstance(kind, str):
            yield kind
        else:
            yield from _listed(*get_args(kind))
