"""The Lexicon page as a visitor meets it, in Chromium, with the network off; typed scripts stay text."""

import os
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from dlfa_core import markup
from dlfa_core.experiments import attribute, lexicon
from dlfa_core.experiments.attribute import marks_of
from dlfa_core.runtime import store
from tests.browser.conftest import WORK
from tests.explained import explained

MARKED = "p.marked"
ATTACKS = (  # from public cheat sheets (OWASP, PortSwigger); each would set the flag
    "<script>window.hacked=1;alert(1)</script>",
    "<img src=x onerror=window.hacked=1>",
    "<svg onload=window.hacked=1>",
    "<svg><script>window.hacked=1</script></svg>",
    '"><script>window.hacked=1</script>',
    "'\"><img src=x onerror=window.hacked=1>",
    "<body onload=window.hacked=1>",
    "<iframe srcdoc='<script>parent.hacked=1</script>'></iframe>",
    "<a href='javascript:window.hacked=1'>click</a>",
    "<details open ontoggle=window.hacked=1>",
    "<input autofocus onfocus=window.hacked=1>",
    "</p></span><script>window.hacked=1</script>",
    "<math><mtext><table><mglyph><style><img src=x onerror=window.hacked=1>",
    "[click](javascript:window.hacked=1) ![x](x' onerror='window.hacked=1)",
    "{{constructor.constructor('window.hacked=1')()}} ${window.hacked=1}",
    "</style><script>window.hacked=1</script>",
    "&lt;script&gt;window.hacked=1&lt;/script&gt;",
)
LEFT, RIGHT = " ".join(ATTACKS[::2]), " ".join(ATTACKS[1::2])  # two texts stand beside each other on the page
WATCH = "window.hacked = 0"
FAIL = """() => {
    const image = new Image();
    image.onerror = () => requestAnimationFrame(() => setTimeout(() => { image.dataset.failed = "true"; }));
    image.src = "data:image/png,no picture";
    document.body.append(image);
}"""  # an image fails after all that were put on the page before it, and what they start has run
SHOWS = """([place, text]) => {
    const copy = document.querySelectorAll("p.marked")[place]?.cloneNode(true);
    copy?.querySelectorAll(".aside").forEach(a => a.remove());
    return copy?.textContent === text;
}"""  # whether a coloured line is this text, without the numbers for screen readers


@pytest.fixture(autouse=True)
def needs_results(request):
    """What asks the app needs the bundled result; what looks at a file does not."""
    if "app" not in request.fixturenames or store.Store(store.BUNDLED).listing(lexicon):
        return
    message = "the bundled lexicon result is missing: build it with `make assets`."
    if os.environ.get("DLFA_BROWSER_TESTS") == "required":
        pytest.fail(message)
    pytest.skip(message)


def open_lexicon(page: Page, app: str, **query) -> None:
    page.goto(f"{app}/Lexicon?{urlencode(query, doseq=True)}")
    page.wait_for_selector(MARKED)


def watched(page: Page) -> list[str]:
    """Messages of dialogs that a script opened; they stay open for nobody."""
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.add_init_script(WATCH)
    return dialogs


def nothing_ran(page: Page, dialogs: list[str]) -> None:
    page.bring_to_front()  # a page behind another draws no frames
    page.evaluate(FAIL)
    page.wait_for_selector("img[data-failed]", state="attached")
    assert not dialogs
    assert page.evaluate("window.hacked") in (0, None)


def visible(page: Page, index: int) -> str:
    """The text of a coloured line without the numbers for screen readers."""
    return (
        page.locator(MARKED)
        .nth(index)
        .evaluate(
            "each => { const copy = each.cloneNode(true); copy.querySelectorAll('.aside').forEach(a => a.remove()); "
            "return copy.textContent }"
        )
    )


def test_a_first_visit_finds_coloured_words(page, app):
    open_lexicon(page, app)
    expect(page.locator("p.answer")).to_contain_text("n = ")
    expect(page.locator(f"{MARKED} .word").first).to_be_visible()


@pytest.mark.parametrize(
    ("language", "tag", "direction"),
    [("Arabic", "ar", "rtl"), ("Hebrew", "he", "rtl"), ("Hindi", "hi", "ltr"), ("Thai", "th", "ltr")],
)
def test_a_language_keeps_its_direction(page, app, language, tag, direction):
    open_lexicon(page, app, lexicon_right=language)
    line = page.locator(f"{MARKED}[lang={tag}]")
    expect(line).to_have_css("direction", direction)
    lefts = [word.bounding_box()["x"] for word in line.locator(".word").all()[:2]]
    assert lefts == sorted(lefts, reverse=direction == "rtl")


