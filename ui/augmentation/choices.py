"""What is shown of a comparison."""

from collections.abc import Mapping, Sequence

import streamlit as st

from ui import address, choices


def group(groups: Mapping[str, str]) -> str:
    """Ask which group of languages a picture is of; `groups` says what each is called."""
    return choices.one_of("Languages", groups, next(iter(groups)), "group")


def with_fusion() -> bool:
    """Ask whether gains are those with DLFA instead of those of the last layer alone."""
    return st.toggle("With DLFA", **address.switch("with_dlfa"))


def sample_method(methods: Sequence[str]) -> str | None:
    """Whose sentences are shown, among methods that change some; None where none does."""
    if len(methods) < 2:
        return methods[0] if methods else None
    return choices.one_of("Method", methods, methods[0], "sample_method")
