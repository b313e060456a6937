"""A sentence that a visitor types lands on the map."""

from dataclasses import asdict

from dlfa_core.experiments import encode, land, project
from dlfa_core.figures.sentences.land import position
from ui import kept
from ui.map.choices import typed
from ui.results import result

COMPILED = ("dlfa_core.projection.aligned",)


def out_of_sample_points(spec: project.Spec) -> list[dict]:
    """Ask for sentences and give their coordinates on the map of `spec`, as `figures.pack` takes them."""
    texts = typed()
    if not texts:
        return []
    found = result(
        land, land.Spec(**asdict(spec), texts=texts), "The typed sentence would be read.", slot="_land", start=True
    )
    if found is None:
        return []
    return [
        {
            "text": text,
            "note": position(found, row),
            "coordinates": found.coordinates[:, row],
            "neighbours": found.neighbours[:, row],
        }
        for row, text in enumerate(found.meta["texts"])
    ]


def prepare(spec: project.Spec, laid_out: project.Result, key: str) -> None:
    """Have the worker ready and the map's sentences encoded before somebody types: a bundled map comes without them.

    Args:
        key: of the stored map; each is prepared once while the app runs.
    """
    meta = laid_out.meta
    encodings = encode.encodings(spec, meta["languages"], meta["n"]).values()
    kept.prepare_once(f"map {key}", lambda: [(encode, each) for each in encodings], COMPILED)
