"""The key of a result: a digest of all that it depends on, and of nothing else."""

import json
import re
from collections.abc import Mapping
from dataclasses import fields
from hashlib import sha256
from typing import Any

import numpy as np

from dlfa_core.runtime.experiment import Experiment, is_left_out, name_of, stored_fields, stored_name

_KEY = re.compile("[0-9a-f]{64}")


def key_of(experiment: Experiment, spec: Any) -> str:
    """Return what the result depends on, as 64 hexadecimal digits: equal exactly when the result would be.

    Raises:
        ValueError: a field of the spec is no plain value, NaN, or a number below 0 where only counts make sense.
    """
    _check_counts(spec)
    return digest(identity(experiment, spec))


def is_key(text: str) -> bool:
    """Tell whether a text has the form of a key."""
    return bool(_KEY.fullmatch(text))


def identity(experiment: Experiment, spec: Any) -> dict[str, Any]:
    """Return all that the result depends on, as JSON takes it.

    Raises:
        ValueError: as `key_of`.
    """
    return {
        "experiment": name_of(experiment),
        "version": experiment.VERSION,
        "spec": plain_fields(spec),
        "inputs": dict(experiment.inputs(spec)),
    }


def digest(named: Mapping[str, Any]) -> str:
    """Return the key of what `identity` gave, or of what JSON made of that."""
    return sha256(json.dumps(named, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def spec_of(experiment: Experiment, plain: Mapping[str, Any]) -> Any:
    """The spec of which JSON holds the plain values."""
    names = stored_fields(experiment.Spec)
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}
    return experiment.Spec(**{names.get(name, name): value for name, value in values.items()})


def plain_fields(spec: Any) -> dict[str, Any]:
    """The fields of a spec as they are stored, stored name -> plain value."""
    return {
        stored_name(field): _plain(field.name, value)
        for field in fields(spec)
        if not is_left_out(field, value := getattr(spec, field.name))
    }


def _check_counts(spec: Any) -> None:
    """Refuse a whole number below 0: all in specs are counts, seeds or layers, and slices would take it as a place."""
    for field in fields(spec):
        value = getattr(spec, field.name)
        for one in value if field.name == "seeds" else [value]:
            if isinstance(one, int) and one < 0:
                raise ValueError(f"{field.name}={one} is below 0: give 0 or more.")


def _plain(name: str, value: Any) -> Any:
    """The value as JSON shows it, equal values alike: 1.0 as 1, a tuple as a list."""
    if isinstance(value, list | tuple):
        return [_plain(name, item) for item in value]
    if isinstance(value, float) and np.isfinite(value):
        return int(value) if value.is_integer() else float(value)
    if value is None or type(value) in (str, int, bool):
        return value
    raise ValueError(
        f"{name}={value!r} cannot be part of a spec: use text, finite numbers, True, False, None or tuples."
    )
