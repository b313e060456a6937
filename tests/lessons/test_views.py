"""Each parameter of a view is a control of its page, and the control says what the view says."""

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dlfa_core.experiments.sources import corpora
from dlfa_core.runtime import jobs
from tests.lessons.test_facts import SHIPPED

ROOT = Path(__file__).parents[2]
FILES = {path.stem.partition("_")[2]: f"pages/{path.name}" for path in (ROOT / "pages").glob("[0-9]*.py")}
VIEWS = sorted({step.view for lesson in SHIPPED for step in lesson.steps}, key=str)
SAMPLE = corpora.opened("sample")
SENTENCES = dict(zip(SAMPLE.ids, SAMPLE["eng"], strict=True))
KINDS = (
    "selectbox",
    "multiselect",
    "segmented_control",
    "slider",
    "select_slider",
    "number_input",
    "text_input",
    "toggle",
)


def said(app: AppTest, parameter: str) -> list[str]:
    """What the control of a parameter says, in the words of an address; empty where there is no such control."""
    for kind in KINDS:
        for found in app.get(kind):
            if found.key != parameter:
                continue
            if hasattr(type(found), "indices"):
                return [found.options[index] for index in found.indices]
            return [found.options[found.index] if hasattr(type(found), "index") else str(found.value)]
    return []


@pytest.fixture(scope="module", autouse=True)
def what_ships(tmp_path_factory):
    """The app with the results that ship, each read once, and an empty home."""
    st.cache_data.clear()
    st.cache_resource.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLFA_HOME", str(tmp_path_factory.mktemp("home")))
        patch.delenv("DLFA_DEMO", raising=False)
        patch.setattr(jobs, "prepare", lambda wanted, libraries: None)
        yield


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_a_view_opens_as_it_says(view):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300).switch_page(FILES.get(view.page, "app.py"))
    query = {}
    for parameter, value in view.query:
        query.setdefault(parameter, []).append(value)
    app.query_params.update(query)
    app.run()
    assert not app.exception
    assert not app.error
    if "shown" in query:  # a sentence goes by its text, and a link may have its id
        query["shown"] = [SENTENCES[sent_id] for sent_id in query["shown"]]
    assert {parameter: said(app, parameter) for parameter in query} == query
