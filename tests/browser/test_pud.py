"""A real corpus from the page and from the command line: all languages of PUD, and the same numbers."""

import os
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
PUD = ROOT.parent / "shared" / "data" / "ud-pud"
HOURS = 4 * 3_600_000  # milliseconds
KEYS = ["measure", "layer", "source", "target"]


@pytest.mark.slow
@pytest.mark.skipif(not PUD.is_dir(), reason="needs the PUD treebanks beside the repository")
def test_all_of_pud_from_the_page_and_the_command_line_gives_the_same_numbers(page, app, tmp_path):
    page.goto(f"{app}/Layers?{urlencode({'corpus': f'pud:{PUD}'})}")
    page.get_by_role("button", name="Compute").click()
    with page.expect_download(timeout=HOURS) as download:
        page.get_by_role("button", name="Pairs as CSV").click(timeout=HOURS)
    download.value.save_as(tmp_path / "page.csv")

    command = shlex.split(page.locator("pre.command").inner_text())
    environment = os.environ | {"DLFA_HOME": str(tmp_path / "home")}
    table = ["--out", str(tmp_path / "all")]
    subprocess.run([sys.executable, *command[1:], *table], cwd=ROOT, env=environment, check=True)

    seen = pd.read_csv(tmp_path / "page.csv").sort_values(KEYS, ignore_index=True)
    typed = pd.read_parquet(tmp_path / "all" / "pairs.parquet").sort_values(KEYS, ignore_index=True)
    assert seen[KEYS].nunique()[["source", "target"]].max() >= 16
    assert set(seen["source"]) | set(seen["target"]) == set(typed["source"]) | set(typed["target"])
    pd.testing.assert_frame_equal(seen, typed, check_dtype=False, rtol=1e-5, atol=1e-6)
