"""The page that is taken home needs nothing but itself, and shows text as text."""

import re

from dlfa_core.figures import curves, document, heatmap


def page(profile_result, **changes) -> str:
    settings = {
        "title": "Where?",
        "answer": "At layer 6.",
        "figures": [
            ("", curves(profile_result, ["cka"]), "How to read."),
            ("Pairs", heatmap(profile_result, "cka", 6), ""),
        ],
        "facts": {"Command": "python -m dlfa_core profile"},
    }
    return document(**settings | changes).html()


def test_nothing_is_loaded_from_elsewhere(profile_result):
    html = page(profile_result)
    assert not re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=", html)
    assert not re.findall(r"@import|url\(\s*['\"]?https?:", html.partition("<body>")[0])


def test_plotly_comes_along_once_for_all_figures(profile_result):
    html = page(profile_result)
    assert len(re.findall(r"\* plotly\.js v", html)) == 1
    assert html.count("Plotly.newPlot(") >= 2


def test_question_answer_notes_and_facts_are_there(profile_result):
    html = page(profile_result)
    for text in ("<h1>Where?</h1>", "At layer 6.", "How to read.", "<h2>Pairs</h2>", "python -m dlfa_core profile"):
        assert text in html


def test_what_a_visitor_typed_is_shown_not_run(profile_result):
    html = page(profile_result, title="<script>alert(1)</script>", facts={"Model": "<img src=x onerror=alert(2)>"})
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<img src=x" not in html
