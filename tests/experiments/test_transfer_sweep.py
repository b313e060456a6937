import json
import os
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pandas as pd
import pytest

from dlfa_core.experiments import sweep, transfer
from dlfa_core.figures.sentences import summary
from dlfa_core.runtime import store
from tests.experiments.labelled_small import save_sentences, save_tags

ROOT = Path(__file__).parents[2]
KILLING = """
import json, os, random, signal, sys
from pathlib import Path

import torch
from dlfa_core import models
from dlfa_core.experiments import sweep, transfer
from dlfa_core.runtime import store

kills, settings = int(sys.argv[1]), json.loads(sys.argv[2])
spec = sweep.Spec(**{name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()})


def run(home, seconds=0):  # in a process that dies after so many seconds of the processor; 0: never
    child = os.fork()
    if not child:
        signal.setitimer(signal.ITIMER_PROF, seconds)
        os.environ["DLFA_HOME"] = home
        store.fetch(sweep, spec)
        os._exit(0)
    _, status, used = os.wait4(child, 0)
    return status, used.ru_utime + used.ru_stime


def finished():
    paths = (path for name in ("transfer", "train") for path in Path("killed/results", name).glob("*/spec.json"))
    return {path.parent.name: path.stat().st_mtime_ns for path in paths}


torch.set_num_threads(1)
transfer.run(sweep.specs(spec)[0])  # imports what is imported on first use, which each run would do anew
status, used = run("whole")
assert status == 0
typical = used / len(sweep.specs(spec))
chance, killed, before = random.Random(7), 0, {}
for _ in range(kills):
    status, _ = run("killed", chance.uniform(0, 1.5 * typical))
    killed += os.WIFSIGNALED(status)
    now = finished()
    assert before.items() <= now.items(), "a finished run was repeated or lost"
    before = now
assert run("killed")[0] == 0
assert before.items() <= finished().items()
print(killed, len(before))
"""


@pytest.fixture
def spec(model, tmp_path):
    tasks = save_sentences(tmp_path / "animals"), save_tags(tmp_path / "tags")
    return sweep.Spec(
        tasks=tasks,
        models=(model,),
        fusions=("dlfa", "last"),
        epochs=1,
        seeds=(0,),
        resamples=20,
        batch_size=8,
        dtype="float32",
    )


def test_a_sweep_is_its_runs_one_below_the_other(spec):
    result = sweep.run(spec)
    for one in sweep.specs(spec):
        alone = transfer.run(one)
        rows = result.differences[result.differences["task"] == one.task].reset_index(drop=True)
        pd.testing.assert_frame_equal(rows[alone.differences.columns], alone.differences)
    assert list(result.heads)[:5] == ["task", "model", "source_language", "mode", "norm"]


def test_runs_that_are_stored_are_not_computed_again(spec, monkeypatch):
    first = store.fetch(transfer, sweep.specs(spec)[0])
    ran = []
    run = transfer.run
    monkeypatch.setattr(transfer, "run", lambda one, progress: ran.append(one) or run(one, progress))
    result = sweep.run(spec)
    assert ran == sweep.specs(spec)[1:]
    pd.testing.assert_frame_equal(result.scores.iloc[: len(first.scores)][first.scores.columns], first.scores)


FEW = {"norms": ["batch", "layer"], "fusions": ["dlfa", "last"]}
FROZEN = {"norms": ["batch", "layer"], "fusions": ["dlfa", "average", "last"], "seeds": [0, 1]}
FINETUNE = {"modes": ["finetune"], "fusions": ["dlfa", "last"], "layers": [1], "weights": ["gate"], "eval_steps": 1}


@pytest.mark.parametrize(
    ("kills", "settings"),
    [
        (5, FEW),
        pytest.param(20, FROZEN, marks=pytest.mark.slow),
        pytest.param(6, FINETUNE, marks=pytest.mark.slow),
    ],
    ids=["5 frozen", "20 frozen", "6 finetune"],
)
def test_a_sweep_killed_at_random_moments_ends_as_one_that_was_not(spec, tmp_path, kills, settings):
    shared = {"epochs": 2, "resamples": 20, "batch_size": 8, "dtype": "float32"}
    wanted = {"tasks": spec.tasks, "models": spec.models, "seeds": [0], **shared, **settings}
    done = subprocess.run(
        [sys.executable, "-c", KILLING, str(kills), json.dumps(wanted)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[0]) == kills
    whole, killed = (store.Store(tmp_path / home / "results") for home in ("whole", "killed"))
    results = [sorted((one.root / "sweep").iterdir()) for one in (whole, killed)]
    assert [path.name for path in results[0]] == [path.name for path in results[1]]
    for table in sweep.FRAMES:
        frames = [pd.read_parquet(folder / f"{table}.parquet") for (folder,) in results]
        pd.testing.assert_frame_equal(*frames)
    assert len(list((killed.root / "transfer").iterdir())) == len(settings.get("norms", [0])) * len(spec.tasks)
    assert len(frames[0]) > 0


def test_the_grid_holds_every_combination_once(spec):
    runs = sweep.specs(replace(spec, norms=("batch", "none", "batch")))
    assert len(runs) == len(set(runs)) == 4
    assert {one.norm for one in runs} == {"batch", "none"}
    assert all(one.epochs == 1 and one.fusions == ("dlfa", "last") for one in runs)


def test_an_empty_axis_is_refused(spec):
    with pytest.raises(ValueError, match="tasks is empty, so the sweep has nothing to run: name at least one"):
        sweep.run(replace(spec, tasks=()))


def test_an_error_leaves_finished_runs_stored(spec):
    broken = replace(spec, tasks=(*spec.tasks[:1], "sentence:/nowhere"))
    with pytest.raises(ValueError, match="nowhere"):
        sweep.run(broken)
    assert store.find(transfer, sweep.specs(spec)[0]) is not None


def test_the_summary_and_progress_name_each_run(spec):
    messages = []
    text = summary("sweep", sweep.run(spec, lambda _, message: messages.append(message)))
    assert f"Sentences with {spec.models[0]} (frozen, norm batch), accuracy above the last layer:" in text
    assert "  DLFA literal, best at layer" in text
    assert f"Note: {spec.tasks[1]}: Fewer than three seeds" in text
    assert any(message.startswith(f"{spec.tasks[1]}, 2 of 2: ") for message in messages)


def test_shared_settings_have_the_names_and_defaults_of_a_run():
    axes = dict(zip(sweep.GRID, sweep.GRID.values(), strict=True))
    ours = {field.name: field.default for field in fields(sweep.Spec)}
    theirs = {field.name: field.default for field in fields(transfer.Spec)}
    for plural, name in axes.items():
        assert ours.pop(plural) == (theirs.pop(name),)
    assert ours == theirs
