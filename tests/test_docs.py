"""The README's Python runs as written, and its table names every folder."""

import re
import subprocess
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_of_the_readme_runs(block, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DLFA_HOME", str(tmp_path))
    exec(block, {})
    assert capsys.readouterr().out.startswith("0 ")


def test_there_is_a_block_to_run():
    assert BLOCKS


@pytest.mark.parametrize("path", re.findall(r"\]\((?!https?:)([^)#]+)\)", README.read_text(encoding="utf-8")))
def test_a_file_that_the_readme_shows_exists(path):
    assert (README.parent / path).exists()


@pytest.mark.parametrize("within", [".", "dlfa_core"])
def test_the_table_of_folders_names_all_of_them(within):
    root = README.parent
    listed = subprocess.run(["git", "ls-tree", "-d", "--name-only", "HEAD"], cwd=root / within, capture_output=True)
    if listed.returncode:
        pytest.skip("this is no git checkout")
    folders = [name for name in listed.stdout.decode().split() if not name.startswith(".")]
    table = README.read_text(encoding="utf-8").partition("## The map")[2].partition("## ")[0]
    named = set(re.findall(r"`([a-z_]+)[/`]", table))
    assert folders
    assert set(folders) <= named
