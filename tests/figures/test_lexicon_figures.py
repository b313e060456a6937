"""Pictures of lexicon words show what the frames hold, and can be read without colour."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from dlfa_core import languages as lang
from dlfa_core import markup
from dlfa_core.figures import lexicon as drawn
from dlfa_core.figures.lexicon import faithful, layers
from dlfa_core.figures.lexicon.languages import LOOKS, NAMES
from dlfa_core.figures.sentences.systems import rows_of
from dlfa_core.figures.theme import DIVERGING
from tests.explained import small_lexicon
from tests.figures.lexicon_by_hand import DLFA_6, LANGUAGES, LAST, by_hand, only
from tests.figures.test_theme import GROUNDS, contrast, luminance

ROWS = ["all", *lang.family_order(LANGUAGES)]
# What is left of linear red, green and blue for readers without one kind of cone: Viénot, Brettel and Mollon (1999).
BLIND = {
    "protanopia": np.array([[0.1124, 0.8876, 0], [0.1124, 0.8876, 0], [0.0040, -0.0040, 1]]),
    "deuteranopia": np.array([[0.2928, 0.7072, 0], [0.2928, 0.7072, 0], [-0.0223, 0.0223, 1]]),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def lab(colour: str, sight: np.ndarray) -> np.ndarray:
    """CIELAB of a colour, after what a reader sees of it."""
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    seen = TO_XYZ @ np.clip(sight @ linear, 0, 1) / TO_XYZ.sum(1)
    x, y, z = np.where(seen > 0.008856, np.cbrt(seen), 7.787 * seen + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def trace(figure, name):
    return next(each for each in figure.data if each.name == name)


def scores(result, system, **wanted):
    rows = rows_of(result, result.scores, system)
    for column, value in wanted.items():
        rows = rows[rows[column] == value]
    return rows


@pytest.mark.parametrize("quantity", drawn.QUANTITIES)
@pytest.mark.parametrize("result", [by_hand(), small_lexicon()], ids=["by hand", "computed"])
def test_each_language_has_its_mean_and_interval(result, quantity):
    figure = drawn.by_language(result, DLFA_6, quantity)
    codes = ["all", *lang.family_order(result.meta["languages"])]
    means = [each.name for each in figure.data if each.legendgroup != "random"]
    assert means == [NAMES[kind] for kind in drawn.QUANTITIES[quantity].polarities]
    for polarity in drawn.QUANTITIES[quantity].polarities:
        mark = trace(figure, NAMES[polarity])
        rows = scores(result, DLFA_6, measure=quantity, polarity=polarity).set_index("language")
        rows = rows.reindex([code for code in codes if code in rows.index]).dropna(subset="value")
        positions = [codes.index(code) for code in rows.index]
        np.testing.assert_allclose(mark.x, rows["value"])
        np.testing.assert_array_equal(np.round(np.array(mark.y)), positions)
        np.testing.assert_allclose(np.add(mark.x, mark.error_x.array), rows["ci_high"].fillna(rows["value"]))
        np.testing.assert_allclose(np.subtract(mark.x, mark.error_x.arrayminus), rows["ci_low"].fillna(rows["value"]))


def test_rows_name_all_languages_and_then_relatives():
    axis = drawn.by_language(by_hand(), DLFA_6, "order").layout.yaxis
    assert list(axis.ticktext) == ["<b>All languages</b>", *(lang.find(code).name for code in ROWS[1:])]
    assert axis.range[0] > axis.range[1]  # all languages on top


def test_hovering_tells_the_interval_only_where_there_is_one():
    mark = trace(drawn.by_language(by_hand(), DLFA_6, "attribution"), "positive words")
    said = {row[0]: list(row[1:]) for row in mark.customdata}
    assert said["English"] == [" [0.600, 0.800]", "15", "10"]
    assert said["Arabic"] == ["", "15", "3"]
    assert "Hindi" not in said
    negative = trace(drawn.by_language(by_hand(), DLFA_6, "attribution"), "negative words")
    assert negative.customdata[0][1] == " [−0.500, −0.300]"


def test_a_quantity_that_nobody_measured_is_an_empty_picture():
    """Not an error: a link may ask for it."""
    result = by_hand()
    figure = drawn.by_language(by_hand(scores=result.scores[result.scores["measure"] != "order"]), DLFA_6, "order")
    assert [len(each.x) for each in figure.data] == [0]


@pytest.mark.parametrize(("quantity", "nothing"), [("attribution", 0.0), ("order", 0.5), ("agreement", 0.5)])
def test_what_says_nothing_is_a_line(quantity, nothing):
    lines = [shape for shape in drawn.by_language(by_hand(), DLFA_6, quantity).layout.shapes if shape.x0 == shape.x1]
    assert [line.x0 for line in lines] == [nothing]
    lines = drawn.by_layer(small_lexicon(), "all", quantity).layout.shapes
    assert [line.y0 for line in lines] == [nothing]


def test_one_language_is_drawn_alone():
    figure = drawn.by_language(only("arb"), DLFA_6, "order")
    assert list(figure.layout.yaxis.ticktext) == ["<b>All languages</b>", "Arabic"]
    assert list(trace(figure, NAMES["both"]).x) == [0.8, 0.7]


@pytest.mark.parametrize("draw", [drawn.by_language, drawn.by_layer])
def test_an_unknown_quantity_is_named_with_those_that_there_are(draw):
    with pytest.raises(ValueError, match="Lexicon words have no 'weight': choose from attribution, order, agreement"):
        draw(by_hand(), "all" if draw is drawn.by_layer else DLFA_6, "weight")


def test_layers_have_a_curve_for_each_fusion():
    figure = drawn.by_layer(by_hand(), "all", "order")
    dlfa = trace(figure, "DLFA")
    assert list(dlfa.x) == [3, 6]
    np.testing.assert_allclose(dlfa.y, [0.7, 0.8])
    assert list(dlfa.customdata) == [" [0.600, 0.800]", " [0.700, 0.900]"]
    last = trace(figure, "Last layer alone")
    assert last.mode == "lines"
    np.testing.assert_allclose(last.y, [0.6, 0.6])
    assert min(last.x) < 3 < 6 < max(last.x)
    assert list(trace(figure, "Average").x) == [6]


def test_bands_hold_their_lines_and_lie_below_them():
    figure = drawn.by_layer(by_hand(), "eng", "attribution")
    fills = [each.fill == "toself" for each in figure.data]
    assert fills == sorted(fills, reverse=True)
    band = next(each for each in figure.data if each.fill and each.legendgroup == "DLFA, positive words")
    np.testing.assert_allclose(band.y, [0.7, 0.8, 0.6, 0.5])


def test_curves_without_intervals_have_no_band_and_say_none():
    figure = drawn.by_layer(by_hand(), "arb", "order")
    assert not any(each.fill == "toself" for each in figure.data)
    assert set(trace(figure, "DLFA").customdata) == {""}


def test_a_language_without_words_has_no_curve():
    assert not drawn.by_layer(by_hand(), "hin", "order").data


def test_polarities_differ_in_dash_and_symbol():
    figure = drawn.by_layer(by_hand(), "all", "attribution")
    one, other = (trace(figure, f"DLFA, {kind} words") for kind in ("positive", "negative"))
    assert (one.line.dash, one.marker.symbol) != (other.line.dash, other.marker.symbol)


def test_without_a_fused_layer_there_is_no_curve():
    result = by_hand()
    alone = by_hand(scores=rows_of(result, result.scores, LAST))
    with pytest.raises(ValueError, match="No classifier of this result fuses a lower layer, so there is no curve"):
        drawn.by_layer(alone, "all", "order")


def test_pairs_are_the_same_both_ways_and_blank_where_nothing_is_known():
    """Arabic and Hindi have pairs of words, but scores that do not vary; a language is not held against itself."""
    heat = drawn.pairs(by_hand(), DLFA_6).data[0]
    values = pd.DataFrame(heat.z, index=ROWS[1:], columns=ROWS[1:])
    assert values.loc["eng", "arb"] == values.loc["arb", "eng"] == 0.6
    assert values.loc["eng", "hin"] == values.loc["hin", "eng"] == -0.25
    assert np.isnan([values.loc["arb", "hin"], values.loc["hin", "arb"], *np.diag(values)]).all()
    said = pd.DataFrame(heat.customdata, index=ROWS[1:], columns=ROWS[1:])
    assert (
        said.loc["arb", "eng"] == "<b>English and Arabic</b><br>0.60 [0.40, 0.80]<br>40 pairs of words in 12 sentences"
    )
    assert said.loc["eng", "hin"] == "<b>English and Hindi</b><br>−0.25<br>4 pairs of words in 2 sentences"
    assert said.loc["arb", "hin"] == ""
    assert not heat.hoverongaps


def test_pairs_name_their_rows_and_columns_relatives_together():
    figure = drawn.pairs(by_hand(), DLFA_6)
    names = [lang.find(code).name for code in ROWS[1:]]
    assert list(figure.layout.xaxis.ticktext) == list(figure.layout.yaxis.ticktext) == names


def test_colours_of_pairs_are_symmetric_around_zero():
    heat = drawn.pairs(by_hand(), DLFA_6).data[0]
    assert (heat.zmin, heat.zmax, heat.meta) == (-1, 1, "diverging")
    positions, colours = zip(*heat.colorscale, strict=True)
    np.testing.assert_allclose(positions, 1 - np.array(positions)[::-1])
    assert colours == DIVERGING
    lights = [lab(colour, np.eye(3))[0] for colour in colours]
    np.testing.assert_allclose(lights, lights[::-1], atol=8)  # neither sign is the louder one
    assert lights[: len(lights) // 2] == sorted(lights[: len(lights) // 2])


def test_without_pairs_of_words_there_is_no_heatmap():
    with pytest.raises(ValueError, match="No word stands beside a translation: compare at least two languages"):
        drawn.pairs(only("eng"), DLFA_6)


def test_erased_words_stand_beside_random_ones():
    figure = drawn.erased(by_hand(), LAST)
    assert len(figure.data) == 4
    for name, sign in (("highest scores erased", 1), ("all but the highest erased", -1)):
        own, random = trace(figure, name), trace(figure, f"{name}, at random")
        assert list(own.x) == list(random.x) == [0.1, 0.2, 0.5]
        np.testing.assert_allclose(own.y, np.multiply(sign, [0.1, 0.2, 0.5]))
        np.testing.assert_allclose(own.error_y.array, 0.03)
        np.testing.assert_allclose(own.error_y.arrayminus, 0.02)
        np.testing.assert_allclose(random.y, 0.05)
        assert own.line.dash != random.line.dash
    gain, interval, n = trace(figure, "highest scores erased").customdata[1]
    assert (gain, interval, n) == (pytest.approx(0.15), " [+0.130, +0.150]", 30)
    assert list(figure.layout.xaxis.ticktext) == ["10 %", "20 %", "50 %"]


def test_erased_words_of_few_texts_have_no_interval():
    own = trace(drawn.erased(by_hand(), LAST, "eng"), "highest scores erased")
    assert set(own.error_y.array) == set(own.error_y.arrayminus) == {0}
    assert {row[1] for row in own.customdata} == {""}


@pytest.mark.parametrize("frame", [by_hand().faithfulness.iloc[:0], pd.DataFrame()], ids=["columns", "nothing"])
def test_faithfulness_that_was_not_measured_is_asked_for(frame):
    with pytest.raises(ValueError, match="Faithfulness was not measured for 'all': ask for draws of random rankings"):
        drawn.erased(by_hand(faithfulness=frame), LAST)


def test_faithfulness_of_another_language_is_asked_for():
    with pytest.raises(ValueError, match="not measured for 'hin'"):
        drawn.erased(by_hand(), LAST, "hin")


def hexadecimal(colour: tuple[int, int, int]) -> str:
    return "#" + "".join(f"{channel:02x}" for channel in colour)


TOLD_APART = {
    "words of two signs": (LOOKS["positive"].colour, LOOKS["negative"].colour),
    "coloured words": (hexadecimal(markup.FOR), hexadecimal(markup.AGAINST)),
    "erased or kept": tuple(colour for _, colour, _ in faithful.MEASURES.values()),
    "ends of the scale": (DIVERGING[0], DIVERGING[-1]),
    "halves of the scale": (DIVERGING[2], DIVERGING[-3]),
}


@pytest.mark.parametrize("sight", BLIND)
@pytest.mark.parametrize("what", TOLD_APART)
def test_two_signs_are_told_apart_without_red_or_green_cones(what, sight):
    one, other = (lab(colour, BLIND[sight]) for colour in TOLD_APART[what])
    assert np.linalg.norm(one - other) > 30  # 2 is just noticed side by side


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("colour", sorted({*(look.colour for look in LOOKS.values()), *TOLD_APART["erased or kept"]}))
def test_marks_stand_out_on_both_grounds(colour, ground):
    assert contrast(colour, GROUNDS[ground]) >= 3


@pytest.mark.parametrize(
    "symbols",
    [
        [look.symbol for look in LOOKS.values()],
        list(layers.SYMBOLS.values()),
        [symbol for *_, symbol in faithful.MEASURES.values()],
    ],
)
def test_form_tells_what_colour_tells(symbols):
    assert all(one != other for one, other in combinations(symbols, 2))


def test_the_scale_is_as_dark_at_both_ends():
    assert luminance(DIVERGING[0]) == pytest.approx(luminance(DIVERGING[-1]), abs=0.03)


def test_random_words_are_grey_bars_behind_the_means():
    whole = by_hand()
    scores = whole.scores.assign(null=0.5, null_low=0.45, null_high=0.56)
    assert not [each for each in drawn.by_language(whole, DLFA_6, "order").data if each.legendgroup == "random"]
    figure = drawn.by_language(by_hand(scores=scores), DLFA_6, "order")
    (bars,) = (each for each in figure.data if each.legendgroup == "random")
    assert set(bars.x) == {0.45, 0.56, None}
    assert set(bars.customdata) == {"0.500 [0.450, 0.560]"}
    assert figure.data[0] is bars  # behind
