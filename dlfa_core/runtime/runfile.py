"""A run file: what one or several runs ask for, as TOML that a person reads, changes and hands on.

A table by the name of an experiment, such as `[profile]`, holds fields of its `Spec`; for several runs there are
`[[run]]` tables, which name theirs with `experiment = "profile"`. What is left out is as usual.
"""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, fields
from difflib import get_close_matches
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import tomli_w

from dlfa_core.runtime.experiment import Experiment, name_of, stored_fields

MANY, NAMED_BY = "run", "experiment"  # `[[run]]`, and the key in it
_HEAD = "# python -m dlfa_core run FILE.toml\n# What is left out is as usual: python -m dlfa_core {} --help\n\n"
_SAID = {str: "text in quotes", int: "a whole number", float: "a number", bool: "true or false"}
_SEVERAL = {str: "texts", int: "whole numbers", float: "numbers", bool: "true or false"}

Run = tuple[Experiment, Any]  # and its spec
Found = Callable[[str], Experiment]


def written(runs: Iterable[Run]) -> str:
    """Return the run file of these specs; fields at their default are left out, as in a command."""
    tables = [(name_of(experiment), _told(spec)) for experiment, spec in runs]
    if not tables:
        raise ValueError("There is no run to write: give at least one spec.")
    if len(tables) == 1:
        return _HEAD.format(tables[0][0]) + tomli_w.dumps(dict(tables))
    body = tomli_w.dumps({MANY: [{NAMED_BY: name, **told} for name, told in tables]})
    return _HEAD.format("COMMAND") + body


def read(path: Path, names: Iterable[str], found: Found) -> list[Run]:
    """Return the runs of a file, in its order.

    Args:
        path: of the file.
        names: of all experiments.
        found: gives the experiment with one of these names; asked for those in the file only.

    Raises:
        OSError: there is no such file.
        ValueError: it is no TOML, or names an experiment or a field that there is not, or a value does not fit.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except RecursionError:
        raise ValueError(f"{path} is no run file: its brackets are nested too deeply.") from None
    except ValueError as error:  # what is no text as well
        raise ValueError(f"{path} is no run file, which is TOML: {error}.") from error
    known = list(names)
    runs = [(found(name), where, told) for name, where, told in _tables(path, tables, known)]
    if not runs:
        raise ValueError(f"{path} holds no run: write a table such as [{known[0]}], with fields of that command.")
    return [(experiment, _spec(path, where, experiment, told)) for experiment, where, told in runs]


def _told(spec: Any) -> dict[str, Any]:
    """The fields of a spec that TOML has to tell: those that differ from their default, which alone may be None."""
    values = ((field, getattr(spec, field.name)) for field in fields(spec))
    return {
        field.name: list(value) if isinstance(value, tuple) else value
        for field, value in values
        if value != field.default
    }


def _tables(path: Path, tables: Mapping[str, Any], names: list[str]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield the name of the experiment, how the table is called, and the table."""
    for name, table in tables.items():
        if name == MANY and isinstance(table, list) and all(isinstance(each, dict) for each in table):
            for number, each in enumerate(table, 1):
                where = f"[[{MANY}]] number {number}"
                if NAMED_BY not in each:
                    raise ValueError(f'{path}: {where} does not say which experiment: write {NAMED_BY} = "{names[0]}".')
                own = {key: value for key, value in each.items() if key != NAMED_BY}
                yield _known(path, where, each[NAMED_BY], names), where, own
        elif isinstance(table, dict):
            yield _known(path, f"[{name}]", name, names), f"[{name}]", table
        else:
            raise ValueError(
                f"{path}: {name} stands alone: begin with a table by the name of an experiment, such as [{names[0]}]."
            )


def _known(path: Path, where: str, name: object, names: list[str]) -> str:
    if name not in names:
        raise ValueError(f"{path}: {where} asks for the experiment {name!r}, {_instead(str(name), names)}")
    return str(name)


def _spec(path: Path, where: str, experiment: Experiment, told: Mapping[str, Any]) -> Any:
    """The spec that a table tells.

    Raises:
        ValueError: an unknown field, one of another type, one that is told twice, or one that is missing.
    """
    kinds = get_type_hints(experiment.Spec)
    earlier = stored_fields(experiment.Spec)
    values: dict[str, Any] = {}
    for key, value in told.items():
        name = key if key in kinds else earlier.get(key, key)
        if name not in kinds:
            raise ValueError(f"{path}: {where} has the field {key!r}, {_instead(key, list(kinds))}")
        if name in values:
            raise ValueError(f"{path}: {where} says {name} twice, once by its old name: leave that one out.")
        try:
            values[name] = _fitting(kinds[name], value)
        except TypeError:
            raise ValueError(f"{path}: {where} has {key} = {value!r}, which must be {_kind(kinds[name])}.") from None
    if missing := [
        each.name for each in fields(experiment.Spec) if each.default is MISSING and each.name not in values
    ]:
        raise ValueError(f"{path}: {where} lacks {', '.join(missing)}, which this experiment needs.")
    return experiment.Spec(**values)


def _instead(name: str, allowed: list[str]) -> str:
    near = get_close_matches(name, allowed, n=1)
    return f"which there is not{f': did you mean {near[0]}?' if near else '.'} Allowed are {', '.join(allowed)}."


def _fitting(kind: Any, value: Any) -> Any:
    """The value of a field of this type.

    Raises:
        TypeError: it is of another type.
    """
    if isinstance(kind, UnionType):
        return _fitting(_without_none(kind), value)
    if get_origin(kind) is tuple and isinstance(value, list):
        return tuple(_fitting(get_args(kind)[0], each) for each in value)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise TypeError
    return value


def _kind(kind: Any) -> str:
    """A type of a field in words."""
    if isinstance(kind, UnionType):
        return _kind(_without_none(kind))
    return f"a list of {_SEVERAL[get_args(kind)[0]]}" if get_origin(kind) is tuple else _SAID[kind]


def _without_none(kind: Any) -> Any:
    """X of `X | None`: TOML has no None, so a field that is None is left out."""
    return next(each for each in get_args(kind) if each is not NoneType)
