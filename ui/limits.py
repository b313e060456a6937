"""What a visitor may ask for: everything on one's own machine, little on a public one (`DLFA_DEMO=1`)."""

import os
from collections.abc import Collection, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

from dlfa_core import encoders
from dlfa_core.runtime.experiment import Experiment, name_of


class Limits(NamedTuple):
    """How much one visitor may ask for."""

    any_model: bool  # hub ids, folders and corpora on disk, besides what is bundled
    upload_bytes: int
    sentences: int
    characters: int  # of a typed sentence
    jobs: int  # of one visitor at once, queued or running
    jobs_of_all: int  # visitors together


_OWN_MACHINE = Limits(
    any_model=True, upload_bytes=50 * 2**20, sentences=20_000, characters=2000, jobs=8, jobs_of_all=500
)
_PUBLIC = Limits(any_model=False, upload_bytes=2**20, sentences=500, characters=300, jobs=2, jobs_of_all=40)

_TRAINS_NOTHING = {
    *("answer", "attribute", "gates", "land", "lens", "lexicon", "profile", "project", "readout", "retrieve"),
}
_POOLS = ("lareqa:sample", "mewslix:sample")
_NAMES_OF_MODELS = ("model", "models", "classifiers", "fusion")
_SETS = ("lexicon", "task")  # of which only the bundled one is read
SLOW = ("tsne", "aligned_umap")  # minutes: not for a public machine
_MOST = {"resamples": 1000, "max_length": 256, "steps": 100, "draws": 10, "random_words": 200, "compared": 50}


def is_demo() -> bool:
    """Tell whether this app runs for the public."""
    return os.environ.get("DLFA_DEMO", "") == "1"


def limits() -> Limits:
    """The limits that hold now."""
    return _PUBLIC if is_demo() else _OWN_MACHINE


def refusal(experiment: Experiment, spec: Any, uploads: Collection[Path]) -> str:
    """Say why this app does not compute something; empty where it does, and always on one's own machine.

    Pages offer none of this in public: this is the wall behind them, whatever a page or an address says.

    Args:
        experiment: that is asked.
        spec: what it is asked.
        uploads: tables that the visitor brought.
    """
    if not is_demo():
        return ""
    what = next(_forbidden(experiment, spec, [f"table:{path}" for path in uploads]), None)
    return f"This public app {what}. Run it on your own machine for that." if what else ""


def _forbidden(experiment: Experiment, spec: Any, tables: Collection[str]) -> Iterator[str]:
    asked = {field.name: getattr(spec, field.name) for field in fields(spec)}
    if name_of(experiment) not in _TRAINS_NOTHING or ("classifiers" in asked and not asked["classifiers"]):
        yield "trains nothing"
    shipped = {"", *encoders.bundled(), *encoders.models.bundled_task_models()}
    for name in _NAMES_OF_MODELS:
        value = asked.get(name, "")
        if unknown := set([value] if isinstance(value, str) else value) - shipped:
            yield f"has the bundled models only, not {min(unknown)[:80]}"
    if asked.get("corpus", "sample") not in ("sample", *tables):
        yield "reads the bundled sentences and what you upload, no paths"
    for name in _SETS:
        if asked.get(name, "") not in ("", "sample", "sentiment:sample"):
            yield "reads the bundled sentences and words, no paths"
    if asked.get("dataset", _POOLS[0]) not in _POOLS:
        yield "retrieves from the bundled pools, no paths"
    typed = [*asked.get("texts", ()), *(asked.get(name, "") for name in ("text", "question", "context"))]
    if any(len(text) > _PUBLIC.characters for text in typed):
        yield f"reads typed sentences of up to {_PUBLIC.characters} characters"
    if {asked.get("method"), asked.get("alignment")} & set(SLOW):
        yield "draws no maps that take minutes"
    for name, most in _MOST.items():
        if (asked.get(name) or 0) > most:
            yield f"computes {name.replace('_', ' ')} up to {most}"
