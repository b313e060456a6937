"""Names beside marks that do not run into each other."""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

_LETTER = 0.56  # width of a letter on average, in parts of its size
_GAP = 3  # pixels between a mark and its name
_SPOTS = {  # where plotly puts a text, and the shares of its width and height that lie left of and above the mark
    "middle right": (0.0, 0.5),
    "middle left": (1.0, 0.5),
    "top center": (0.5, 1.0),
    "bottom center": (0.5, 0.0),
    "top right": (0.0, 1.0),
    "bottom right": (0.0, 0.0),
    "top left": (1.0, 1.0),
    "bottom left": (1.0, 0.0),
}


class Box(NamedTuple):
    """A rectangle in pixels, y downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        """Tell whether the two have more than an edge in common."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


def axis_range(*columns: ArrayLike, margin: float = 0.06) -> tuple[float, float]:
    """Return the range of an axis that holds all values, NaN aside, and a margin in parts of their spread."""
    values = np.concatenate([np.asarray(column, dtype=float) for column in columns])
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    beyond = margin * max(high - low, 1e-3)
    return low - beyond, high + beyond


def spots_on_axes(
    x: ArrayLike,
    y: ArrayLike,
    names: Sequence[str],
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    picture: tuple[float, float],
    size: float = 12,
    mark: float = 6.0,
) -> list[str | None]:
    """Return where names stand, as `label_spots` does, for marks at values on two axes.

    Args:
        x_range, y_range: of the axes.
        picture: width and height of the plot in pixels, where the figure is narrow.
    """
    across = (np.asarray(x, dtype=float) - x_range[0]) / (x_range[1] - x_range[0]) * picture[0]
    down = (y_range[1] - np.asarray(y, dtype=float)) / (y_range[1] - y_range[0]) * picture[1]
    return label_spots(list(zip(across.tolist(), down.tolist(), strict=True)), names, picture, size, mark)


def label_spots(
    marks: Sequence[tuple[float, float]],
    names: Sequence[str],
    within: tuple[float, float],
    size: float = 12,
    mark: float = 6.0,
) -> list[str | None]:
    """Return where each mark's name stands, as plotly's `textposition`; None where there is no room for it.

    A name covers no mark and no other name and stays within the figure; earlier marks choose first.

    Args:
        marks: (x, y) in pixels, y downwards.
        names: one for each mark.
        within: width and height of the figure in pixels.
        size: of the letters, in pixels.
        mark: half the width of a mark, in pixels.

    Raises:
        ValueError: not as many names as marks.
    """
    if len(marks) != len(names):
        raise ValueError(f"There are {len(marks)} marks and {len(names)} names: pass a name for each mark.")
    figure = Box(0, 0, *within)
    taken = [Box(x - mark, y - mark, x + mark, y + mark) for x, y in marks]
    spots: list[str | None] = []
    for at, name in zip(marks, names, strict=True):
        boxes = {spot: name_box(at, name, spot, size, mark) for spot in _SPOTS}
        free = (
            spot for spot, box in boxes.items() if _inside(box, figure) and not any(box.meets(other) for other in taken)
        )
        spots.append(next(free, None))
        if (spot := spots[-1]) is not None:
            taken.append(boxes[spot])
    return spots


def name_box(at: tuple[float, float], name: str, spot: str, size: float = 12, mark: float = 6.0) -> Box:
    """Return the pixels that a name takes at a spot of its mark; marks as for `label_spots`."""
    leftwards, upwards = _SPOTS[spot]
    width, height = _LETTER * size * _letters(name), 1.2 * size
    reach = mark + _GAP
    x = at[0] + reach * (1 - 2 * leftwards) - leftwards * width
    y = at[1] + (reach * (1 - 2 * upwards) if leftwards == 0.5 else 0.0) - upwards * height
    return Box(x, y, x + width, y + height)


def _letters(name: str) -> float:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in name)


def _inside(box: Box, figure: Box) -> bool:
    return (
        box.left >= figure.left and box.top >= figure.top and box.right <= figure.right and box.bottom <= figure.bottom
    )
