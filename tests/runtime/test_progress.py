import pytest

from dlfa_core.runtime.progress import bar, part, silent, span


def test_span_maps_the_whole_to_a_part():
    calls = []
    inner = span(lambda fraction, message: calls.append((fraction, message)), 0.5, 0.75)
    inner(0.0, "begin")
    inner(1.0, "end")
    assert calls == [(0.5, "begin"), (0.75, "end")]


def test_spans_nest():
    calls = []
    inner = span(span(lambda fraction, _: calls.append(fraction), 0.2, 0.6), 0.5, 1.0)
    inner(0.5, "")
    assert calls == pytest.approx([0.5])


def test_parts_follow_each_other_and_tell_their_name_and_number():
    calls = []
    for number, name in enumerate(("first", "")):
        inner = part(lambda *call: calls.append(call), number, 2, name)
        inner(0.0, "begin")
        inner(1.0, "end")
    assert calls == [(0.0, "first, 1 of 2: begin"), (0.5, "first, 1 of 2: end"), (0.5, "begin"), (1.0, "end")]


def test_the_bar_goes_to_the_error_stream_and_leaves_standard_output_clean(capsys):
    with bar() as progress:
        progress(0.5, "half of [it]")
    assert capsys.readouterr().out == ""


def test_silent_work_returns_nothing():
    assert silent(0.5, "anything") is None
