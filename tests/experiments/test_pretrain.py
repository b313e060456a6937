"""Training a tiny model from files: it learns, it can be stopped, and its result loads like any other model."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from dlfa_core.experiments import pretrain
from dlfa_core.models import Encoder
from dlfa_core.runtime.progress import Cancelled

ENGLISH = ("cat", "dog", "sees", "runs", "old", "red", "big", "house")
GERMAN = ("Katze", "Hund", "sieht", "läuft", "alt", "rot", "groß", "Haus")


@pytest.fixture
def spec(tmp_path):
    """Sentences of four words out of eight; a translation is word by word."""
    rng = np.random.default_rng(0)
    rows = [rng.choice(8, size=4, replace=False) for _ in range(60)]
    languages = (("en", ENGLISH), ("de", GERMAN))
    texts = {code: [" ".join(words[i] for i in row) for row in rows] for code, words in languages}
    (tmp_path / "text").mkdir()
    for code, lines in texts.items():
        (tmp_path / "text" / f"{code}.txt").write_text("\n".join(lines * 3), encoding="utf-8")
    table = "\n".join(["en\tde", *(f"{en}\t{de}" for en, de in zip(texts["en"], texts["de"], strict=True))])
    (tmp_path / "parallel.tsv").write_text(table, encoding="utf-8")
    return pretrain.Spec(
        out=str(tmp_path / "model"),
        text=str(tmp_path / "text"),
        parallel=(f"table:{tmp_path / 'parallel.tsv'}",),
        watch=f"table:{tmp_path / 'parallel.tsv'}",
        watch_limit=40,
        vocab_size=150,
        hidden_size=12,
        layers=3,
        heads=2,
        intermediate_size=24,
        rank_layer=2,
        steps=12,
        tokens=160,
        pairs=8,
        check_every=4,
    )


def weights(folder):
    return torch.load(f"{folder}/safe-point.pt", weights_only=True)["model"]


def test_both_losses_fall_and_the_model_loads_like_any_other(spec, tmp_path):
    result = pretrain.run(replace(spec, steps=60, check_every=20))
    first, last = result.history.iloc[0], result.history.iloc[-1]
    assert last.hidden_word_loss < first.hidden_word_loss
    assert last.ranking_loss < first.ranking_loss
    assert result.history.tokens.is_monotonic_increasing
    assert Encoder.from_pretrained(result.folder).encode(["cat sees dog"]).vectors.shape == (4, 1, 12)


def test_retrieval_is_measured_at_every_layer_of_every_check(spec):
    retrieval = pretrain.run(spec).retrieval
    assert [*zip(retrieval.step, retrieval.layer, strict=True)] == [(s, k) for s in (4, 8, 12) for k in range(4)]
    assert retrieval.value.between(0, 1).all()


def test_a_run_that_was_stopped_ends_like_one_that_was_not(spec, tmp_path):
    pretrain.run(spec)
    stopped = replace(spec, out=str(tmp_path / "stopped"))

    def stop_after_step_9(fraction, message):
        if message.startswith("Step 9:"):
            raise Cancelled

    with pytest.raises(Cancelled):
        pretrain.run(stopped, stop_after_step_9)
    resumed = pretrain.run(stopped)
    assert resumed.history.step.tolist() == [4, 8, 12]
    once, twice = weights(spec.out), weights(stopped.out)
    assert all(torch.equal(once[name], twice[name]) for name in once)


def test_the_best_model_stays_when_later_ones_are_worse(spec, tmp_path, monkeypatch):
    scores = iter([0.2, 0.9, 0.1])
    monkeypatch.setattr(pretrain, "_measure", lambda *_: [{"layer": 0, "value": next(scores)}])
    monkeypatch.setattr(
        pretrain.models.Training, "export", lambda self, folder: _stamp(folder, self.step), raising=True
    )
    pretrain.run(spec)
    assert json.loads((tmp_path / "model" / "step.json").read_text()) == 8


def _stamp(folder, step):
    folder.mkdir(exist_ok=True)
    (folder / "step.json").write_text(json.dumps(step))


def test_without_a_rank_layer_only_hidden_words_are_learnt(spec):
    history = pretrain.run(replace(spec, rank_layer=0, steps=4)).history
    assert history.ranking_loss.isna().all()
    assert history.hidden_word_loss.notna().all()


def test_a_rank_layer_beyond_the_last_block_is_refused(spec):
    with pytest.raises(ValueError, match="rank_layer=9 is no block of a model with 3"):
        pretrain.run(replace(spec, rank_layer=9))


def test_inputs_name_text_and_every_corpus(spec):
    assert set(pretrain.inputs(spec)) == {"text", *spec.parallel}
