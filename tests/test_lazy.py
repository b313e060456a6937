"""Modules that are imported when they are first used."""

import subprocess
import sys
from pathlib import Path

import pytest

from dlfa_core.lazy import Later

ROOT = Path(__file__).parents[1]


def test_it_stands_for_the_module():
    assert Later("fractions").Fraction(1, 2) == 0.5


def test_what_the_module_lacks_it_lacks_too():
    with pytest.raises(AttributeError, match="nothing"):
        _ = Later("fractions").nothing


def test_looking_through_all_modules_as_streamlit_does_loads_none_that_pages_never_use():
    code = "import inspect, sys, ui; inspect.stack(); print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "dlfa_core.data.tasks.splits" in found.stdout.split()
    assert "scipy" not in found.stdout.split()
