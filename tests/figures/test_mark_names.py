"""Names beside marks: apart from each other, from marks and from the edges, and as many as there is room for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlfa_core.figures.mark_names import Box, axis_range, label_spots, name_box, spots_on_axes

WITHIN = (600.0, 400.0)
MARKS = st.lists(st.tuples(st.floats(0, 600), st.floats(0, 400), st.text("abcdefgh 中", max_size=12)), max_size=25)


@given(MARKS)
def test_no_name_covers_a_mark_or_a_name_or_leaves_the_figure(marks):
    at = [(x, y) for x, y, _ in marks]
    spots = label_spots(at, [name for _, _, name in marks], WITHIN)
    boxes = [name_box((x, y), name, spot) for (x, y, name), spot in zip(marks, spots, strict=True) if spot is not None]
    for index, box in enumerate(boxes):
        assert box.left >= 0
        assert box.top >= 0
        assert box.right <= WITHIN[0]
        assert box.bottom <= WITHIN[1]
        assert not any(box.meets(other) for other in boxes[:index])
        assert not any(box.meets(Box(x - 6, y - 6, x + 6, y + 6)) for x, y in at)


def test_marks_far_apart_all_have_their_names_at_the_right():
    marks = [(100.0 + 150 * i, 50.0 + 100 * i) for i in range(3)]
    assert label_spots(marks, ["Thai", "Hindi", "Arabic"], WITHIN) == ["middle right"] * 3


def test_a_mark_at_the_right_edge_has_its_name_at_the_left():
    assert label_spots([(590.0, 200.0)], ["Vietnamese"], WITHIN) == ["middle left"]


def test_marks_on_one_spot_share_the_room_and_the_rest_has_no_name():
    spots = label_spots([(300.0, 200.0)] * 30, ["Indonesian"] * 30, WITHIN)
    assert len({spot for spot in spots if spot}) == len([spot for spot in spots if spot]) > 1
    assert spots[-1] is None


def test_as_many_names_as_marks():
    with pytest.raises(ValueError, match=r"There are 1 marks and 2 names: pass a name for each mark"):
        label_spots([(0, 0)], ["a", "b"], WITHIN)


def test_values_on_axes_are_named_as_their_pixels_are():
    x, y = np.array([0.1, 0.5, 0.52]), np.array([-3.0, 2.0, 2.1])
    names = ["Thai", "Hindi", "Arabic"]
    spots = spots_on_axes(x, y, names, (0.0, 1.0), (-4.0, 4.0), WITHIN)
    assert spots == label_spots([(60.0, 350.0), (300.0, 100.0), (312.0, 95.0)], names, WITHIN)


def test_an_axis_holds_all_values_and_a_margin_and_has_a_width_for_one_value():
    assert axis_range([0.0, np.nan, 1.0], [2.0]) == (-0.12, 2.12)
    low, high = axis_range([0.5])
    assert low < 0.5 < high