def test_typed_scripts_are_text(page, app):
    """Explained in one step each: what they score plays no part here."""
    dialogs = watched(page)
    open_lexicon(page, app, method=attribute.models.METHODS["input_x_gradient"].label)
    lines = page.locator(MARKED).count()
    page.get_by_role("textbox", name="Text", exact=True).fill(LEFT)
    page.get_by_role("textbox", name="Beside it").fill(RIGHT)
    page.get_by_role("button", name="Explain", exact=True).click()
    for index, text in enumerate((LEFT, RIGHT), start=lines):
        page.wait_for_function(SHOWS, arg=[index, " ".join(text.split())], timeout=WORK)
    nothing_ran(page, dialogs)


def test_links_with_scripts_open_as_text(page, app):
    """Each as a text and as the name of a model, and as a sentence and a language that there are not."""
    dialogs = watched(page)
    link = {"text_left": LEFT, "text_right": RIGHT, "scores_left": RIGHT, "scores_right": LEFT}
    open_lexicon(page, app, **link, shown=LEFT, lexicon_left=RIGHT)
    expect(page.get_by_role("textbox", name="Text", exact=True)).to_have_value(LEFT)
    expect(page.get_by_role("textbox", name="Beside it")).to_have_value(RIGHT)
    for index, name in enumerate((RIGHT, LEFT)):
        expect(page.locator(".gated-language").nth(index)).to_contain_text(" ".join(name.split()))
    nothing_ran(page, dialogs)


def test_scripts_in_the_page_taken_home_are_text(new_page, tmp_path):
    """No app is needed: the file is what it is."""
    result = explained([(str(index), "eng", attack) for index, attack in enumerate(ATTACKS, start=1)])
    kept = result.to_html(tmp_path / "explained.html", title=ATTACKS[0])
    page = new_page(offline=True)
    dialogs = watched(page)
    page.goto(Path(kept).as_uri())
    nothing_ran(page, dialogs)
    assert [visible(page, index) for index in range(len(ATTACKS))] == list(ATTACKS)
    assert page.locator("h1").inner_text() == ATTACKS[0]


@pytest.mark.parametrize("scored", [True, False], ids=["scored", "not scored"])
def test_a_coloured_line_alone_runs_nothing_either(new_page, scored):
    """Without the policy of a whole document, so that escaping is all that protects; a text without scores is whole."""
    result = explained([(str(index), "eng", attack) for index, attack in enumerate(ATTACKS, start=1)])
    lines = "".join(
        markup.marked(attack, marks_of(result.words[result.words["id"] == str(index)]) if scored else (), "eng")
        for index, attack in enumerate(ATTACKS, start=1)
    )
    page = new_page()
    dialogs = watched(page)
    page.set_content(lines)
    nothing_ran(page, dialogs)
    assert [visible(page, index) for index in range(len(ATTACKS))] == list(ATTACKS)


def test_a_sentence_is_edited_and_the_change_is_told(page, app):
    open_lexicon(page, app)
    lines = page.locator(MARKED).count()
    page.get_by_role("textbox", name="Text", exact=True).fill("The food was good")
    page.get_by_role("textbox", name="Beside it").fill("The food was awful")
    page.get_by_role("button", name="Explain", exact=True).click()
    expect(page.locator(MARKED)).to_have_count(lines + 2, timeout=WORK)
    expect(page.get_by_text("From left to right")).to_be_visible()


def test_a_word_that_disagrees_opens_its_sentence(page, app):
    open_lexicon(page, app)
    link = page.locator(".links a").first
    begins = link.inner_text().removesuffix("…")
    link.click()
    page.wait_for_url("**shown=**")
    expect(page.locator(MARKED).first).to_be_visible()
    page.wait_for_function(  # the text without the numbers for screen readers
        "begins => { const copy = document.querySelector('p.marked')?.cloneNode(true); "
        "copy?.querySelectorAll('.aside').forEach(a => a.remove()); return copy?.textContent.startsWith(begins); }",
        arg=begins,
    )


def test_the_page_taken_home_works_offline(page, app, new_page, tmp_path):
    open_lexicon(page, app)
    with page.expect_download() as download:
        page.get_by_role("button", name="Page as HTML").click()
    kept = tmp_path / "lexicon.html"
    download.value.save_as(kept)
    alone = new_page(offline=True)
    alone.goto(kept.as_uri())
    alone.wait_for_selector(".js-plotly-plot .main-svg")
    expect(alone.locator("p.answer")).to_have_text(page.locator("p.answer").inner_text())
    expect(alone.locator(MARKED)).to_have_count(2)


def test_a_phone_need_not_scroll_sideways(new_page, app):
    page = new_page(viewport={"width": 390, "height": 844})
    open_lexicon(page, app, lexicon_left="Thai", lexicon_right="Arabic")
    page.get_by_role("heading", name="Language by language").scroll_into_view_if_needed()
    page.wait_for_selector(".st-key-lexicon_languages .js-plotly-plot .main-svg")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
