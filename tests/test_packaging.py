"""What is installed is all that is needed."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_files_that_are_no_code_are_packaged():
    package = ROOT / "dlfa_core"
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    listed = {path for pattern in settings["package-data"]["dlfa_core"] for path in package.glob(pattern)}
    files = {path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {path for path in files if path.suffix != ".py"} <= listed
