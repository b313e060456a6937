"""Text that would be HTML stays text, wherever a template puts it: the page has the elements that it has with any text.

Pages are parsed as browsers do it, by the rules of HTML5.
"""

from types import SimpleNamespace

import plotly.graph_objects as go
import pytest
from selectolax.lexbor import LexborHTMLParser

from dlfa_core import figures, glossary, lessons, report
from dlfa_core.experiments import gates
from dlfa_core.lessons import Lesson, Step, View
from dlfa_core.markup import Mark, Section, document, legend, marked
from dlfa_core.report import sections
from dlfa_core.runtime import runfile
from tests.attacks import ATTACKS, RUN
from tests.looked import small_gates
from ui.html import html

PLAIN = "plain words"
TOGETHER = tuple(" ".join(ATTACKS[start::3]) for start in range(3))  # for pages that take long to make and to parse
ADDRESSES = ("href", "src", "srcdoc", "action", "formaction", "data", "xlink:href", "style")


def skeleton(page: str) -> list[tuple[str, tuple[str, ...]]]:
    """Every element of a page with the names of its attributes."""
    found = []
    for node in LexborHTMLParser(page).root.traverse(include_text=False):
        if not node.tag.startswith("-"):
            found.append((node.tag, tuple(sorted(node.attributes))))
    return found


def addresses(page: str) -> list[str]:
    """Values of all attributes that lead somewhere or draw something."""
    nodes = LexborHTMLParser(page).root.traverse(include_text=False)
    return [value or "" for node in nodes for name, value in node.attributes.items() if name in ADDRESSES]


def parts(text: str) -> list[SimpleNamespace]:
    """A text as `ui.glossary.explained` cuts it, with a term whose card says the same."""
    return [SimpleNamespace(text=text, card="", id=""), SimpleNamespace(text=text, card=text, id="card-x")]


def term(text: str) -> glossary.Term:
    return glossary.Term(text, text, text, (text,))


def lesson(text: str) -> Lesson:
    unfilled = text.replace("{", "(")  # braces are fields, and one of another name is refused
    step = Step(View("Layers", (("layer", text),)), unfilled, unfilled, unfilled)
    return Lesson("name", text, text, 9, (text, text), (step, step))


ROW = {"lemma": 0, "score": 0, "wrong": 0, "polarity": 0, "valence": 0, "count": 0}
FRAGMENTS = {
    "text.eyebrow": lambda text: (text, text),
    "text.answer": lambda text: (parts(text),),
    "text.aside": lambda text: ([parts(text)],),
    "text.picture": lambda text: (text, text),
    "text.terms": lambda text: ([(text, parts(text))],),
    "text.folded": lambda text: (text, [parts(text)], [(text, parts(text))]),
    "text.outline": lambda text: ([(text, "anchor")],),
    "text.sentences": lambda text: ([("eng", text), ("arb", text)],),
    "text.command": lambda text: (text,),
    "text.table": lambda text: ((text, text), [(text, text)]),
    "text.sketch": lambda text: (text, "AAAA"),
    "lesson.progress": lambda text: (text, 1, 2),
    "lesson.step": lambda text: (parts(text), parts(text), text),
    "lesson.reveal": lambda text: (parts(text),),
    "lessons.about": lambda text: (lesson(text), parts(text)),
    "lessons.note": lambda text: ([text],),
    "lessons.glossary": lambda text: ([term(text)],),
    "lexicon.line": lambda text: (text, text, marked(text, [Mark(0, 3, 1.0)], "eng")),
    "lexicon.sure": lambda text: (text, text, f"{text} other", 40.0),
    "lexicon.changes": lambda text: (
        [SimpleNamespace(left=text, right=text, left_score=text, right_score=text, by=text)],
        "eng",
        "heb",
    ),
    "lexicon.disagreeing": lambda text: (
        [SimpleNamespace(**dict.fromkeys(ROW, text), language="deu", links=[(text, "?words=x")])],
    ),
    "gates.words": lambda text: ("arb", [(text, 0.5, 0.5, True)], 0.0, 1.0),
    "augmentation.rewritten": lambda text: ([("eng", text, [(text, None), (text, "deu")])],),
    "map.layers": lambda text: ((text, text), [(3, (text,))], 3),
}


