"""What every page stands in: window title, sidebar with pages, model and corpus, the question as headline."""

import ast
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import get_script_run_ctx

from ui import address, corpora, glossary, kept, lesson, models, sweeps
from ui.html import show

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent
HOME = "DLFA Explorer"
ICONS = {
    "Evidence": "balance",
    "Map": "scatter_plot",
    "Fusion": "merge",
    "Gates": "door_open",
    "Lexicon": "ink_highlighter",
    "Augmentation": "science",
    "Lens": "search",
    "Lessons": "school",
}

# Copies the link of a view, and keeps the browser's history to one entry for each page.
_in_browser = st.components.v2.component(
    "dlfa_frame",
    html=(HERE / "frame.html").read_text(encoding="utf-8"),
    css=(HERE / "frame.css").read_text(encoding="utf-8"),
    js=(HERE / "frame.js").read_text(encoding="utf-8"),
)

_ABOUT = """
Which layer of a multilingual encoder should be fused with its last layer, and why? Everything here is
computed on this machine; the bundled model and sentences need no network.

Code under Apache-2.0. The same numbers come from the command line: `python -m dlfa_core --help`.
"""


class Page(NamedTuple):
    """One page of the app: a file in pages/, whose docstring is its question and what it shows."""

    path: str
    name: str
    question: str
    shows: str


class Choice(NamedTuple):
    """What the sidebar says: which model reads which corpus."""

    model: str
    corpus: str


@cache
def pages() -> tuple[Page, ...]:
    """The pages in order of their number; a new file in pages/ is listed at once."""
    found = []
    for path in sorted((ROOT / "pages").glob("[0-9]*.py"), key=lambda path: int(path.name.split("_")[0])):
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        question, _, shows = docstring.partition("\n\n")
        name = path.stem.split("_", 1)[1].replace("_", " ")
        found.append(Page(f"pages/{path.name}", name, question, " ".join(shows.split())))
    return tuple(found)


def frame(title: str, question: str) -> Choice:
    """Open a page: call this first. Returns the model and the corpus that are chosen in the sidebar."""
    icon = str(HERE / "icon.svg")
    st.set_page_config(page_title=f"{title} · DLFA Explorer", page_icon=icon, layout="wide")
    st.html(HERE / "style.css")
    st.logo(str(HERE / "logo.svg"), size="large", icon_image=icon)
    kept.settle_memory()
    glossary.begin()
    lesson.box("Home" if title == HOME else title, {page.name: page.path for page in pages()})
    head = st.container()
    address.begin(_carry_over(title))
    with st.sidebar:
        _navigation()
        st.space("small")
        choice = Choice(models.choose(), corpora.choose())
        st.space("small")
        with st.expander("About", icon=":material/info:"):
            st.markdown(_ABOUT)
    kept.prepare_once("libraries")
    with head:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="eyebrow"):
            show("text.eyebrow", title, models.told(choice.model, sweeps.quality(choice.model)))
            models.card(choice.model)
            _in_browser(key="in_browser", width="content", height="content")
        st.title(question, anchor=False, help=glossary.help_of(question))
    if not models.usable(choice.model):
        st.stop()
    return choice


def _carry_over(page: str) -> bool:
    """Keep model and corpus of a link when its visitor goes on to another page, in that page's address, too.

    Streamlit does so with what a visitor chose. What a link named it forgets on the next page, unless something was
    chosen in between: values to keep are looked for in the state of earlier runs, and the link's are of this one.

    Returns:
        Whether an address was opened, and not left by what the visitor chose on this page.
    """
    visit = kept.visit()
    before, visit.page = visit.page, page
    context = get_script_run_ctx()  # None where a process that was spawned by a test reads the app as its main module
    back = context is not None and context.is_history_navigation
    if before in (None, page) or back:  # going back, the address says it all
        return before != page or back
    for key, usual, called in (("model", "demo", models.label), ("corpus", "sample", str)):
        value = kept.chosen(key, usual)
        if value != usual and key not in st.query_params:
            kept.choose(key, value)
            with suppress(StreamlitAPIException):  # where the widget of the page before still holds the name
                st.query_params[key] = called(value)
    return True


def _navigation() -> None:
    st.page_link("app.py", label="Overview", icon=":material/home:")
    for page in pages():
        st.page_link(page.path, label=page.name, icon=f":material/{ICONS.get(page.name, 'show_chart')}:")
