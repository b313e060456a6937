"""A wheel in an empty environment, with no checkout beside it, opens the app and computes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.serving import serving

ROOT = Path(__file__).parents[1]
PAGES = """
import sys
from streamlit.testing.v1 import AppTest
from dlfa_core.shipped import app_folder

folder = app_folder()
sys.path.insert(0, str(folder))
app = AppTest.from_file(str(folder / "app.py"), default_timeout=300).run()
for page in [None, *sorted((folder / "pages").glob("[0-9]*.py"))]:
    if page is not None:
        app.switch_page(f"pages/{page.name}").run()
    assert not app.exception, (page, app.exception)
    assert any('<p class="answer">' in element.body for element in app.get("html")), page
print(folder)
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> Path:
    """The folder of commands of a new environment that has the wheel and what it asks for; takes minutes."""
    folder = tmp_path_factory.mktemp("environment")
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", str(folder), str(ROOT)]
    subprocess.run(build, check=True)
    (wheel,) = folder.glob("dlfa_explorer-*.whl")
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    commands = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    subprocess.run([str(commands / "python"), "-m", "pip", "install", "--quiet", str(wheel)], check=True)
    return commands


@pytest.fixture
def elsewhere(tmp_path, monkeypatch) -> Path:
    """A folder outside of any checkout to call commands in, whose environment knows of none."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setenv("DLFA_HOME", str(tmp_path / "home"))
    assert not tmp_path.is_relative_to(ROOT)
    return tmp_path


def answer(folder: Path, *command: str) -> str:
    """What a command prints, called in a folder."""
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.slow
def test_a_bundled_result_is_found(environment, elsewhere):
    said = answer(elsewhere, str(environment / "dlfa"), "profile", "--out", "layers.csv")
    assert (Path("dlfa_explorer") / "assets" / "results" / "profile").as_posix() in said.replace(os.sep, "/")
    assert (elsewhere / "layers.csv").stat().st_size


@pytest.mark.slow
def test_a_new_result_is_computed(environment, elsewhere):
    options = ["--languages", "eng", "hin", "--limit", "40", "--out", "layers.csv"]
    assert str(elsewhere / "home") in answer(elsewhere, str(environment / "dlfa"), "profile", *options)
    assert (elsewhere / "layers.csv").read_text("utf-8").count("\n") > 13


@pytest.mark.slow
def test_every_page_shows_its_answer(environment, elsewhere):
    shown = Path(answer(elsewhere, str(environment / "python"), "-c", PAGES).strip().splitlines()[-1])
    assert shown.is_relative_to(environment.parent)


@pytest.mark.slow
def test_the_app_is_served(environment, elsewhere):
    command = [str(environment / "dlfa-explorer"), "--no-browser", "--port={port}"]
    with serving(elsewhere, command=command, folder=elsewhere) as address:
        assert address.startswith("http://127.0.0.1:")
