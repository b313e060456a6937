"""Every view has a link: it can be copied, it reopens, and going back goes back one page."""

import random
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.serving import ROOT

PAGES = sorted(path.stem.split("_", 1)[1] for path in (ROOT / "pages").glob("[0-9]*.py"))
SEED = 8
ROUNDS = 2  # settings of each page in the usual run
ICONS = "[data-testid=stIconMaterial]"
SPARED = ("beside",)  # offers models of the hub, which nothing here can reach

# What every control of the page says, by the key of its widget.
CONTROLS = """() => {
  const said = {};
  for (const box of document.querySelectorAll('[data-testid=stMain] [class*="st-key-"]')) {
    const key = box.className.match(/st-key-([\\w-]+)/)[1];
    const chosen = [
      ...[...box.querySelectorAll('input:not([type=radio], [type=checkbox], [type=file])')].map((input) => input.value),
      ...[...box.querySelectorAll('[role=radio][aria-checked=true], input:checked, [role=switch]')].map(
        (one) => one.closest('label')?.innerText ?? one.innerText),
      ...[...box.querySelectorAll('[role=group][aria-label="Selected values"] button')].map(
        (one) => one.getAttribute('aria-label')),
    ];
    if (chosen.length) said[key] = chosen.join(' | ');
  }
  return said;
}"""


def settle(page: Page) -> None:
    """Wait until the page is drawn and nothing runs any more."""
    page.wait_for_selector("h1")
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning")
    page.wait_for_function("!document.querySelector('[data-stale=true]')")


def opened(page: Page, address: str) -> Page:
    page.goto(address)
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
    kinds = {
        "radio": "[data-testid=stMain] label:has(input[type=radio]:not(:checked))",
        "slider": "[data-testid=stMain] [role=slider], [data-testid=stMain] input[type=range]",
        "number": "[data-testid=stMain] [data-testid=stNumberInputStepUp]:not([disabled])",
        "switch": "[data-testid=stMain] [data-testid=stCheckbox]",
        "select": "[data-testid=stMain] [data-testid=stSelectbox]",
        "several": "[data-testid=stMain] [data-testid=stMultiSelect]",
    }
    spared = ", ".join(f".st-key-{key} *" for key in SPARED)
    there = {kind: page.locator(f":is({where}):not({spared}):visible") for kind, where in kinds.items()}
    kind = choice.choice([kind for kind in kinds if there[kind].count()])
    control = there[kind].nth(choice.randrange(there[kind].count()))
    if kind == "slider":
        control.press(choice.choice(["ArrowRight", "ArrowLeft"]))
    elif kind in ("select", "several"):
        control.get_by_role("combobox").click()
        options = page.get_by_role("option")
        options.first.wait_for()
        options.nth(choice.randrange(min(options.count(), 5))).click()
        page.keyboard.press("Escape")
    else:
        control.click()
    settle(page)


def round_trips(app: str, name: str, new_page, rounds: int) -> None:
    choice = random.Random(f"{SEED} {name}")
    for _ in range(rounds):
        page = opened(new_page(), f"{app}/{name}")
        for _ in range(3):
            change_one(page, choice)
        asked = parse_qs(urlsplit(page.url).query)
        again = opened(new_page(), page.url)
        assert parse_qs(urlsplit(again.url).query) == asked
        told = again.get_by_text("The address asks for")
        assert told.count() == 0, told.all_inner_texts()
        before, after = page.evaluate(CONTROLS), again.evaluate(CONTROLS)
        assert after
        assert after == {key: before.get(key) for key in after}, page.url
        page.close()
        again.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_view_of_any_settings_reopens_from_its_address(app, name, new_page):
    round_trips(app, name, new_page, ROUNDS)


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_twenty_views_of_each_page_reopen_from_their_addresses(app, name, new_page):
    round_trips(app, name, new_page, 20)
