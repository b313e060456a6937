"""Colours must serve on both grounds, and for readers who see few of them."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlfa_core.figures.theme import (
    DIVERGING,
    NEUTRAL,
    NUMBERED,
    PALETTE,
    SEQUENTIAL,
    SIGNED,
    STYLES,
    faded,
    family_colours,
    style_of,
)
from dlfa_core.languages import FAMILIES
from dlfa_core.measures.registry import MEASURES

CONFIG = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
STYLE = (Path(__file__).parents[2] / "ui" / "style.css").read_text(encoding="utf-8")
GROUNDS = {mode: CONFIG["theme"][mode]["backgroundColor"] for mode in ("light", "dark")}


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", GROUNDS)
@pytest.mark.parametrize("measure", STYLES)
def test_every_line_stands_out_on_both_grounds(measure, mode):
    assert contrast(STYLES[measure].colour, GROUNDS[mode]) >= 3


@pytest.mark.parametrize("mode", GROUNDS)
def test_text_is_easy_to_read_on_both_grounds(mode):
    theme = CONFIG["theme"][mode]
    assert contrast(theme["textColor"], theme["backgroundColor"]) >= 7
    assert contrast(theme["linkColor"], theme["backgroundColor"]) >= 4.5


@pytest.mark.parametrize("scale", [SEQUENTIAL, *(CONFIG["theme"][mode]["chartSequentialColors"] for mode in GROUNDS)])
def test_heat_colours_read_in_grey(scale):
    steps = [luminance(colour) for colour in scale]
    assert len(scale) == 10
    assert steps in (sorted(steps), sorted(steps, reverse=True))


def test_the_page_and_the_offline_figure_share_their_colours():
    light = CONFIG["theme"]["light"]
    assert list(PALETTE) == light["chartCategoricalColors"]
    assert list(SEQUENTIAL) == light["chartSequentialColors"]
    assert list(DIVERGING) == light["chartDivergingColors"]


@pytest.mark.parametrize("mode", GROUNDS)
def test_every_curve_of_a_page_stands_out_on_its_ground(mode):
    own = CONFIG["theme"][mode]["chartCategoricalColors"]
    assert len(set(own)) == len(own) == len(PALETTE)
    assert min(contrast(colour, GROUNDS[mode]) for colour in own) >= 3


def test_curves_stand_out_more_on_a_dark_page_than_those_for_paper():
    own, ground = CONFIG["theme"]["dark"]["chartCategoricalColors"], GROUNDS["dark"]
    assert min(contrast(colour, ground) for colour in own) >= 4.5
    assert min(contrast(colour, ground) for colour in PALETTE) < 4.5


def between(start: str, end: str, steps: int = 8) -> list[str]:
    """Colours on the way from one stop of a scale to the next, as a browser mixes them."""
    ends = [[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in (start, end)]
    return [
        "#" + "".join(f"{round(a + (b - a) * step / steps):02x}" for a, b in zip(*ends, strict=True))
        for step in range(steps + 1)
    ]


@pytest.mark.parametrize("mode", GROUNDS)
@pytest.mark.parametrize(
    ("scale", "steps", "least"), [("chartSequentialColors", NUMBERED, 4.5), ("chartDivergingColors", SIGNED, 3)]
)
def test_what_is_written_on_heat_reads_in_the_ink_of_the_page(mode, scale, steps, least):
    theme = CONFIG["theme"][mode]
    stops = theme[scale][steps]
    cells = [cell for pair in pairwise(stops) for cell in between(*pair)]
    assert min(contrast(theme["textColor"], cell) for cell in cells) >= least


@pytest.mark.parametrize("mode", GROUNDS)
def test_what_is_written_on_the_primary_colour_reads(mode):
    """On chips and primary buttons, where Streamlit writes in white on either theme."""
    found = re.search(r"color: light-dark\((#\w{6}), (#\w{6})\)", STYLE)
    ink = dict(zip(("light", "dark"), found.groups(), strict=True))[mode]
    assert contrast(ink, CONFIG["theme"][mode]["primaryColor"]) >= 4.5


def test_every_measure_has_a_look_of_its_own():
    styles = {name: style_of(name) for name in MEASURES}
    assert len(set(styles.values())) == len(MEASURES)


def test_measures_of_one_colour_differ_in_dash_and_symbol():
    assert len({(style.colour, style.dash) for style in STYLES.values()}) == len(STYLES)
    assert len({style.symbol for style in STYLES.values()}) == len(STYLES)


def test_top_k_looks_like_its_measure_with_another_dash():
    top, plain = style_of("retrieval_csls@5"), style_of("retrieval_csls")
    assert (top.colour, top.symbol) == (plain.colour, plain.symbol)
    assert top.dash != plain.dash


@given(st.sets(st.sampled_from(list(FAMILIES))))
def test_no_two_families_share_a_colour_but_grey(names):
    given_to = family_colours(names)
    assert set(given_to) == names
    coloured = {name: colour for name, colour in given_to.items() if colour != NEUTRAL}
    assert len(set(coloured.values())) == len(coloured) <= 8
    assert all(colour == FAMILIES[name].colour for name, colour in coloured.items())
    assert {FAMILIES[name].colour for name in names} == set(coloured.values())  # grey only where there is no choice


def test_a_measure_without_style_says_where_to_add_one():
    with pytest.raises(KeyError, match=r"no style for the measure 'new'.*theme\.py"):
        style_of("new")


def test_faded_keeps_the_colour():
    assert faded("#0a10ff", 0.5) == "rgba(10, 16, 255, 0.5)"
