"""A real server, a real browser, and no network but the loopback."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from tests.browser.serving import CHROMIUM, FLAGS, serving

# Milliseconds, on a busy machine; tests wait for what they expect to see, and only what never comes takes as long.
PATIENCE = 300_000
WORK = 1_200_000  # a model is loaded and run
VIEWPORT = {"width": 1400, "height": 900}
LOOPBACK_ONLY = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
WHOLE_TEST = 1_500  # seconds: Playwright has no limit of its own for scripts in a page and for closing one
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(WHOLE_TEST))


@pytest.fixture(scope="session")
def home(tmp_path_factory) -> Path:
    """Where this server keeps what it computes."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def app(home):
    """The address of an app that was started as visitors start it."""
    with serving(home) as address:
        yield address


@pytest.fixture(scope="session")
def chromium():
    if not CHROMIUM.exists():
        if os.environ.get("DLFA_BROWSER_TESTS") == "required":
            pytest.fail(f"{CHROMIUM} is missing: install it with `apt-get install chromium`.")
        pytest.skip(f"{CHROMIUM} is missing")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*FLAGS, LOOPBACK_ONLY])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def contexts(chromium):
    """Contexts by their settings: pages of one share what the browser has loaded of the app, and nothing of a visit."""
    made = {}

    def context_with(**settings) -> BrowserContext:
        key = repr(sorted(settings.items()))
        if key not in made:
            made[key] = chromium.new_context(**settings)
            made[key].set_default_timeout(PATIENCE)
        return made[key]

    yield context_with
    for context in made.values():
        context.close()


@pytest.fixture
def new_page(contexts):
    """Opens pages as visitors of their own; what they ask of any other machine is in vain and fails the test.

    Requests are looked at, not intercepted: else the browser keeps nothing, and loads all scripts anew for every page.
    """
    pages, elsewhere = [], []

    def look(request) -> None:
        if urlsplit(request.url).hostname not in ("127.0.0.1", None):
            elsewhere.append(request.url)

    def open_page(viewport=VIEWPORT, color_scheme="light", **settings) -> Page:
        page = contexts(**settings).new_page()
        pages.append(page)
        page.on("request", look)
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=color_scheme)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert not elsewhere


@pytest.fixture
def page(new_page) -> Page:
    return new_page()
