"""The contract between a question and what stores its answers, runs it and tells of it."""

from collections.abc import Mapping, Sequence
from dataclasses import Field, fields
from typing import Any, Protocol, TypeVar, runtime_checkable

from dlfa_core.runtime.progress import Progress

Kind = TypeVar("Kind")
ADDED = {"added": True}  # metadata of a field that stored results are older than


@runtime_checkable
class Experiment(Protocol):
    """A module with these names; in `dlfa_core.experiments` a folder whose `__init__` shows them.

    What it may have besides, and what holds where it has none, say the functions below.

    Attributes:
        VERSION: grows when the same spec gives other numbers.
        Spec: a frozen dataclass of plain values: str, int, float, bool, None and tuples of them. A field that was
            renamed has `metadata={"stored_as": OLD_NAME}`: keys and stored specs go on with the old one. One that was
            added has `metadata=ADDED`: keys and stored specs leave it out at its default, which is how it was before.
        Result: a frozen dataclass whose fields are pandas frames, numpy arrays, or values that JSON knows.
    """

    __name__: str
    VERSION: int
    Spec: type[Any]
    Result: type[Any]

    def inputs(self, spec: Any) -> Mapping[str, str]:
        """Fingerprints of what a spec only names, such as a model or a corpus."""

    def run(self, spec: Any, progress: Progress) -> Any:
        """The result: a pure function of the spec and of what it names."""


def name_of(experiment: Experiment) -> str:
    """The last part of the module's name: its folder in a store, and its command."""
    return experiment.__name__.rpartition(".")[2]


def stored_name(field: Field[Any]) -> str:
    """Return the name of a field of a `Spec` in stores and in keys: its own, or the one before it was renamed."""
    return field.metadata.get("stored_as", field.name)


def stored_fields(spec: Any) -> dict[str, str]:
    """Return stored name -> name of the fields of a `Spec` or of its type."""
    return {stored_name(field): field.name for field in fields(spec)}


def made_from(spec: Any, kind: type[Kind], **changes: Any) -> Kind:
    """Return a dataclass of another kind with those fields that a `Spec` has too, and with what is given besides."""
    shared = {field.name for field in fields(kind)} & {field.name for field in fields(spec)}  # type: ignore[arg-type]
    return kind(**{name: getattr(spec, name) for name in shared} | changes)


def is_left_out(field: Field[Any], value: Any) -> bool:
    """Tell whether stores and keys leave a field with this value out: one that was `ADDED`, at its default."""
    return bool(field.metadata.get("added")) and bool(value == field.default)


def is_intact(experiment: Experiment, result: Any) -> bool:
    """Tell whether what a run wrote elsewhere is still there, as `intact(result)` says; true of one that writes
    nothing.
    """
    return getattr(experiment, "intact", lambda _: True)(result)


def parts_of(experiment: Experiment, spec: Any) -> Sequence[tuple[Experiment, Any]]:
    """The results that a run takes from the store and that workers may compute side by side before it: `parts(spec)`;
    none of one that has no such parts.
    """
    return getattr(experiment, "parts", lambda _: ())(spec)


def is_typed(spec: Any) -> bool:
    """Tell whether a spec has texts that somebody typed: few, and waited for."""
    return bool(getattr(spec, "texts", ()) or getattr(spec, "question", ""))


def can_get_ready(experiment: Experiment) -> bool:
    """Tell whether it has `get_ready(spec)`, which loads what runs like that of the spec need beforehand."""
    return hasattr(experiment, "get_ready")


def inputs_at_hand(experiment: Experiment, spec: Any) -> Mapping[str, str]:
    """Those of the inputs that can be told without a task's files: `inputs_at_hand(spec)`, or all of them."""
    return getattr(experiment, "inputs_at_hand", experiment.inputs)(spec)


def table_of(experiment: Experiment, result: Any, field: str) -> Any:
    """The frame that is exported as the result's table: `table(result)`, or the field."""
    return getattr(experiment, "table", lambda _: getattr(result, field))(result)