def coloured(text: str) -> str:
    section = Section(text, (text, text), ((Mark(0, 3, 1.0),), (Mark(0, 2, -1.0),)), "eng", (text,))
    return document(text, [section], text, legend(text, text))


def figured(text: str) -> str:
    figure = go.Figure(go.Scatter(x=[text], y=[1], name=text, text=[text], customdata=[[text]]), {"title": text})
    page = figures.document(text, text, [(text, figure, text)], {text: text}, before=marked(text, [])).html()
    return page.replace(figures_script(), "")


def figures_script() -> str:
    """plotly.js, which takes long to parse and is the same in all pages."""
    from plotly.offline import get_plotlyjs

    return get_plotlyjs()


def sheet(text: str) -> str:
    return lessons.sheet(lesson(text), lambda *_: None)


PAGES = {"coloured words": coloured, "figures": figured, "a lesson": sheet}


def test_the_list_is_long_and_nothing_stands_in_it_twice():
    assert len(set(ATTACKS)) == len(ATTACKS) >= 100
    assert all(RUN in attack or "PHNjcmlwdD" in attack for attack in ATTACKS)
    dangerous = sum(skeleton(attack) != skeleton(PLAIN) for attack in ATTACKS)
    assert dangerous > 60  # the parser sees in them what a browser would


@pytest.mark.parametrize("macro", FRAGMENTS)
def test_a_fragment_has_the_elements_that_it_has_with_any_text(macro):
    usual = html(macro, *FRAGMENTS[macro](PLAIN))
    for attack in ATTACKS:
        page = html(macro, *FRAGMENTS[macro](attack))
        assert skeleton(page) == skeleton(usual), attack
        assert addresses(page) == addresses(usual), attack


@pytest.mark.parametrize("made", PAGES.values(), ids=PAGES)
def test_a_page_that_is_taken_home_has_the_elements_that_it_has_with_any_text(made):
    usual = made(PLAIN)
    for attack in TOGETHER if made is figured else ATTACKS:
        page = made(attack)
        assert skeleton(page) == skeleton(usual), attack
        assert not any(RUN in address for address in addresses(page)), attack


def test_the_sentences_and_words_are_on_the_page_letter_by_letter():
    for attack in ATTACKS:
        page = LexborHTMLParser(html("text.sentences", [("eng", attack)]))
        assert page.css_first("dd").text() == attack.replace("\r", "\n"), attack


def test_a_report_of_results_that_somebody_named_has_its_usual_elements(monkeypatch):
    """Settings, run file, command, warnings, figures and tables with all the attacks in them."""

    def page(text: str) -> str:
        spec = gates.Spec(corpus=text, texts=(f"eng:{text}",), models=(text,))
        entry = SimpleNamespace(spec=spec, command=text, key=text, inputs={text: text})
        result = small_gates()
        result.meta["warnings"] = [text]
        figure = go.Figure(go.Bar(x=[text], y=[1], name=text), {"title": text})
        table = result.words.head(3).assign(word=text)
        content = sections.Content(text, text, (text,), (("Heading", figure, text),), {text: table})
        section = sections.Section(
            "gates", text, SimpleNamespace(experiment=gates, entry=entry, result=result), content
        )
        monkeypatch.setattr(runfile, "written", lambda runs: text)
        made = report.Report("demo", (section,), (text,))
        return report.html(made).replace(figures_script(), "")

    usual = skeleton(page(PLAIN))
    for attack in TOGETHER:
        assert skeleton(page(attack)) == usual, attack


def test_a_map_carries_sentences_that_end_no_script(projection):
    def page(text: str) -> str:
        result = SimpleNamespace(**{**vars(projection), "points": projection.points.assign(text=text, topic=text)})
        return figures.map_document(text, text, result, text, [], {text: text}).html()

    usual = skeleton(page(PLAIN))
    for attack in TOGETHER:
        assert skeleton(page(attack)) == usual, attack
