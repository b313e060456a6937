"""Several processes, as `torchrun` starts them: all train together, the first one writes."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from dlfa_core.experiments import transfer
from dlfa_core.runtime import store
from tests.experiments.labelled_small import save_tags

ROOT = Path(__file__).parents[2]
SETTINGS = {"fusions": ("dlfa", "last"), "layers": (1,), "weights": ("gate",), "seeds": (0,), "dtype": "float32"}


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
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = store.command_line("transfer", spec).split()[1:]
    done = subprocess.run(
        [*launch, *command],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true"},
        capture_output=True,
        text=True,
    )
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
