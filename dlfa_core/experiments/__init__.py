"""What a page or a command asks for: a folder per question, and two that questions share (`sources`, `training`)."""

from pathlib import Path

import lazy_loader

_rooms = sorted(path.parent.name for path in Path(__file__).parent.glob("*/__init__.py"))
__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submodules=_rooms)
