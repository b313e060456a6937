"""What the address of a page says of its controls, looked at before they are drawn.

Streamlit passes over a value that a control does not offer and shows the usual view; here the visitor is told so.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import streamlit as st

from ui import kept
from ui.kept import IN_ADDRESS
from ui.text import problem

_NAMED = 8  # options that a sentence names; it counts the others


def begin(opened: bool) -> None:
    """Have faults told where this is called; look at all of the address again if it was opened just now."""
    visit = kept.visit()
    visit.above = st.container()
    if opened:
        visit.looked_at.clear()
        visit.unbound.clear()


def option(key: str, offered: Iterable[Any], called: Callable[[Any], str] = str, fewest: int = 1) -> dict[str, Any]:
    """Return the settings of a widget that offers these options, called so on the page; its key is among them.

    Of several options that were chosen, those that are offered no more are let go, and all where fewer than `fewest`
    are left.
    """
    offered = list(offered)
    held = kept.chosen(key, None)
    if isinstance(held, list) and (fitting := [each for each in held if each in offered]) != held:
        # else the address goes on naming what is offered no more
        kept.choose(key, fitting if len(fitting) >= fewest else [])
    return _settings(key, lambda: _option_fault(_asked(key), [called(each) for each in offered]))


def number(key: str, low: float, high: float) -> dict[str, Any]:
    """Return the settings of a widget for a number from `low` to `high`; its key is among them."""
    settings = _settings(key, lambda: next((_is_to_be(text, low, high) for text in _asked(key)), ""))
    unbound = kept.visit().unbound
    if any(_is_endless(text) for text in _asked(key)):
        unbound.add(key)  # Streamlit breaks where it is to make an integer of it
        del st.query_params[key]
    return {"key": key} if key in unbound else settings


def switch(key: str) -> dict[str, Any]:
    """Return the settings of a widget that is on or off; its key is among them."""
    return option(key, ["true", "false"])


def in_browser(offered: Mapping[str, Iterable[Any] | range]) -> None:
    """Look at what a component reads of the address by itself, by key; a range is of whole numbers."""
    for key, values in offered.items():
        if isinstance(values, range):
            number(key, values.start, values.stop - 1)
        else:
            option(key, values)


def above(error: Exception | str) -> None:
    """Say what is wrong over all else on the page."""
    with kept.visit().above or st.container():
        problem(error)


def _settings(key: str, fault: Callable[[], str]) -> dict[str, Any]:
    looked_at = kept.visit().looked_at
    if key not in looked_at:
        looked_at.add(key)
        if said := fault():
            above(f"The address asks for {key}={said}: it is left out.")
    return {"key": key, **IN_ADDRESS}


def _asked(key: str) -> list[str]:
    return [value for value in st.query_params.get_all(key) if value]


def _option_fault(asked: list[str], offered: list[str]) -> str:
    unknown = [value for value in asked if value not in offered]
    if not unknown:
        return ""
    rest = f" or {len(offered) - _NAMED} more" if len(offered) > _NAMED else ""
    return f"{_quoted(unknown)}, but here it can be {_quoted(offered[:_NAMED])}{rest}"


def _quoted(values: list[str]) -> str:
    return ", ".join(f"“{value}”" for value in values)


def _is_endless(text: str) -> bool:
    try:
        return math.isinf(float(text))
    except ValueError:
        return False


def _is_to_be(text: str, low: float, high: float) -> str:
    """Return what is wrong with a number; empty where it is fine."""
    try:
        fine = low <= float(text) <= high
    except ValueError:
        fine = False
    return "" if fine else f"{text}, but here it is a number from {low:,} to {high:,}"
