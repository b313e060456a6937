"""Imports point down only, as `CONTRIBUTING.md` draws it, and the page's process stays small."""

import ast
import os
import subprocess
import sys
import textwrap
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "languages": set(),
    "lazy": set(),
    "markup": {"languages"},
    "measures": {"languages", "lazy"},
    "data": {"languages", "lazy"},
    "models": {"languages", "markup", "data"},
    "runtime": set(),
    "experiments": {"languages", "lazy", "markup", "data", "models", "measures", "runtime"},
    "figures": {"languages", "markup", "data", "measures", "experiments"},
    "encoders": {"models", "runtime", "experiments"},
    "__main__": {"experiments", "figures", "runtime"},
    "bundle": {"encoders", "experiments", "runtime"},
    "__init__": set(),
}
ABOVE_THE_CORE = ("app", "pages", "ui", "streamlit", "tests", "benchmarks", "demo_encoder")
HEAVY = ("torch", "transformers", "umap", "captum", "datasets", "accelerate", "sentence_transformers")
CORE = sorted((ROOT / "dlfa_core").rglob("*.py"))
PAGES = [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py")), *sorted((ROOT / "ui").rglob("*.py"))]


def named(path):
    return str(path.relative_to(ROOT))


@cache
def imported(path):
    """Every dotted name that a file imports, at its top or inside a function."""
    names = set()
    package = path.relative_to(ROOT).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            names |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return names


def tops(path):
    return {name.split(".")[0] for name in imported(path)}


def folder_of(path):
    return path.relative_to(ROOT / "dlfa_core").parts[0].removesuffix(".py")


def test_every_folder_of_the_core_has_its_place_in_the_table():
    assert {folder_of(path) for path in CORE} <= MAY_IMPORT.keys()


@pytest.mark.parametrize("path", CORE, ids=named)
def test_the_core_imports_down_only(path):
    here = folder_of(path)
    used = {name.split(".")[1] for name in imported(path) if name.startswith("dlfa_core.")}
    assert used & MAY_IMPORT.keys() - {here} <= MAY_IMPORT[here]
    assert not tops(path) & set(ABOVE_THE_CORE)


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_pages_leave_heavy_libraries_to_the_worker(path):
    assert not tops(path) & set(HEAVY)
    assert not any(name.startswith("dlfa_core.models") for name in imported(path))


@pytest.mark.parametrize(
    "path", [path for path in CORE if folder_of(path) in ("measures", "figures", "runtime")], ids=named
)
def test_measures_figures_and_the_runtime_know_no_model_library(path):
    assert not tops(path) & set(HEAVY)


@pytest.mark.parametrize("path", sorted((ROOT / "ui").rglob("*.py")), ids=named)
def test_what_pages_share_knows_no_page(path):
    assert not tops(path) & {"pages", "app"}


ASKING = """
    import time
    from dlfa_core.experiments import profile
    from dlfa_core.runtime import jobs, store

    spec = profile.Spec(model={model!r})
    assert store.find(profile, spec) is None
    job = jobs.submit(profile, spec)
    while (status := job.status()).state not in jobs.FINAL:
        time.sleep(0.1)
    assert status.state == "failed", status
"""


@pytest.mark.parametrize(
    "code",
    [
        "from dlfa_core.experiments import encode, profile, pretrain",
        "import dlfa_core.figures, dlfa_core.data, dlfa_core.measures, dlfa_core.languages, dlfa_core.bundle",
        ASKING,
    ],
    ids=["experiments", "the rest", "a job that fails inside torch"],
)
def test_a_process_that_asks_and_shows_never_imports_what_only_the_worker_needs(code, tmp_path):
    model = tmp_path / "broken model"
    model.mkdir()
    (model / "config.json").write_text('{"model_type": "bert"}')
    (model / "model.safetensors").write_bytes(b"no weights")
    code = textwrap.dedent(code).format(model=str(model))
    found = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "DLFA_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert not set(found.stdout.split()) & set(HEAVY)
