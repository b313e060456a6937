"""Names beside marks: apart from each other, from marks and from the edges, and as many as there is room for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlfa_core.figures.mark_names import Box, label_spots, name_box

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
