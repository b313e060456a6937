"""Several processes, as `torchrun` starts them: all train together, the first one writes."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file

from dlfa_core.experiments import train, transfer
from dlfa_core.runtime import store
from tests.experiments.labelled_small import save_questions, save_sentences, save_tags

ROOT = Path(__file__).parents[2]
SETTINGS = {"fusions": ("dlfa", "last"), "layers": (1,), "weights": ("gate",), "seeds": (0,), "dtype": "float32"}

# A head drops a tenth of its numbers out, at random in each process; without, the same batch gives the same weights.
WITHOUT_DROPOUT = """
import sys
from dlfa_core.__main__ import main
from dlfa_core.experiments.train.task_training import TaskTraining

start = TaskTraining.start
TaskTraining.start = lambda self, **settings: start(self, **settings | {"dropout": 0.0})
sys.exit(main(sys.argv[1:]))
"""


def run(folder, processes, home, program, *options):
    """A program in one process, or in several that are launched together and talk over gloo."""
    several = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    settings = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true", "DLFA_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, *(several if processes > 1 else []), *program, *options],
        cwd=folder,
        env=os.environ | settings,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("save", "batch_size", "accumulation", "idle"),
    [
        pytest.param(save_sentences, 8, 1, (), id="sentences"),
        pytest.param(save_tags, 12, 2, (), id="words, not shared out evenly, and a batch that is not full"),
        pytest.param(
            save_questions, 12, 1, ("head.classifier.bias",), id="questions, whose scores may all rise without a change"
        ),
    ],
)
def test_two_processes_give_the_weights_of_one(save, batch_size, accumulation, idle, model, tmp_path):
    """Each reads half of every batch. Weights that change nothing have no gradient but noise, which Adam blows up."""
    config = Path(model) / "config.json"
    still = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    config.write_text(json.dumps(json.loads(config.read_text()) | still))
    (tmp_path / "program.py").write_text(WITHOUT_DROPOUT)
    task, weights, histories = save(tmp_path / "task"), [], []
    for processes in (1, 2):
        out, home = tmp_path / f"trained by {processes}", tmp_path / f"home of {processes}"
        spec = train.Spec(
            out=str(out),
            task=task,
            model=model,
            mode="finetune",
            layer=1,
            norm="layer",
            epochs=2,
            batch_size=batch_size,
            accumulation=accumulation,
            lr=1e-3,
            dtype="float32",
            resamples=0,
        )
        options = store.command_line("train", spec).split(" train ", 1)[1]
        run(tmp_path, processes, home, ["program.py"], "train", *shlex.split(options))
        weights.append(load_file(out / "model.safetensors"))
        histories.append(pd.read_parquet(next(home.rglob("history.parquet"))))
    pd.testing.assert_frame_equal(*histories, rtol=1e-4)
    assert weights[0].keys() == weights[1].keys()
    for name, one in weights[0].items():
        if not name.endswith(("key.bias", *idle)):
            np.testing.assert_allclose(weights[1][name], one, atol=1e-5, rtol=1e-3, err_msg=name)


@pytest.mark.slow
def test_two_processes_train_as_one_and_one_of_them_writes(model, tmp_path, home, monkeypatch):
    """Half of a batch each: the losses are those of one process, but for what batch norm sees."""
    spec = transfer.Spec(
        task=save_tags(tmp_path / "tags"),
        model=model,
        mode="finetune",
        norm="layer",
        epochs=2,
        batch_size=8,
        accumulation=1,
        resamples=20,
        **SETTINGS,
    )
    command = store.command_line("transfer", spec).split()[1:]
    assert run(tmp_path, 2, home, command).count("Stored in") == 1
    together = store.find(transfer, spec)
    assert together is not None
    monkeypatch.setenv("DLFA_HOME", str(home / "alone"))
    alone = store.fetch(transfer, spec)
    assert list(together.history) == list(alone.history)
    pd.testing.assert_frame_equal(together.heads[["fusion", "layer", "seed"]], alone.heads[["fusion", "layer", "seed"]])
    assert together.hits.shape == alone.hits.shape
    assert not list((home / store.UNFINISHED / "train").iterdir())
