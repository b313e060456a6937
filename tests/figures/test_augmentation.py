"""Figures and sentences of a comparison: what they say is what the frames hold."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from dlfa_core.figures import augmentation
from dlfa_core.figures.sentences import augment as answers
from dlfa_core.languages import find
from tests.augmented import COVERAGE, small_augmentation

CODES = {find(code).name: code for code in COVERAGE}


@pytest.fixture(scope="module")
def result():
    return small_augmentation()


def changed(result, **columns):
    """The result with other numbers for the lexicon's effect over the targets."""
    effects = result.effects.copy()
    rows = (effects["effect"] == "augmented") & (effects["level"] == "targets")
    for name, value in columns.items():
        effects.loc[rows, name] = value
    return replace(result, effects=effects)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (
            {"value": 0.03, "ci_low": 0.01, "ci_high": 0.05, "p_holm": 0.01},
            "With the lexicon in pre-training zero-shot accuracy over 4 target languages is 0.030 [0.010, 0.050] "
            "higher (n = 240, 3 seeds, Holm's p\u00a0=\u00a00.010).",
        ),
        (
            {"value": -0.03, "ci_low": -0.05, "ci_high": -0.01, "p_holm": 0.01},
            "is 0.030 [0.010, 0.050] lower (n = 240, 3 seeds, Holm's p\u00a0=\u00a00.010).",
        ),
        (
            {"value": -0.002, "ci_low": -0.02, "ci_high": 0.01, "p_holm": 0.6},
            "makes no clear difference: zero-shot accuracy over 4 target languages moves by −0.002 [−0.020, +0.010] "
            "(n = 240, 3 seeds, Holm's p\u00a0=\u00a00.600).",
        ),
        (
            {"value": 0.4, "ci_low": np.nan, "ci_high": np.nan, "p_holm": np.nan},
            "makes no clear difference: zero-shot accuracy over 4 target languages moves by +0.400 (n = 240, 3 seeds).",
        ),
    ],
)
def test_the_answer_claims_no_more_than_the_test_allows(result, columns, said):
    assert said in answers.answer(changed(result, **columns))


def test_cells_draw_every_cell_with_its_interval(result):
    figure = augmentation.cells(result, "targets")
    rows = result.cells[result.cells["level"] == "targets"].set_index(["fusion", "arm"])
    for trace, fusion in zip(figure.data, ("last", "dlfa", "average", "extra"), strict=True):
        own = rows.loc[fusion].loc[["plain", "augmented", "random", "neutral"]]
        assert list(trace.y) == own["value"].tolist()
        np.testing.assert_allclose(np.add(trace.y, trace.error_y.array), own["ci_high"])
        np.testing.assert_allclose(np.subtract(trace.y, trace.error_y.arrayminus), own["ci_low"])


def test_effects_are_filled_exactly_where_they_are_clear(result):
    trace = augmentation.effects(result, "targets").data[0]
    rows = result.effects[result.effects["level"] == "targets"].set_index("effect")
    by_label = {augmentation.EFFECTS[name].replace(", ", ",<br>"): row for name, row in rows.iterrows()}
    for label, x, symbol in zip(trace.y, trace.x, trace.marker.symbol, strict=True):
        assert x == by_label[label]["value"]
        assert (symbol == "circle") == (by_label[label]["p_holm"] < 0.05)
    assert {label.replace(",<br>", ", ") for label in trace.y} == set(augmentation.EFFECTS.values())
    np.testing.assert_allclose(trace.customdata[:, 3], [by_label[label]["p_holm"] for label in trace.y])
    assert "by Holm for all 9 differences" in trace.hovertemplate


def test_a_comparison_without_controls_draws_what_there_is(result):
    few = replace(
        result,
        cells=result.cells[result.cells["arm"].isin(["plain", "augmented"])],
        effects=result.effects[~result.effects["effect"].str.startswith("over")],
        curves=result.curves[result.curves["arm"].isin(["plain", "augmented"])],
        meta={**result.meta, "arms": ["plain", "augmented"]},
    )
    assert len(augmentation.effects(few, "targets").data[0].y) == 5
    assert {len(trace.y) for trace in augmentation.cells(few, "targets").data} == {2}
    assert {trace.name for trace in augmentation.training(few).data if trace.name} == {
        "plain pre-training",
        "with the lexicon",
    }
    assert "Against" not in " ".join(answers.more(few))


