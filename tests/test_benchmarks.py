"""Benchmarks run long and seldom: here they run small, so that they are not found broken when figures are wanted."""

from importlib import import_module
from pathlib import Path

import pytest

from benchmarks import __main__ as every
from benchmarks import measured

FOLDER = Path(measured.__file__).parent
SHARED = {"__main__", "measured", "onnx_peer", "scale_cases"}  # no benchmark of their own
OF_QUALITY = {"demo_model", "task_models"}  # measure how good models are, with data that are not here
OF_GROWTH = {"questions", "scale", "stream"}  # measure what more data needs, which takes long: docs/scale.md
MODULES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in SHARED)
QUICK = ["accelerator", "attribution", "encode", "memory", "similarity", "sweep"]


@pytest.mark.parametrize("name", MODULES)
def test_every_benchmark_can_be_started(name):
    assert callable(import_module(f"benchmarks.{name}").main)


def test_one_command_runs_all_that_are_there():
    listed = {run.module for run in every.RUNS}
    assert set(MODULES) - OF_QUALITY - OF_GROWTH <= listed


@pytest.mark.parametrize("name", QUICK)
def test_the_smallest_size_prints_a_table(name, capsys):
    import_module(f"benchmarks.{name}").main(["--quick"])
    lines = capsys.readouterr().out.splitlines()
    rows = [line for line in lines if line.startswith("|")]
    assert len(rows) >= 3
    assert len({row.count("|") for row in rows if row.startswith("| dlfa")}) <= 1
    assert "nan" not in " ".join(rows)


@pytest.mark.slow  # compiles for a minute
def test_the_smallest_maps_print_a_table(capsys):
    import_module("benchmarks.projection").main(["--quick"])
    assert "umap.AlignedUMAP" in capsys.readouterr().out


def test_a_benchmark_that_is_not_there_is_refused(capsys):
    with pytest.raises(SystemExit):
        every.main(["fastest"])
    assert "no benchmark fastest: choose from opening, views" in capsys.readouterr().err


def test_what_a_run_took_is_said(capfd):
    assert every.measure(every.Run("accelerator", "On an accelerator"), quick=False)
    said = capfd.readouterr().out
    assert "all its processes together" in said


def test_a_run_that_fails_is_said(capfd):
    assert not every.measure(every.Run("measured_nowhere", "None"), quick=False)
    assert "Failed after" in capfd.readouterr().out


def test_a_run_that_takes_too_long_is_ended(capfd, monkeypatch):
    monkeypatch.setattr(every, "PATIENCE", 0)
    assert not every.measure(every.Run("accelerator", "On an accelerator"), quick=False)
    assert "Ended after" in capfd.readouterr().out


def test_a_process_that_fails_says_why():
    with pytest.raises(RuntimeError, match=r"benchmarks\.memory --nothing failed: .*--nothing"):
        measured.peak_memory("memory", "--nothing")
