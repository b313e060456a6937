"""Text that folds away, and the way to the parts of a page."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.conftest import html
from ui.glossary import unbroken


def said(script) -> AppTest:
    app = AppTest.from_function(script).run()
    assert not app.exception
    return app


def test_folded_text_stands_under_its_title_and_is_escaped():
    def script():
        from ui.text import computed, reading

        reading("Each point is a mean.", "", terms=[("<b>", "a bold tag")])
        computed("By hand.")

    first, second = (element.body for element in said(script).get("html"))
    assert first.startswith('<details class="folded"><summary>How to read this</summary>')
    assert first.count("<p") == 1
    assert "<dt>&lt;b&gt;</dt><dd>a bold tag</dd>" in first
    assert "<summary>How it was computed</summary>" in second


def test_nothing_to_read_leaves_nothing_to_fold():
    def script():
        from ui.text import computed, reading

        reading("", terms=iter(()))
        computed()

    assert not html(said(script))


def test_the_outline_leads_to_every_section():
    def script():
        from ui.text import outline, section

        titles = ("Which languages gain?", "How sure, really?")
        outline(*titles)
        for title in titles:
            section(title)

    app = said(script)
    led_to = re.findall(r'href="#([^"]+)"', html(app))
    assert led_to == [header.proto.anchor for header in app.header] == ["which-languages-gain", "how-sure-really"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [("in 58 % of n = 252", "in 58\xa0% of n\xa0=\xa0252"), ("n = x, 5 per cent", "n = x, 5 per cent")],
)
def test_numbers_stay_on_the_line_of_their_units(text, kept):
    assert unbroken(text) == kept
