"""What results say in words: a file per question, which pages and the command line share."""

from importlib import import_module
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def summary(name: str, result: Any) -> str:
    """Return what a person wants to read of a result of the experiment with this name; "" where no file is its own."""
    if not (FOLDER / f"{name}.py").is_file():
        return ""
    lines = import_module(f"{__name__}.{name}").summary(result)
    warnings = result.meta.get("warnings", ()) if hasattr(result, "meta") else getattr(result, "warnings", ())
    return "\n".join([*filter(None, lines), *(f"Note: {warning}" for warning in warnings)])
