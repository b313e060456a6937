"""A real server, a real browser, and no network but the loopback."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.serving import CHROMIUM, FLAGS, serving

# Milliseconds, on a busy machine; tests wait for what they expect to see, and only what never comes takes as long.
PATIENCE = 300_000
WORK = 1_200_000  # a model is loaded and run
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
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium):
    """Opens pages as visitors of their own; what they ask of any other machine is refused and fails the test."""
    contexts, elsewhere = [], []

    def open_page(**settings) -> Page:
        context = chromium.new_context(**{"viewport": {"width": 1400, "height": 900}} | settings)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)

        def gate(route):
            if urlsplit(route.request.url).hostname in ("127.0.0.1", None):
                route.continue_()
            else:
                elsewhere.append(route.request.url)
                route.abort()

        context.route("**/*", gate)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert not elsewhere


@pytest.fixture
def page(new_page) -> Page:
    return new_page()
