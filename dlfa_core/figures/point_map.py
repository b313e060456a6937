"""A projection packed for the browser: `frontend/map` draws it, on a page of the app and in a file taken home.

The packed bytes are two lengths (uint32), a JSON header, the JSON of what a reader typed, and the arrays that the
header describes, all little-endian. Coordinates become 16-bit integers: a step is 1/32767 of the farthest point's
distance, far below a pixel.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dlfa_core import languages as lang
from dlfa_core.figures.scripts import script_name
from dlfa_core.figures.sentences.project import reliability
from dlfa_core.figures.theme import NEUTRAL, family_colours

if TYPE_CHECKING:
    from dlfa_core.experiments import project

FOLDER = Path(__file__).with_name("map")
NEIGHBOURS_SENT = 1_300_000  # in all: 10 for each of 10,000 points at 13 layers
NEARLY_ALL = 99.7  # per cent of the points that lie below the upper end of the first view, along each axis
STEPS = 32767

# The eight of `languages.py`, ordered so that those next to each other are the easiest to tell apart.
COLOURS = (lang.BLUE, lang.VERMILION, lang.GREEN, lang.PINK, lang.VIOLET, lang.OLIVE, lang.PURPLE, lang.FOREST)
SYMBOLS = tuple(family.symbol for family in lang.FAMILIES.values())
FEELINGS = {
    "positive": (lang.BLUE, "triangle-up"),
    "neutral": (NEUTRAL, "circle"),
    "negative": (lang.VERMILION, "triangle-down"),
}

Classes = list[dict[str, str]]
Look = Callable[[str, int], Mapping[str, str]]


def pack(result: "project.Result", out_of_sample: Sequence[dict[str, Any]] = (), start: int | None = None) -> bytes:
    """A `project.Result` as the bytes that `payload.js` reads.

    Args:
        result: coordinates, neighbours, points, quality and meta of a projection.
        out_of_sample: sentences from outside with text, note, coordinates (n_states, dims) in the result's units and
            neighbours (n_states, k), rows of `result.points`.
        start: the layer shown first; the last one if it is not given.
    """
    states, points, dims = result.coordinates.shape
    far = float(np.abs(result.coordinates).max()) or 1.0
    low, high = np.percentile(result.coordinates.reshape(-1, dims), [100 - NEARLY_ALL, NEARLY_ALL], axis=0)
    kept = max(1, min(result.neighbours.shape[2], NEIGHBOURS_SENT // (states * points)))
    index_type = np.uint16 if points < 2**16 else np.uint32
    language_of_points, languages = pd.factorize(result.points["language"])
    sentence_of_points, ids = pd.factorize(result.points["id"])
    arrays = {
        "coordinates": np.round(result.coordinates / far * STEPS).astype("<i2"),
        "neighbours": result.neighbours[:, :, :kept].astype(index_type),
        "sentence": sentence_of_points.astype(np.uint32),
        "language": language_of_points.astype(np.uint8),
    }
    colourings = []
    for key, label, classes, classes_of_points in _colourings(result.points):
        arrays[f"by_{key}"] = classes_of_points
        colourings.append({"key": key, "label": label, "classes": classes})
    header = {
        "states": states,
        "points": points,
        "dims": dims,
        "centre": [float(value) for value in (low + high) / 2 / far],
        "extent": [max(float(value), 1e-3) for value in (high - low) / 2 / far],
        "start": states - 1 if start is None else start,
        "languages": [_language(code) for code in languages],
        "ids": list(ids),
        "texts": result.points["text"].tolist(),
        "colourings": colourings,
        "honesty": [reliability(result, layer) for layer in range(states)],
    }
    return _joined(header, arrays, [_out_of_sample_point(each, far) for each in out_of_sample])


@cache
def bundle(name: str) -> str:
    """A file that `frontend/map` is built into: "map_component.js", "tree_component.js", "page.js" or "map.css"."""
    return (FOLDER / name).read_text(encoding="utf-8")


def _joined(header: dict[str, Any], arrays: dict[str, np.ndarray], out_of_sample: list[dict[str, Any]]) -> bytes:
    described, parts, start = {}, [], 0
    for name, array in arrays.items():
        content = np.ascontiguousarray(array).tobytes()
        described[name] = {"type": array.dtype.name, "start": start, "count": array.size}
        parts.append(content + bytes(-len(content) % 4))
        start += len(parts[-1])
    body = {**header, "arrays": described}
    digest = sha256(b"".join([json.dumps(body).encode(), *parts])).hexdigest()[:32]
    texts = [_aligned(json.dumps(value, ensure_ascii=False)) for value in ({"digest": digest, **body}, out_of_sample)]
    lengths = np.array([len(text) for text in texts], dtype="<u4").tobytes()
    return b"".join([lengths, *texts, *parts])


def _aligned(text: str) -> bytes:
    """UTF-8 with blanks behind it, so that what follows begins at a multiple of four bytes."""
    content = text.encode()
    return content + b" " * (-len(content) % 4)


def _language(code: str) -> dict[str, str]:
    language = lang.find(code)
    return {name: getattr(language, name) for name in ("code", "name", "family", "bcp47", "direction")}


def _out_of_sample_point(each: dict[str, Any], far: float) -> dict[str, Any]:
    return {
        "text": each["text"],
        "note": each["note"],
        "coordinates": np.round(np.asarray(each["coordinates"], float) / far, 5).tolist(),
        "neighbours": np.asarray(each["neighbours"]).tolist(),
    }


def colours_by(result: "project.Result") -> tuple[str, ...]:
    """What the points of a map can be coloured by, as its address names it."""
    return tuple(key for key, *_ in _colourings(result.points))


def _colourings(points: "project.Points") -> Iterator[tuple[str, str, Classes, np.ndarray]]:
    """Return what may colour points: key, label, classes with name, colour and symbol, and every point's class."""
    codes = lang.family_order(set(points["language"]))
    known = {code: lang.find(code) for code in codes}
    family = {code: language.family for code, language in known.items()}
    script_of = {code: script_name(language.script) for code, language in known.items()}
    own = points["language"]
    colours = family_colours(family.values())

    def family_look(name: str, rank: int) -> dict[str, str]:
        return {"colour": colours[name], "symbol": lang.FAMILIES[name].symbol}

    yield "family", "Family", *_classes(own.map(family), colours, family_look)
    rank_in_family = {code: [c for c in codes if family[c] == family[code]].index(code) for code in codes}
    names = {code: language.name for code, language in known.items()}
    by_name = {names[code]: code for code in codes}

    def language_look(name: str, rank: int) -> dict[str, str]:
        code = by_name[name]
        # Counted within the family: with the family's symbol, colours repeat only after eight relatives.
        colour = COLOURS[(rank_in_family[code] + COLOURS.index(lang.FAMILIES[family[code]].colour)) % len(COLOURS)]
        return {
            "colour": colour,
            "symbol": SYMBOLS[rank % len(SYMBOLS)],
            "familySymbol": lang.FAMILIES[family[code]].symbol,
        }

    yield "language", "Language", *_classes(own.map(names), by_name, language_look)
    scripts = own.map(script_of)
    yield "script", "Script", *_classes(scripts, scripts.value_counts().index, _ranked_look)
    for key, look in (("topic", _ranked_look), ("sentiment", _feeling_look)):
        values = points.copy()[key].fillna("").astype(str)
        if (values != "").any():
            present = [name for name in FEELINGS if name in set(values)] if key == "sentiment" else []
            order = [*present, *sorted(set(values) - set(present) - {""}), *([""] if (values == "").any() else [])]
            yield key, key.capitalize(), *_classes(values, order, look)


def _classes(values: pd.Series, order: Iterable[str], look: Look) -> tuple[Classes, np.ndarray]:
    """The classes in their order, at most 255 of them, and the class of every value; the rest are one class."""
    names = list(order)[:255]
    classes = [{"name": name or "none", **look(name, rank)} for rank, name in enumerate(names)]
    indices = values.map({name: rank for rank, name in enumerate(names)})
    if indices.isna().any():
        classes.append({"name": "others", "colour": NEUTRAL, "symbol": "circle"})
    return classes, indices.fillna(len(names)).to_numpy(np.uint8)


def _ranked_look(name: str, rank: int) -> dict[str, str]:
    return {"colour": COLOURS[rank % len(COLOURS)], "symbol": SYMBOLS[rank % len(SYMBOLS)]}


def _feeling_look(name: str, rank: int) -> dict[str, str]:
    colour, symbol = FEELINGS.get(name) or (COLOURS[rank % len(COLOURS)], SYMBOLS[rank % len(SYMBOLS)])
    return {"colour": colour, "symbol": symbol}
