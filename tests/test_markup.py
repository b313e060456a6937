"""Words coloured by their numbers: safe with any text, readable without colour, right in every script."""

import math
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlfa_core.languages import UnknownLanguage
from dlfa_core.markup import Mark, Section, document, legend, marked, signed

ATTACKS = [  # after the public lists of OWASP and PortSwigger
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg/onload=alert(1)>",
    "' onmouseover='alert(1)",
    '" autofocus onfocus="alert(1)',
    "javascript:alert(1)",
    "</title><script>alert(1)</script>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "{{constructor.constructor('alert(1)')()}}",
    "<!--<img src='--><img src=x onerror=alert(1)//'>",
    "</style><script>alert(1)</script>",
]
TAGS = {"p", "span", "bdi", "h1", "h2", "table", "tr", "td", "th", "details", "summary"} | {
    *("html", "head", "meta", "title", "style", "body")
}


class Reader(HTMLParser):
    """Tags, attributes and text of a page; text of style and of asides apart."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.names, self.text, self.open = [], set(), [], []
        self.spans = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.names |= {name for name, _ in attributes}
        if tag not in ("meta",):
            self.open.append((tag, dict(attributes)))
        if tag == "span":
            self.spans.append(dict(attributes))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if self.open and self.open[-1][0] not in ("bdi", "style"):
            self.text.append(data)


def words(text, scores=None):
    """A mark for every word between spaces."""
    marks, start = [], 0
    for number, word in enumerate(text.split(" ")):
        marks.append(Mark(start, start + len(word), scores[number] if scores else (-1) ** number * (number + 1.0)))
        start += len(word) + 1
    return marks


@pytest.mark.parametrize("attack", ATTACKS)
def test_whatever_is_typed_is_shown_as_text(attack):
    page = document(
        attack, [Section(attack, (attack,), (tuple(words(attack)),), None, (attack,))], attack, legend(attack)
    )
    read = Reader(page)
    assert set(read.tags) <= TAGS
    assert not any(name.startswith("on") or name in ("src", "href", "srcdoc") for name in read.names)
    assert read.text.count(attack) >= 3  # title, heading, note
    assert attack in "".join(read.text)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=40), st.data())
def test_the_text_is_whole_whatever_is_marked(text, data):
    """What stands between the tags is the text itself, in its order."""
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    marks = [Mark(start, stop, 1.0) for start, stop in zip(cuts[::2], cuts[1::2], strict=False)]
    assert "".join(Reader(marked(text, marks)).text) == text


def test_numbers_are_colour_line_hover_and_text():
    found = Reader(marked("good bad so", words("good bad so", [2.0, -1.0, 0.1]))).spans
    assert [span["class"] for span in found] == ["word for", "word against", "word"]
    assert [span["title"] for span in found] == ["+2.000", "−1.000", "+0.100"]
    assert "rgba(213, 94, 0, 0.600)" in found[0]["style"]
    assert "rgba(0, 114, 178, 0.300)" in found[1]["style"]
    page = marked("good", words("good", [2.0]))
    assert '<bdi class="aside"> (+2.000)</bdi>' in page


def test_a_common_scale_makes_texts_comparable():
    alone, beside = (marked("good", words("good", [1.0]), largest=largest) for largest in (None, 4.0))
    assert "0.600" in alone
    assert "0.150" in beside


def test_a_word_that_was_not_read_has_no_number():
    found = marked("good late", words("good late", [1.0, math.nan]))
    assert '<span class="word unread" title="not read">late</span>' in found
    assert signed(math.nan) == "not read"


def test_nothing_is_coloured_where_all_is_zero():
    assert "0.000)" in marked("good", words("good", [0.0]))


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("arb", 'lang="ar" dir="rtl"'),
        ("Hebrew", 'lang="he" dir="rtl"'),
        ("th", 'lang="th" dir="ltr"'),
        (None, 'dir="auto"'),
    ],
)
def test_language_and_direction_are_set(language, expected):
    assert f'<p class="marked" {expected}>' in marked("x", [], language)


def test_what_cannot_be_marked_is_refused():
    with pytest.raises(ValueError, match=r"The mark 1 to 3 overlaps the one before"):
        marked("word", [Mark(0, 2, 1.0), Mark(1, 3, 1.0)])
    with pytest.raises(ValueError, match="leaves the text of 4 characters"):
        marked("word", [Mark(0, 5, 1.0)])
    with pytest.raises(UnknownLanguage, match="not a language"):
        marked("word", [], "klingonish")


def test_a_document_forbids_scripts_and_needs_no_network():
    page = document("Title", [Section("1", ("so good",), (tuple(words("so good")),), "eng", ("a note",))])
    assert "default-src 'none'; style-src 'unsafe-inline'" in page
    assert "http://" not in page
    assert "https://" not in page
    assert '<td class="number">+1.000</td>' in page


def test_the_legend_names_both_sides():
    assert "speaks for &lt;b&gt;" in legend("<b>")
    assert "speaks against it" in legend("good")
    assert "speaks for bad" in legend("good", "bad")


def test_words_that_touch_are_drawn_without_a_gap():
    """As scripts without spaces are cut; where a space is written, the words stay apart."""
    text = "ดีมาก จริง"
    drawn = marked(text, [Mark(0, 2, 1.0), Mark(2, 5, math.nan), Mark(6, 10, -1.0)], "tha")
    classes = [set(span["class"].split()) & {"after", "before"} for span in Reader(drawn).spans]
    assert classes == [{"before"}, {"after"}, set()]