@pytest.mark.parametrize("fused", [False, True])
def test_every_target_language_stands_at_its_coverage_and_gain(result, fused):
    figure = augmentation.coverage(result, fused)
    *traces, _names = figure.data
    marks = [mark for trace in traces for mark in zip(trace.customdata[:, 0], trace.x, trace.y, strict=True)]
    found = {CODES[name]: (float(x), float(y)) for name, x, y in marks}
    effect = "augmented_fused" if fused else "augmented"
    gains = result.effects[(result.effects["effect"] == effect) & (result.effects["level"] == "language")]
    gains = gains.set_index("group")["value"]
    covered = {code: share for code, share in COVERAGE.items() if share and code != "eng"}
    assert {code: found[code] for code in covered} == {code: (share, gains[code]) for code, share in covered.items()}
    lacking = {code: x for code, x in found.items() if code not in covered}
    assert {code: y for code, (_, y) in lacking.items()} == {code: gains[code] for code in ("arb", "tha")}
    assert {len(trace.x) for trace in traces} == {2}


def test_languages_that_the_lexicon_lacks_stand_apart_by_gain(result):
    covered, trace, _names = augmentation.coverage(result).data
    assert max(trace.x) < min(covered.x)
    assert len(set(trace.x)) == len(trace.x)
    assert list(np.array(trace.y)[np.argsort(trace.x)]) == sorted(trace.y, reverse=True)
    shares = np.array(trace.customdata)[:, 3].astype(float)
    assert not shares.any()  # what a hover says is the coverage, not the place


@pytest.mark.parametrize("start", [0.0, 0.37, 0.6])
@pytest.mark.parametrize("width", [0.03, 0.21, 0.4])
def test_ticks_of_coverage_are_round_and_few(start, width):
    reach = start + width
    ticks = augmentation._round_shares(start, reach)
    assert 3 <= len(ticks) <= 9
    assert start - 1e-9 <= ticks[0] <= start + 0.3 * width
    assert reach - 0.3 * width <= ticks[-1] <= reach + 1e-9
    np.testing.assert_allclose(ticks * 200, np.round(ticks * 200), atol=1e-9)


def test_training_curves_show_the_mean_of_the_seeds(result):
    figure = augmentation.training(result)
    means = {trace.name: list(trace.y) for trace in figure.data if trace.name}
    assert means["plain pre-training"] == pytest.approx([3.8, 3.6, 3.4])
    assert means["with the lexicon"] == pytest.approx([4.0, 3.8, 3.6])
    assert len(figure.data) == 4 * (3 + 1)


def test_levels_are_those_that_there_are(result):
    assert list(answers.levels(result)) == ["targets", "seen", "unseen"]
    alone = replace(result, cells=result.cells[result.cells["level"].isin(["all", "language"])])
    assert list(answers.levels(alone)) == ["all"]


def test_a_label_says_methods_lexicon_and_task(result):
    label = answers.run_label(result.meta)
    assert label == "Code-switching, Sample words, 2 languages held out; Sentiment (bundled)"
    nusax = answers.run_label({**result.meta, "held_out": [], "task": "sentiment:sentiment/nusax"})
    assert nusax == "Code-switching, Sample words; Sentiment (nusax)"


def test_words_beside_the_answer_name_controls_groups_and_correlation(result):
    said = " ".join(answers.more(result))
    assert "Against a random dictionary, the lexicon changes the score by +0." in said
    assert re.search("with DLFA, Holm's p\u00a0=\u00a0(1\\.000|0\\.[0-9]{3}), no clear difference\\.", said)
    assert "With DLFA of layer 2 the lexicon's effect is" in said
    assert "in the 2 target languages that the lexicon has" in said
    assert "Correlation of gain and coverage, last layer alone: over the 4 target languages it is +" in said


