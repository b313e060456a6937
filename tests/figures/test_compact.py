"""A small figure says the same as the large one."""

from dlfa_core.figures import curves
from dlfa_core.figures.compact import compact


def test_a_small_figure_draws_the_same_and_leaves_the_large_one_alone(profile_result):
    large = curves(profile_result, ["cka"])
    small = compact("layer", lambda: large)
    assert [list(trace.y) for trace in small.data] == [list(trace.y) for trace in large.data]
    assert small.layout.height < large.layout.height
    assert (small.layout.xaxis.title.text, small.layout.yaxis.title.text) == ("layer", None)
    assert large.layout.yaxis.title.text
