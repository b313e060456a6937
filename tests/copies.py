"""What takes long to make and is asked for again and again."""

from collections.abc import Callable
from copy import deepcopy
from functools import cache, wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def made_once(make: Callable[P, T]) -> Callable[P, T]:
    """Have what the same arguments give made once; every caller gets a copy, to do with as they like."""
    made = cache(make)

    @wraps(make)
    def copied(*args: P.args, **settings: P.kwargs) -> T:
        return deepcopy(made(*args, **settings))

    return copied
