"""What is installed is all that is needed, and nothing else."""

import importlib.util
import os
import shutil
import subprocess
import sys
import urllib.request
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder
from hatchling.metadata.core import ProjectMetadata
from hatchling.plugin.manager import PluginManager
from packaging.requirements import Requirement

import dlfa_core.shipped
from dlfa_explorer.__main__ import streamlit_arguments
from tests.browser.serving import STREAMLIT, serving

ROOT = Path(__file__).parents[1]
NEEDED = ("dlfa_core", "dlfa_explorer", "ui", "pages", "assets", ".streamlit", "app.py", "serve.py")
AS_THEY_ARE = ("dlfa_core", "dlfa_explorer")  # the others lie in `dlfa_explorer` of the wheel


@cache
def in_the_wheel() -> dict[str, str]:
    """Every file of a wheel, but for its metadata -> where it lies in the checkout."""
    found = WheelBuilder(str(ROOT)).recurse_included_files()
    return {
        Path(file.distribution_path).as_posix(): Path(os.path.relpath(file.path, ROOT)).as_posix() for file in found
    }


def files_below(name: str) -> list[Path]:
    path = ROOT / name
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return [file.relative_to(ROOT) for file in files if "__pycache__" not in file.parts]


def pins(lines: str) -> set[str]:
    return {str(Requirement(line)).lower() for line in lines.splitlines() if line and not line.startswith("#")}


@pytest.mark.parametrize("name", NEEDED)
def test_a_wheel_has_all_files_that_a_run_needs(name):
    parent = "" if name in AS_THEY_ARE else "dlfa_explorer/"
    expected = {f"{parent}{file.as_posix()}": file.as_posix() for file in files_below(name)}
    assert expected
    assert expected.items() <= in_the_wheel().items()


def test_a_wheel_has_weights_tables_scripts_templates_and_settings():
    kinds = {Path(name).suffix for name in in_the_wheel()}
    assert kinds >= {".safetensors", ".tsv", ".js", ".css", ".html", ".toml", ".json", ".parquet", ".svg"}


def test_a_wheel_has_nothing_else():
    assert {source.partition("/")[0] for source in in_the_wheel().values()} == set(NEEDED)


def test_a_wheel_has_no_file_that_git_leaves_out():
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True)
    if listed.returncode:
        pytest.skip("this is no git checkout")
    assert set(in_the_wheel().values()) <= set(listed.stdout.decode().split("\0"))


def test_a_wheel_asks_for_exactly_the_versions_of_the_requirements():
    asked = ProjectMetadata(str(ROOT), PluginManager()).core.dependencies
    assert pins("\n".join(asked)) == pins((ROOT / "requirements.txt").read_text("utf-8"))
    assert all(Requirement(line).specifier.prereleases is not None or "==" in line for line in asked)


@pytest.mark.parametrize("name", ["dlfa", "dlfa-explorer"])
def test_a_command_that_is_installed_can_be_called(name):
    module, _, function = ProjectMetadata(str(ROOT), PluginManager()).core.scripts[name].partition(":")
    assert callable(getattr(import_module(module), function))


def test_the_apps_files_are_found_in_a_checkout():
    assert dlfa_core.shipped.app_folder() == ROOT


def test_the_apps_files_are_found_where_a_wheel_puts_them(tmp_path):
    for name, source in in_the_wheel().items():
        if name in ("dlfa_core/shipped.py", "dlfa_explorer/serve.py"):
            (tmp_path / name).parent.mkdir()
            shutil.copy(ROOT / source, tmp_path / name)
    spec = importlib.util.spec_from_file_location("installed", tmp_path / "dlfa_core" / "shipped.py")
    installed = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(installed)
    assert installed.app_folder() == tmp_path / "dlfa_explorer"
    assert tmp_path / "dlfa_explorer" / "assets" == installed.ASSETS


def test_only_this_machine_reaches_the_app_unless_asked_otherwise():
    assert "--server.address=localhost" in streamlit_arguments([])
    assert "--server.address=0.0.0.0" in streamlit_arguments(["--address", "0.0.0.0"])


def test_a_port_is_taken_as_given_and_else_left_to_streamlit():
    assert "--server.port=8600" in streamlit_arguments(["--port", "8600"])
    assert not [option for option in streamlit_arguments([]) if "port" in option]


def test_a_browser_opens_unless_asked_otherwise():
    assert "--server.headless=false" in streamlit_arguments([])
    assert "--server.headless=true" in streamlit_arguments(["--no-browser"])


def test_a_port_that_is_no_number_is_refused(capsys):
    with pytest.raises(SystemExit):
        streamlit_arguments(["--port", "here"])
    assert "--port: invalid int value: 'here'" in capsys.readouterr().err


def test_the_command_serves_the_app_wherever_it_is_called(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    command = [sys.executable, "-m", "dlfa_explorer", "--no-browser", "--port={port}"]
    with serving(tmp_path, command=command, folder=tmp_path) as address:
        assert page_of(address + "/Layers").count("BACKEND_BASE_URL") == 1  # that it is serve.py which runs


def test_the_pages_can_be_served_as_they_are(tmp_path):
    command = [word.replace("serve.py", "app.py") for word in STREAMLIT]
    with serving(tmp_path, command=command) as address:
        assert "BACKEND_BASE_URL" not in page_of(address)


def page_of(address: str) -> str:
    """The HTML that a browser gets first."""
    request = urllib.request.Request(address, headers={"accept": "text/html"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read().decode()
