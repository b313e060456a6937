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
from tests.experiments.labelled_small import save_sentences, save_tags

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
    launch = (
        ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)] if processes > 1 else []
    )
    settings = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true", "DLFA_HOME": str(home)}
    return subprocess.run(
        [sys.executable, *launch, *program, *options],
        cwd=folder,
        env=os.environ | settings,
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
def test_two_processes_give_the_weights_of_one(model, tmp_path):
    """For the same batches of sentences, half of each in either process."""
    config = Path(model) / "config.json"
    still = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    config.write_text(json.dumps(json.loads(config.read_text()) | still))
    (tmp_path / "program.py").write_text(WITHOUT_DROPOUT)
    task, weights, losses = save_sentences(tmp_path / "task"), [], []
    for processes in (1, 2):
        out = str(tmp_path / f"trained by {processes}")
        spec = train.Spec(
            out=out,
            task=task,
            model=model,
            mode="finetune",
            layer=1,
            norm="layer",
            epochs=2,
            batch_size=8,
            accumulation=1,
            lr=1e-3,
            dtype="float32",
            resamples=0,
        )
        options = store.command_line("train", spec).split(" train ", 1)[1]
        done = run(tmp_path, processes, tmp_path / out, ["program.py"], "train", *shlex.split(options))
        assert done.returncode == 0, done.stderr
        weights.append(load_file(Path(out) / "model.safetensors"))
        history = next((tmp_path / out).rglob("history.parquet"))
        losses.append(pd.read_parquet(history)["loss"].to_numpy())
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-4)
    assert weights[0].keys() == weights[1].keys()
    for name, one in weights[0].items():
        np.testing.assert_allclose(weights[1][name], one, atol=1e-4, err_msg=name)


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
    done = run(tmp_path, 2, home, command)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Stored in") == 1
    together = store.find(transfer, spec)
    assert together is not None
    monkeypatch.setenv("DLFA_HOME", str(home / "alone"))
    alone = store.fetch(transfer, spec)
    assert list(together.history) == list(alone.history)
    pd.testing.assert_frame_equal(together.heads[["fusion", "layer", "seed"]], alone.heads[["fusion", "layer", "seed"]])
    assert together.hits.shape == alone.hits.shape
    assert not list((home / store.UNFINISHED / "train").iterdir())
