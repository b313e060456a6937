"""Addresses, uploads and pages that are taken home, full of texts that would run a script; none of them does."""

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.attacks import ATTACKS
from tests.browser.test_links import PAGES, settle
from tests.test_attacks import TOGETHER, coloured, figured, sheet

KEYS = (
    *("corpus", "model", "beside", "others", "languages", "measures", "layer", "pooling", "limit", "special"),
    *("lesson", "step", "guess", "task", "texts", "words", "text", "pivot", "target", "lexicon", "colour", "visit"),
)
FLAG = "window.hacked === 0"


@pytest.fixture
def watched(page) -> tuple[Page, list[str]]:
    """A page with a flag that every attack would set, and the dialogs that it opened."""
    page.add_init_script("window.hacked = 0")
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    return page, dialogs


@pytest.mark.slow
@pytest.mark.parametrize("name", ["", *PAGES])
def test_no_script_of_an_address_runs(watched, app, name):
    page, dialogs = watched
    for start in range(0, len(ATTACKS), len(KEYS)):
        query = dict(zip(KEYS, ATTACKS[start:] + ATTACKS[:start], strict=False))
        page.goto(f"{app}/{name}?{urlencode(query)}")
        settle(page)
        assert page.evaluate(FLAG), query
    assert not dialogs


@pytest.mark.slow
def test_no_script_of_an_upload_runs(watched, app):
    page, dialogs = watched
    cells = [" ".join(attack.split()).replace('"', '""') for attack in ATTACKS]
    rows = "".join(f'"{cell} {row}","{cell} {row}"\n' for row, cell in enumerate(cells))
    for title, heads in (("<img src=x onerror=window.hacked=1>.csv", "eng,deu"), ("mine.csv", f'eng,"{cells[16]}"')):
        page.goto(f"{app}/Map")
        settle(page)
        page.get_by_text("Your own sentences").click()
        file = {"name": title, "mimeType": "text/csv", "buffer": f"{heads}\n{rows}".encode()}
        page.locator("input[type=file]").first.set_input_files(file)
        if title == "mine.csv":
            expect(page.get_by_role("alert").first).to_contain_text("has a column or file for '<img src=x")
        else:
            page.wait_for_url(re.compile("corpus=img-src"))
        settle(page)
        assert page.evaluate(FLAG)
    assert not dialogs


@pytest.mark.slow
@pytest.mark.parametrize("made", [coloured, figured, sheet])
def test_no_script_of_a_text_on_a_page_that_is_taken_home_runs(watched, tmp_path, made):
    page, dialogs = watched
    for number, text in enumerate(TOGETHER):
        file = tmp_path / f"{number}.html"
        file.write_text(made(text), encoding="utf-8")
        page.goto(file.as_uri())
        page.wait_for_load_state("load")
        assert page.evaluate(FLAG)
    assert not dialogs
