"""Imports point down only, as `CONTRIBUTING.md` draws it, and the page's process stays small."""

import ast
import os
import re
import subprocess
import sys
import textwrap
from functools import cache
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path

import pytest

from dlfa_core.runtime.experiment import Experiment, name_of

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "languages": set(),
    "lazy": set(),
    "shipped": set(),
    "tables": set(),
    "disk": set(),
    "markup": {"languages"},
    "measures": {"languages", "lazy"},
    "data": {"languages", "lazy", "shipped"},
    "models": {"languages", "markup", "data", "disk", "shipped"},
    "projection": {"languages", "data", "measures"},
    "runtime": {"disk", "shipped", "tables"},
    "experiments": {
        "languages",
        "lazy",
        "markup",
        "data",
        "disk",
        "models",
        "measures",
        "projection",
        "runtime",
        "tables",
    },
    "figures": {"languages", "markup", "data", "measures", "experiments", "shipped", "tables"},
    "glossary": {"shipped"},
    "lessons": {"languages", "markup", "experiments", "figures", "runtime", "shipped", "tables"},
    "encoders": {"models", "runtime", "experiments"},
    "__main__": {"experiments", "figures", "report", "runtime", "tables"},
    "bundle": {"encoders", "experiments", "models", "runtime"},
    "report": {
        "bundle",
        "encoders",
        "experiments",
        "figures",
        "languages",
        "markup",
        "models",
        "runtime",
        "tables",
    },
    "__init__": set(),
}
ROOMS = {  # the folders of `experiments`, and which others each may import, through their `__init__` only
    "sources": set(),
    "training": {"sources"},
    "encode": {"sources"},
    "coverage": {"sources"},
    "gates": {"sources"},
    "attribute": {"sources"},
    "pretrain": {"sources"},
    "shrink": {"sources"},
    "profile": {"sources", "encode"},
    "project": {"sources", "encode"},
    "land": {"encode", "project"},
    "structure": {"sources", "training", "encode", "project"},
    "lens": {"sources", "encode"},
    "readout": {"sources"},
    "stream": {"sources", "encode"},
    "answer": {"sources"},
    "retrieve": {"sources"},
    "lexicon": {"sources", "training", "attribute"},
    "train": {"sources", "training"},
    "transfer": {"sources", "training", "train"},
    "sweep": {"transfer"},
    "recommend": {"sources", "profile", "transfer"},
    "buckets": {"transfer"},
    "augment": {"sources", "training", "pretrain", "transfer"},
    "benchmark": {"sources", "profile", "retrieve", "transfer"},
}
SHARED = {"sources", "training"}  # rooms that ask no question
MOST_ARROWS = 45
ABOVE_THE_CORE = ("app", "pages", "ui", "streamlit", "tests", "benchmarks", "demo_encoder")
EMPTY_COMPONENT = "<div></div>"
HEAVY = ("torch", "transformers", "umap", "captum", "datasets", "accelerate", "sentence_transformers")
EXPERIMENTS = ROOT / "dlfa_core" / "experiments"
CORE = sorted((ROOT / "dlfa_core").rglob("*.py"))
IN_UI = sorted((ROOT / "ui").rglob("*.py"))
PAGES = [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py")), *IN_UI]
OWN = {path.stem.partition("_")[2].lower() for path in (ROOT / "pages").glob("[0-9]*.py")}  # the names of the pages


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
    assert not any(name.startswith(("dlfa_core.models", "dlfa_core.projection")) for name in imported(path))


@pytest.mark.parametrize(
    "path", [path for path in CORE if folder_of(path) in ("measures", "figures", "runtime")], ids=named
)
def test_measures_figures_and_the_runtime_know_no_model_library(path):
    assert not tops(path) & set(HEAVY)


@pytest.mark.parametrize("path", IN_UI, ids=named)
def test_what_pages_share_knows_no_page(path):
    assert not tops(path) & {"pages", "app"}


def own_of(path):
    """The page that a file belongs to: of `pages` itself, of `ui` by the name of its module or folder."""
    folder, part, *_ = path.relative_to(ROOT).parts
    return part.removesuffix(".py").partition("_")[2 if folder == "pages" else 0].lower()


def test_every_page_has_its_own_part_of_ui():
    assert {own_of(path) for path in IN_UI} >= OWN


@pytest.mark.parametrize("path", [*(ROOT / "pages").rglob("*.py"), *IN_UI], ids=named)
def test_what_is_one_pages_own_is_used_by_no_other(path):
    used = {name.split(".")[1] for name in imported(path) if name.startswith("ui.")}
    assert used & OWN <= {own_of(path)}


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_what_outlives_a_run_of_a_page_is_kept_in_one_place(path):
    used = {node.attr for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)}
    assert path == ROOT / "ui" / "kept.py" or not used & {"session_state", "cache_data", "cache_resource"}


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_pages_write_no_html_by_hand(path):
    """Templates do, which escape what is put into them."""
    texts = (node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant))
    assert not any(re.search(r"</\w", text) for text in texts if isinstance(text, str) and text != EMPTY_COMPONENT)
    assert not {"html", "html.escape"} & imported(path)


def parts_used(path):
    """What a file uses of rooms: "transfer" or "transfer.gains_of", by import or as an attribute of what it imports."""
    below = "dlfa_core.experiments."
    found = {name.removeprefix(below) for name in imported(path) if name.startswith(below)}
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    whole = [node for node in nodes if isinstance(node, ast.ImportFrom) and f"{node.module}." == below]
    rooms = {alias.name for node in whole for alias in node.names}
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in rooms:
            found.add(f"{node.value.id}.{node.attr}")
    return {name for name in found if name.split(".")[0] in ROOMS}


def test_every_experiment_is_a_folder_with_its_place_in_the_table():
    assert {path.name for path in EXPERIMENTS.iterdir() if path.name != "__pycache__"} == {*ROOMS, "__init__.py"}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_those_rooms_that_the_table_says(room):
    used = {name.split(".")[0] for path in (EXPERIMENTS / room).glob("*.py") for name in parts_used(path)}
    assert used - {room} == ROOMS[room]


@pytest.mark.parametrize("path", CORE, ids=named)
def test_what_others_use_of_a_room_is_shown_by_its_init(path):
    own = path.relative_to(EXPERIMENTS).parts[0] if EXPERIMENTS in path.parents else ""
    for name in parts_used(path):
        room, _, part = name.partition(".")
        assert room == own or not part or part in import_module(f"dlfa_core.experiments.{room}").__all__, name


def test_rooms_have_few_arrows_between_them_and_no_cycle():
    assert sum(map(len, ROOMS.values())) <= MOST_ARROWS
    assert set(TopologicalSorter(ROOMS).static_order()) == ROOMS.keys()


@pytest.mark.parametrize("room", sorted(ROOMS.keys() - SHARED))
def test_the_init_of_a_question_shows_the_contract(room):
    module = import_module(f"dlfa_core.experiments.{room}")
    assert isinstance(module, Experiment)
    assert name_of(module) == room
    assert {"VERSION", "Spec", "Result", "inputs", "run"} <= set(module.__all__)
    optional = {"table", "intact", "inputs_at_hand"}
    assert optional & vars(module).keys() <= set(module.__all__)
    assert all(hasattr(module, name) for name in module.__all__)


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
        "import dlfa_core.figures, dlfa_core.data, dlfa_core.measures, dlfa_core.languages, dlfa_core.report",
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
