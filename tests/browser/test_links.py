"""Every view has a link: it can be copied, it reopens, and going back goes back one page."""

import random
import re
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from tests.browser.serving import ROOT

PAGES = sorted(path.stem.split("_", 1)[1] for path in (ROOT / "pages").glob("[0-9]*.py"))
SEED = 8
ROUNDS = 1  # settings of each page in the usual run; links of every page are opened without a browser, too
BETWEEN_LOOKS = 400  # milliseconds
FOR_A_LIST = FOR_DRAWING = 5_000
ICONS = "[data-testid=stIconMaterial]"
KINDS = {  # of controls, and where they are
    "radio": "[role=radio][aria-checked=false]",
    "slider": "input[type=range]",
    "number": "[data-testid=stNumberInputStepUp]:not([disabled])",
    "switch": "[data-testid=stCheckbox]",
    "select": "[data-testid=stSelectbox]",
    "several": "[data-testid=stMultiSelect]",
}
SPARED = ("beside", "fusions")  # models of the hub, which nothing here can reach, and a list with one entry

# What every control of the page says, by the key of its widget.
CONTROLS = """() => {
  const said = {};
  for (const box of document.querySelectorAll('[data-testid=stMain] [class*="st-key-"]')) {
    const all = (selector) => [...box.querySelectorAll(selector)];
    const chosen = [
      ...all('input:not([type=checkbox], [type=file])').map((input) => input.value),
      ...all('[role=radio][aria-checked=true]').map((radio) => radio.innerText),
      ...all('input[type=checkbox]').map((input) => input.checked),
      ...all('[aria-label="Selected values"] button').map((button) => button.getAttribute('aria-label')),
    ];
    if (chosen.length) said[box.className.match(/st-key-([\\w-]+)/)[1]] = chosen.join(' | ');
  }
  return said;
}"""


def settle(page: Page) -> dict[str, str]:
    """Wait until nothing runs and two looks in turn find the same; returns what the controls say."""
    before = None
    while True:
        expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
        page.evaluate(f"() => new Promise((drawn) => requestIdleCallback(drawn, {{timeout: {FOR_DRAWING}}}))")
        now = page.evaluate(CONTROLS), page.locator("[data-testid=stMain] *").count()
        if now == before:
            return now[0]
        before = now
        page.wait_for_timeout(BETWEEN_LOOKS)


def opened(page: Page, address: str) -> Page:
    page.goto(address, wait_until="networkidle")  # parts of pages are sought when they are first drawn
    expect(page.locator("[data-testid=stMain] h1").first).to_be_visible()  # before, nothing runs either
    settle(page)
    return page


def test_going_back_shows_the_view_that_was_left_in_one_step(page, app):
    opened(page, f"{app}/Layers?layer=3")
    page.get_by_role("slider", name="Layer").press("ArrowRight")
    page.wait_for_url("**layer=4**")
    settle(page)
    page.get_by_role("link", name="Gates", exact=True).click()
    page.wait_for_url("**/Gates")
    settle(page)
    page.go_back()
    page.wait_for_url("**/Layers?layer=4")
    expect(page.get_by_role("slider", name="Layer")).to_have_value("4")
    settle(page)
    page.go_forward()
    page.wait_for_url("**/Gates")
    settle(page)
    page.go_back()
    expect(page.get_by_role("slider", name="Layer")).to_have_value("4")


def test_the_link_of_a_view_is_copied(new_page, app):
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    opened(page, f"{app}/Layers?layer=2")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("status").get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{app}/Layers?layer=2"


def test_names_of_icons_are_not_read_aloud(page, app):
    opened(page, f"{app}/Lexicon")
    assert page.locator(ICONS).count()
    assert page.locator(f"{ICONS}:not([aria-hidden=true])").count() == 0
    expect(page.get_by_role("link", name=re.compile("^Lexicon$"))).to_be_visible()


def test_nothing_is_sought_in_vain(page, app):
    missed = []
    page.on("response", lambda response: missed.append(response.url) if response.status >= 400 else None)
    for name in ("Layers", "Gates"):
        opened(page, f"{app}/{name}")
    assert not missed


def change_one(page: Page, choice: random.Random) -> None:
    """Give one control of the page another value, as a visitor does."""
    spared = ", ".join(f".st-key-{key} *" for key in SPARED)
    there = {kind: page.locator(f"[data-testid=stMain] {where}:not({spared})") for kind, where in KINDS.items()}
    if not (counts := {kind: count for kind, controls in there.items() if (count := controls.count())}):
        return
    kind = choice.choice([*counts])
    control = there[kind].nth(choice.randrange(counts[kind]))
    if kind == "slider":
        control.press(choice.choice(["ArrowRight", "ArrowLeft"]))
    elif kind in ("select", "several"):
        control.get_by_role("combobox").press("ArrowDown")
        options = page.get_by_role("option")
        with suppress(TimeoutError):  # of a list whose only entry is chosen there is nothing to open
            options.first.wait_for(timeout=FOR_A_LIST)
            options.nth(choice.randrange(min(options.count(), 5))).click()
        page.keyboard.press("Escape")
    else:
        control.click()
    settle(page)


def round_trips(app: str, name: str, new_page, rounds: int) -> None:
    """Choose at random, and open the address of what came of it as somebody else."""
    choice = random.Random(f"{SEED} {name}")
    for _ in range(rounds):
        page = opened(new_page(), f"{app}/{name}")
        for _ in range(3):
            change_one(page, choice)
        before, asked = settle(page), parse_qs(urlsplit(page.url).query)
        again = opened(new_page(), page.url)
        after = settle(again)
        assert again.get_by_text("The address asks for").all_inner_texts() == [], page.url
        kept = parse_qs(urlsplit(again.url).query)
        assert kept == {key: asked.get(key) for key in kept}  # what is usual is left out when it is read
        assert after == {key: before.get(key) for key in after}, page.url  # what is greyed has no controls there
        page.close()
        again.close()


@pytest.mark.parametrize("name", ["Layers", "Fusion"])  # all of them, with more settings, below
def test_a_view_of_any_settings_reopens_from_its_address(app, name, new_page):
    round_trips(app, name, new_page, ROUNDS)


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_twenty_views_of_each_page_reopen_from_their_addresses(app, name, new_page):
    round_trips(app, name, new_page, 20)
