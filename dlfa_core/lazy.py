"""Modules that are imported when they are first used."""

from importlib import import_module
from typing import Any


class Later:
    """Stands for a module, and imports it when something in it is asked for.

    Unlike `lazy_loader.load` it is not in `sys.modules`: `inspect`, which Streamlit calls for the first visitor, asks
    every module there for its file, and so loads each one that waits.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self._name), attribute)
