"""Spoilt addresses against the app's pages: every parameter that a page has, and some that none has."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from dlfa_core.runtime import jobs
from tests.app import conftest as furnishing
from tests.conftest import small_profile
from tests.load.fuzz_mutations import TOKENS
from tests.recommended import small_recommendation

ALWAYS = ("lesson", "step", "guess", "embed", "embed_options", "corpus", "model", "beside", "others", "visit", "upload")
WIDGETS = ("selectbox", "multiselect", "slider", "number_input", "checkbox", "radio", "text_input", "text_area")
VALUES = [
    "true",
    "0",
    "-1",
    "1e9",
    "7",
    "1-gates",
    "demo",
    "demo-pos",
    "untrained:demo",
    "table:/etc/hostname",
    "../x.tsv",
    "x.tsv",
]
Query = dict[str, list[str]]


@contextmanager
def furnished(folder: Path) -> Iterator[None]:
    """The app with small results of everything, below a folder."""
    with pytest.MonkeyPatch.context() as patch:
        furnishing.furnish(folder, small_profile(), small_recommendation(), patch)
        # what an address asks for is queued and not computed
        patch.setattr(
            jobs, "submit", lambda experiment, spec, visitor="": furnishing.FakeJob(experiment, spec, visitor)
        )
        yield


def parameters(page: str) -> list[str]:
    """What the address of a page may name: the keys of its widgets."""
    app = furnishing.open_app().run().switch_page(page).run()
    return sorted({*(widget.key for kind in WIDGETS for widget in app.get(kind) if widget.key), *ALWAYS})


def spoilt(names: list[str], random: Random) -> Query:
    """Some parameters with values that nobody offers."""
    chosen = random.sample(names, random.randint(1, min(6, len(names))))
    known = [token for token in [*TOKENS, *VALUES, *VALUES] if "hub" not in token and "\\ud800" not in token]
    return {name: [random.choice(known) for _ in range(random.choice((1, 1, 1, 2, 30)))] for name in chosen}


def opened(page: str, query: Query) -> Any:
    """The page as somebody's link opens it."""
    app = furnishing.open_app().switch_page(page)
    app.query_params.update(query)
    return app.run()


def fault(app: Any) -> str:
    """What the page says that it should not: a traceback."""
    return "; ".join(f"{error.message} {error.stack_trace[-3:]}" for error in app.exception)


def reader(page: str) -> Callable[[Query], None]:
    """A function that opens a page and raises what the page raised."""

    def read(query: Query) -> None:
        if said := fault(opened(page, query)):
            raise RuntimeError(f"{page} with {query!r:.300}: {said}")

    return read