def test_controls_are_answered_in_one_sentence(result):
    said = answers.beside_controls(result)
    assert re.fullmatch(
        "With the last layer alone it changes the score by \\+0\\.[0-9]{3} \\[.*\\] against a random dictionary, .*; "
        ".* against neutral words, [^.]*\\.",
        said,
    )
    few = replace(result, meta={**result.meta, "arms": ["plain", "augmented"]})
    assert answers.beside_controls(few).startswith("Nothing controls for it here")


def test_what_was_trained_is_said(result):
    said = answers.computed(result)
    assert "for each of 3 seeds" in said
    assert "Thai and Arabic held out" in said


@pytest.mark.parametrize(
    ("numbers", "verdict"),
    [
        ({"value": 0.05, "p_holm": 0.049}, "Holm's p\u00a0=\u00a00.049, a gain"),
        ({"value": -0.05, "p_holm": 0.0001}, "Holm's p\u00a0<\u00a00.001, a loss"),
        ({"value": 0.05, "p": 0.001, "p_holm": 0.06}, "Holm's p\u00a0=\u00a00.060, no clear difference"),
        ({"value": 0.05, "p_holm": np.nan}, "with the last layer alone, no clear difference"),
    ],
)
def test_a_gain_over_a_control_is_said_only_where_the_corrected_p_allows(result, numbers, verdict):
    effects = result.effects.copy()
    rows = (effects["effect"] == "over_neutral") & (effects["level"] == "targets")
    effects.loc[rows, list(numbers)] = list(numbers.values())
    said = answers.more(replace(result, effects=effects))[1]
    assert said.startswith("Against neutral words")
    assert verdict in said


@pytest.mark.parametrize(
    ("intervals", "said"),
    [
        (
            [(-0.1, 0.6), (-0.7, 0.5)],
            "No interval leaves out 0, so that a better covered language gains more, or less, is",
        ),
        ([(0.1, 0.6), (-0.7, 0.5)], "So over the 19 target languages better covered ones gain more."),
        (
            [(0.1, 0.6), (-0.7, -0.5)],
            "So over the 19 target languages better covered ones gain more and over the 10 target languages in the "
            "lexicon better covered ones gain less.",
        ),
    ],
)
def test_gains_are_said_to_follow_coverage_only_where_the_interval_leaves_out_0(result, intervals, said):
    rows = [
        ("augmented", level, (low + high) / 2, low, high, n)
        for level, n, (low, high) in zip(("targets", "seen"), (19, 10), intervals, strict=True)
    ]
    columns = ["effect", "level", "value", "ci_low", "ci_high", "n_languages"]
    other = replace(result, correlations=pd.DataFrame(rows, columns=columns))
    assert said in answers.more(other)[-1]
    written = augmentation.coverage(other).layout.annotations[0].text.split("<br>")
    assert written[0].startswith("correlation over 19 target languages: ")
    assert written[1].startswith("correlation over 10 target languages in the lexicon: ")
    assert augmentation.coverage(other, fused=True).layout.annotations[0].text == ""


def test_every_language_is_named_beside_its_mark(result):
    *traces, named = augmentation.coverage(result).data
    marks = {(mark[0], x, y) for trace in traces for mark, x, y in zip(trace.customdata, trace.x, trace.y, strict=True)}
    assert set(zip(named.text, named.x, named.y, strict=True)) == marks


def test_marks_on_one_spot_have_their_names_on_different_sides_or_none():
    figure = go.Figure()
    names = ["Thai", "Tamil", "Greek", *["Bambara"] * 9]
    augmentation._name(figure, names, np.zeros(12), np.zeros(12), (-1.0, 1.0), (-1.0, 1.0))
    (named,) = figure.data
    shown = [spot for name, spot in zip(named.text, named.textposition, strict=True) if name]
    assert 3 < len(shown) == len(set(shown)) < 12


def test_guessing_is_marked_where_it_is_known(result):
    (line,) = augmentation.cells(result, "targets").layout.shapes
    assert line.y0 == line.y1 == pytest.approx(1 / len(result.meta["labels"]))
    other = replace(result, meta={**result.meta, "metric": "pos_f1"})
    assert not augmentation.cells(other, "targets").layout.shapes
