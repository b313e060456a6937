"""HTML on a page, from the macros in `templates/`: they escape whatever a visitor or a file brought along."""

from pathlib import Path

import streamlit as st
from markupsafe import Markup

from dlfa_core.markup import environment

_TEMPLATES = environment(Path(__file__).with_name("templates"))


def html(macro: str, *values: object) -> Markup:
    """A macro filled in, such as "text.answer" of `templates/text.html`."""
    file, name = macro.split(".")
    return getattr(_TEMPLATES.get_template(f"{file}.html").module, name)(*values)


def show(macro: str, *values: object) -> Markup:
    """Show a macro filled in; it is handed back, too."""
    filled = html(macro, *values)
    st.html(str(filled))
    return filled
