"""What the browser runs: the sources in frontend/map, and the bundles that are built from them."""

import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from dlfa_core import figures
from dlfa_core import languages as lang
from dlfa_core.figures.point_map import FOLDER

FRONTEND = Path(__file__).parents[2] / "frontend" / "map"
SOURCES = sorted((FRONTEND / "src").iterdir())
HEADER = re.compile(r"/\* From frontend/map by make frontend: sources ([0-9a-f]{64}), bundle ([0-9a-f]{64}) \*/\n")
BUNDLES = ("map.css", "map_component.js", "page.js", "tree_component.js")
SCRIPTS = BUNDLES[1:]


def digest_of_sources():
    """Computed as `build.js` does."""
    digest = sha256()
    for path in sorted([*SOURCES, FRONTEND / "build.js", FRONTEND / "package-lock.json"]):
        digest.update(path.relative_to(FRONTEND).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def test_the_bundles_are_those_that_the_project_ships():
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(BUNDLES)


@pytest.mark.parametrize("name", BUNDLES)
def test_a_bundle_is_built_from_the_sources_and_changed_by_nobody(name):
    header = HEADER.match(figures.bundle(name))
    assert header[1] == digest_of_sources(), "the sources have changed: run `make frontend`"
    own = figures.bundle(name)[header.end() :]
    assert header[2] == sha256(own.encode()).hexdigest(), (
        f"{name} was edited: edit frontend/map and run `make frontend`"
    )


def test_building_again_gives_the_same_bundles(tmp_path):
    if not shutil.which("node") or not (FRONTEND / "node_modules").is_dir():
        pytest.skip("`make frontend` was not run here, or node is missing")
    subprocess.run(["node", "build.js", tmp_path], cwd=FRONTEND, check=True)
    assert {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()} == {
        name: figures.bundle(name) for name in BUNDLES
    }


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_imports_nothing_and_shows_one_thing_at_most(name):
    """In a page of Streamlit or in a file there is nowhere to import from."""
    script = figures.bundle(name)
    assert not re.search(r"\bimport\b[^\w.]", re.sub(r"\"[^\"]*\"", "", script))
    exports = re.findall(r"export\b[^;]*", script)
    assert exports == ([] if name == "page.js" else ["export{component as default}"])
    assert "</script" not in script


def test_the_lock_file_pins_the_tools_and_names_no_other_registry():
    lock = (FRONTEND / "package-lock.json").read_text("utf-8")
    assert set(re.findall(r'"resolved": "https?://([^/]+)', lock)) <= {"registry.npmjs.org"}
    wanted = re.findall(r'"(?:esbuild|@biomejs/biome)": "(.*)"', (FRONTEND / "package.json").read_text("utf-8"))
    assert len(wanted) == 2
    assert all(re.fullmatch(r"[0-9.]+", version) for version in wanted)


def test_every_family_has_its_symbol_in_the_script():
    source = (FRONTEND / "src" / "symbols.js").read_text(encoding="utf-8")
    drawn = set(re.findall(r'^  "?([\w-]+)"?: ', source.partition("export const SYMBOLS = {")[2], re.MULTILINE))
    assert {family.symbol for family in lang.FAMILIES.values()} <= drawn
