"""A sentence that a visitor types lands on the map."""

from dataclasses import asdict

from dlfa_core.experiments import encode, land, project
from ui import kept
from ui.map.choices import typed
from ui.results import result


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
            "note": note(found, row),
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
    kept.prepare_once(f"map {key}", lambda: [(encode, each) for each in encodings])


def note(found: land.Result, row: int) -> str:
    """Say what a reader must know about where a sentence stands that the map was not made from."""
    far = [
        float(each[row, 0]) / max(float(usual), 1e-9) for each, usual in zip(found.distances, found.usual, strict=True)
    ]
    last = len(far) - 1
    unknown = found.meta["unknown"][row] / max(found.meta["subwords"][row], 1)
    parts = [
        "The map was not made from this sentence: it stands among its nearest points, which at layer "
        f"{last} are {far[last]:.1f} times as far away as those of the map are from each other. Points of the map that "
        f"are put back in this way land {found.error[last]:.2f} of the spread from their place."
    ]
    if unknown > 0.2:
        parts.append(f"The model does not know {100 * unknown:.0f} % of its subwords.")
    return " ".join(parts)
