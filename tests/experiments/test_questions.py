"""Question answering from files to scores: many heads at once, and one model that is trained and saved."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dlfa_core.__main__ import main
from dlfa_core.data.tasks import open_task
from dlfa_core.experiments import recommend, sweep, train, transfer
from dlfa_core.experiments.sources import cautions
from dlfa_core.figures.sentences import recommend as advice
from dlfa_core.measures.answers import answer_f1, exact_match
from dlfa_core.models import DlfaForQuestionAnswering, load_task_model
from dlfa_core.runtime import store
from tests.experiments.labelled_small import save_questions

SMALL = {"epochs": 3, "batch_size": 8, "lr": 2e-2, "dtype": "float32", "window": 16, "stride": 3}
FEW = {"fusions": ("dlfa", "last"), "weights": ("gate",), "layers": (1, 2), "seeds": (0, 1), "resamples": 60}


@pytest.fixture
def task(tmp_path):
    return save_questions(tmp_path / "asked")


@pytest.fixture
def spec(model, task):
    return transfer.Spec(task=task, model=model, **SMALL, **FEW)


def test_every_head_has_a_score_for_every_question(spec):
    result = transfer.run(spec)
    assert set(result.scores["measure"]) == {"squad_f1", "squad_em"}
    assert result.hits.shape == (6, 48)
    assert ((result.hits >= 0) & (result.hits <= 1)).all()
    assert ((result.hits > 0) & (result.hits < 1)).any()  # some answers share a part of their words
    f1 = result.scores[result.scores["measure"] == "squad_f1"]
    for language, rows in f1.groupby("language", sort=False):
        own = (result.examples["language"] == language).to_numpy()
        np.testing.assert_allclose(rows["value"], result.hits[:, own].mean(axis=1), atol=1e-6)
    assert (f1["ci_low"] <= f1["value"]).all()
    assert (f1["value"] <= f1["ci_high"]).all()
    assert (f1["ci_low"] < f1["ci_high"]).any()
    exact = result.scores[result.scores["measure"] == "squad_em"]
    assert (exact["value"].to_numpy() <= f1["value"].to_numpy() + 1e-6).all()


def test_statistics_of_a_stored_result_are_those_it_was_stored_with(spec):
    kept = store.fetch(transfer, spec)
    again = transfer.gains_of(kept).scores()
    first = kept.scores[kept.scores["measure"] == "squad_f1"]
    for name in ("value", "ci_low", "ci_high"):
        np.testing.assert_allclose(again[name], first[name], atol=1e-6)


def test_heads_learn_what_they_are_trained_on(spec, tmp_path):
    """Trained and tested on the same passages, a head finds more of the answers than one that learnt nothing."""
    result = transfer.run(replace(spec, epochs=40, patience=40, fusions=("last",)))
    first = result.history[result.history["epoch"] == 1]["loss"].mean()
    assert result.history.groupby(["fusion", "seed"])["loss"].min().max() < first


@pytest.mark.parametrize("lacking", [False, True])
@pytest.mark.parametrize("mode", ["frozen", "finetune"])
def test_scores_are_those_of_the_model_as_it_is_read_back(model, tmp_path, mode, lacking):
    """The second route: question by question through the saved model, every span of the only window tried."""
    asked = save_questions(tmp_path / "asked", lacking=lacking)
    small = {**SMALL, "window": 40, "accumulation": 1}
    one = train.Spec(task=asked, model=model, out=str(tmp_path / "out"), layer=2, weight="gate", mode=mode, **small)
    result = train.run(one)
    loaded, tokenizer = load_task_model(one.out)
    assert isinstance(loaded, DlfaForQuestionAnswering)
    assert loaded.config.no_answer == lacking
    test, f1, exact = open_task(asked).tests["deu"], [], []
    for row, (question, context) in enumerate(zip(test.questions, test.contexts, strict=True)):
        encoded = tokenizer(question, context, return_tensors="pt", return_offsets_mapping=True)
        offsets, inside = encoded["offset_mapping"][0], [part == 1 for part in encoded.sequence_ids(0)]
        with torch.inference_mode():
            types = torch.tensor(encoded.encodings[0].type_ids)[None]
            logits = loaded(encoded["input_ids"], encoded["attention_mask"], types).logits[0]
        pairs = [(a, b) for a in range(len(inside)) for b in range(a, len(inside)) if inside[a] and inside[b]]
        first, last = max(pairs, key=lambda pair: float(logits[pair[0], 0] + logits[pair[1], 1]))
        said = context[offsets[first, 0] : offsets[last, 1]]
        said = "" if lacking and logits[0].sum() > logits[first, 0] + logits[last, 1] else said
        rules = "squad2" if lacking else "squad"
        f1.append(answer_f1(said, test.answers(row), rules))
        exact.append(exact_match(said, test.answers(row), rules))
    scores = result.scores[result.scores["language"] == "deu"].set_index("measure")["value"]
    rules = "squad2" if lacking else "squad"
    assert scores[f"{rules}_f1"] == pytest.approx(np.mean(f1), abs=1 / 24)  # one may be undecided but for rounding
    assert scores[f"{rules}_em"] == pytest.approx(np.mean(exact), abs=1 / 24)
    assert "question-answering" in (tmp_path / "out" / "README.md").read_text("utf-8")


def test_the_head_that_is_kept_is_the_one_that_transfer_scores(spec, tmp_path):
    shared = {name: getattr(spec, name) for name in ("task", "model", *SMALL)}
    kept = train.run(train.Spec(**shared, out=str(tmp_path / "out"), layer=2, weight="gate", seed=1))
    rows = transfer.run(spec).scores.query("fusion == 'dlfa' and layer == 2 and seed == 1")
    order = ["measure", "language"]
    expected = rows.sort_values(order)["value"]
    np.testing.assert_allclose(kept.scores.sort_values(order)["value"], expected, atol=1 / 24)


def test_a_layer_is_recommended_and_a_sweep_goes_over_tasks(spec, corpus):
    advised = recommend.run(recommend.Spec(**vars(spec), corpus=corpus))
    assert "F1 of answers 0." in " ".join(advice.summary(advised))
    shared = {name: getattr(spec, name) for name in (*SMALL, *FEW)}
    swept = sweep.run(sweep.Spec(tasks=(spec.task,), models=(spec.model,), **shared))
    assert set(swept.means["measure"]) == {"squad_f1", "squad_em"}
    assert swept.means["ci_low"].notna().all()


@pytest.mark.parametrize("command", ["train", "transfer", "sweep", "recommend"])
def test_commands_answer_the_bundled_questions(command, model, corpus, capsys):
    """With a random model of 40 positions, so that passages are read in windows; scores are not looked at."""
    few = "--train-limit 20 --dev-limit 10 --test-limit 24 --epochs 1 --resamples 20 --window 40 --stride 10"
    plural = "s" if command == "sweep" else ""
    given = [command, f"--task{plural}", "qa:sample", f"--model{plural}", model, *few.split()]
    given += ["--languages", "deu", "cmn"]
    given += ["--layer", "2"] if command == "train" else ["--layers", "1", "2", "--fusions", "dlfa", "last"]
    given += ["--corpus", corpus] if command == "recommend" else []
    assert main(given) == 0
    said = capsys.readouterr().out
    assert "F1 of answers" in said or "squad_f1" in said or "F1" in said


def test_a_smaller_window_reads_long_passages_in_parts(spec):
    wide, narrow = (transfer.run(replace(spec, window=window)) for window in (40, 12))
    assert wide.hits.shape == narrow.hits.shape
    assert not np.array_equal(wide.hits, narrow.hits)


def test_a_window_without_room_is_refused(spec):
    with pytest.raises(ValueError, match="window=6 leaves no room for a context"):
        transfer.run(replace(spec, window=6))


def test_questions_that_were_cut_are_counted():
    said = list(cautions.cut_questions({"deu": 2, "eng": 0}, {"deu": 24, "eng": 24}, 64))
    assert said == ["2 of 24 test questions in German were cut at 64 subwords, as XTREME does."]


def test_a_training_that_ends_before_its_rate_has_risen_says_so(spec):
    one = replace(
        spec, mode="finetune", layers=(1,), fusions=("last",), seeds=(0,), window=40, batch_size=16, resamples=0
    )
    said = "The training had 3 steps and its rate rises over 500, as XTREME's does with far more questions"
    assert [warning.startswith(said) for warning in transfer.run(one).meta["warnings"]].count(True) == 1
    short = replace(one, warmup=1)
    assert not any("rate rises" in warning for warning in transfer.run(short).meta["warnings"])
    assert transfer.run(short).meta["warmup"] == 1
