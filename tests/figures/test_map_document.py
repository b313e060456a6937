"""The map that is taken home: one file, no network, and text that stays text."""

import re
from types import SimpleNamespace

import pytest

from dlfa_core import figures


@pytest.fixture
def page(projection):
    curves = figures.trust_curves(projection, "languages")
    return figures.map_document(
        "Where?", "At layer 8.", projection, "How to read.", [("", curves, "")], {"Model": "demo"}
    ).html()


def test_nothing_is_loaded_from_elsewhere(page):
    assert not re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=", page)
    assert not re.findall(r"@import|url\(\s*['\"]?https?:", page.partition("Plotly")[0])


def test_map_trees_and_curves_are_there(page):
    for text in (
        '<div id="map">',
        '<div id="trees">',
        "new PointMap(",
        "new FamilyTree(",
        "Plotly.newPlot(",
        "How to read.",
    ):
        assert text in page


def test_a_sentence_cannot_end_the_script_that_carries_it(page):
    """The sentences of the result hold `<script>`; they travel in base64."""
    assert "<script>alert" not in page
    assert page.count("<script") == page.count("</script>")


def test_without_a_tree_there_is_none(projection):
    few = SimpleNamespace(**{**vars(projection), "meta": {**projection.meta, "languages": ["eng", "deu"]}})
    assert 'id="trees"' not in figures.map_document("Where?", "", few, "", [], {}).html()
