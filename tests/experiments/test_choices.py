"""Multiple choice from files to scores: many heads at once, and one model that is trained and saved."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from dlfa_core.__main__ import main
from dlfa_core.data.tasks import open_task
from dlfa_core.experiments import recommend, sweep, train, training, transfer
from dlfa_core.experiments.training import frozen
from dlfa_core.figures.sentences import recommend as advice
from dlfa_core.models import DlfaForMultipleChoice, Encoder, HeadSpec, TaskTrainer, load_task_model
from dlfa_core.runtime.progress import silent
from tests.experiments.labelled_small import ANIMALS, PLACES, SENTENCES, VERBS

SMALL = {"epochs": 3, "batch_size": 8, "lr": 2e-2, "dtype": "float32"}
FEW = {"fusions": ("dlfa", "last"), "weights": ("gate",), "layers": (1, 2), "seeds": (0, 1), "resamples": 60}


@pytest.fixture
def task(tmp_path):
    """Which of two or three goes on with a sentence? The one with its animal, in four languages."""
    folder = tmp_path / "chosen"
    folder.mkdir()
    splits = {"train": SENTENCES[0::3], "dev": SENTENCES[1::6], "test": SENTENCES[2::3] + SENTENCES[4::6]}
    for split, language in [*((split, "en") for split in splits), ("test", "de"), ("test", "hi"), ("test", "fr")]:
        rows = []
        for number, text in enumerate(splits[split]):
            animal = next(each for each in ANIMALS if each in text)
            other = ANIMALS[1 - ANIMALS.index(animal)]
            choices = [f"the {animal} {VERBS[number % 2]}", f"the {other} {VERBS[number % 2]}", PLACES[number % 4]]
            choices = choices[: 2 + number % 2]
            label = number % len(choices)
            choices.insert(label, choices.pop(0))
            rows.append({"text": f"{text} {language}", "choices": choices, "label": label, "id": f"{split}-{number}"})
        (folder / f"{split}-{language}.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return f"choice:{folder}"


@pytest.fixture
def spec(model, task):
    return transfer.Spec(task=task, model=model, **SMALL, **FEW)


def test_every_head_has_an_accuracy_with_an_interval_in_every_language(spec):
    result = transfer.run(spec)
    assert set(result.scores["measure"]) == {"accuracy"}
    assert set(result.scores["language"]) == {"eng", "deu", "hin", "fra"}
    assert set(np.unique(result.hits)) <= {0, 1}
    assert (result.gold == 1).all()
    assert (result.scores["ci_low"] <= result.scores["value"]).all()
    assert (result.scores["value"] <= result.scores["ci_high"]).all()
    assert any(warning.startswith("Guessing is right in 4") for warning in result.meta["warnings"])


@pytest.mark.parametrize("mode", ["frozen", "finetune"])
def test_scores_are_those_of_the_model_as_it_is_read_back(model, task, tmp_path, mode):
    """The second route: choice by choice through the saved model."""
    small = SMALL | {"accumulation": 1, "frozen_blocks": 1 if mode == "finetune" else 0}
    one = train.Spec(task=task, model=model, out=str(tmp_path / "out"), layer=2, weight="gate", mode=mode, **small)
    result = train.run(one)
    loaded, tokenizer = load_task_model(one.out)
    assert isinstance(loaded, DlfaForMultipleChoice)
    test, right = open_task(task).tests["deu"], []
    for text, choices, gold in zip(test.texts, test.choices, test.gold, strict=True):
        scores = []
        for choice in choices:
            encoded = tokenizer(text, choice, return_tensors="pt", return_token_type_ids=True)
            with torch.inference_mode():
                found = loaded(encoded["input_ids"], encoded["attention_mask"], encoded["token_type_ids"])
            scores.append(float(found.logits[0, 0]))
        right.append(int(np.argmax(scores)) == int(gold) - 1)
    scores = result.scores.set_index("language")["value"]
    assert scores["deu"] == pytest.approx(np.mean(right), abs=1 / 24)  # one may be undecided but for rounding


def test_the_head_that_is_kept_is_the_one_that_transfer_scores(spec, tmp_path):
    shared = {name: getattr(spec, name) for name in ("task", "model", *SMALL)}
    kept = train.run(train.Spec(**shared, out=str(tmp_path / "out"), layer=2, weight="gate", seed=1))
    rows = transfer.run(spec).scores.query("fusion == 'dlfa' and layer == 2 and seed == 1")
    expected = rows.sort_values("language")["value"]
    np.testing.assert_allclose(kept.scores.sort_values("language")["value"], expected, atol=1 / 24)


def test_a_layer_is_recommended_and_a_sweep_goes_over_tasks(spec, corpus):
    advised = recommend.run(recommend.Spec(**vars(spec), corpus=corpus))
    assert "accuracy 0." in " ".join(advice.summary(advised))
    shared = {name: getattr(spec, name) for name in (*SMALL, *FEW)}
    swept = sweep.run(sweep.Spec(tasks=(spec.task,), models=(spec.model,), **shared))
    assert set(swept.means["measure"]) == {"accuracy"}
    assert swept.means["ci_low"].notna().all()


def test_heads_choose_better_the_longer_they_learn(spec):
    result = transfer.run(replace(spec, epochs=30, patience=30, fusions=("last",)))
    first = result.history[result.history["epoch"] == 1]["loss"].mean()
    assert result.history.groupby(["fusion", "seed"])["loss"].min().max() < first


@pytest.mark.parametrize("command", ["train", "transfer"])
def test_commands_choose_among_the_bundled_causes_and_effects(command, model, capsys):
    given = [command, "--task", "xcopa:sample", "--model", model, "--train-limit", "20", "--epochs", "1"]
    given += ["--layer", "2"] if command == "train" else ["--layers", "1", "2", "--fusions", "dlfa", "last"]
    assert main([*given, "--resamples", "20", "--languages", "deu", "cmn", "ita", "spa"]) == 0
    assert "Guessing is right in 50 %" in capsys.readouterr().out


IN_PARTS = train.Spec(
    task="xcopa:sample", layer=1, train_limit=12, languages=("ita",), resamples=0, **SMALL | {"epochs": 2}
)


def test_heads_go_on_with_copa_from_their_best_on_social_iqa(model):
    """The second route: two trainings, the second of the heads that the first left."""
    encoder = Encoder.from_pretrained(model, dtype="float32")
    whole = training.chosen_task(IN_PARTS, IN_PARTS.task, "eng")
    social = replace(whole, train=whole.first, dev=whole.first_dev, first=None, first_dev=None)
    copa = replace(whole, first=None, first_dev=None)
    backwards = replace(whole, first=whole.train, first_dev=whole.dev, train=whole.first, dev=whole.first_dev)
    plans = [HeadSpec("dlfa", 1, "gate", 0), HeadSpec("last", None, None, 1)]
    recipe = training.recipe_of(
        IN_PARTS, training.schedule_of(replace(IN_PARTS, patience=0), "frozen", "xcopa:x"), None
    )
    found, alone, other, by_hand = (
        training.fit_frozen(encoder, task, plans, recipe, silent) for task in (whole, copa, backwards, social)
    )
    _, scores, _, history, _ = frozen._fit(by_hand.reader, copa, by_hand.heads, recipe, silent)
    np.testing.assert_array_equal(found.dev_scores, scores)
    np.testing.assert_allclose(found.history["loss"], history["loss"], rtol=1e-5)
    for index in range(len(plans)):
        mine, expected = found.heads.state_of(index), by_hand.heads.state_of(index)
        for name, weight in expected.items():
            torch.testing.assert_close(mine[name], weight, atol=1e-5, rtol=1e-5)
        for another in (alone, other):
            assert not all(torch.allclose(mine[name], weight) for name, weight in another.heads.state_of(index).items())


def weights_of(model):
    return {name: weight.detach().clone() for name, weight in model.state_dict().items()}


@pytest.fixture
def seen(monkeypatch):
    """What each training read, choices of a question, and the weights before and after."""
    trainings, fit = [], TaskTrainer.fit

    def recorded(trainer, readings, dev, score, progress):
        before = weights_of(trainer.model)
        tuned = fit(trainer, readings, dev, score, progress)
        trainings.append(({len(reading.pairs) for reading in readings}, before, weights_of(trainer.model)))
        return tuned

    monkeypatch.setattr(TaskTrainer, "fit", recorded)
    return trainings


class Stopped(Exception):
    pass


def test_a_model_learns_social_iqa_and_goes_on_with_copa_even_when_it_was_stopped(model, seen):
    one = replace(IN_PARTS, model=model, mode="finetune", accumulation=1)
    result = train.run(one)
    assert [choices for choices, *_ in seen] == [{3}, {2}]
    (_, started, social), (_, went_on, copa) = seen
    assert all(torch.equal(weight, went_on[name]) for name, weight in social.items())
    assert not all(torch.equal(weight, social[name]) for name, weight in started.items())
    assert not all(torch.equal(weight, copa[name]) for name, weight in went_on.items())

    again = replace(one, resamples=20)  # has checkpoints of its own
    seen.clear()

    def stop(done, message):
        if message.startswith("Training") and done > 0.03 + 0.77 * 0.8:
            raise Stopped

    with pytest.raises(Stopped):
        train.run(again, stop)
    assert [choices for choices, *_ in seen] == [{3}]
    np.testing.assert_array_equal(train.run(again).classes, result.classes)
    assert all(torch.equal(weight, seen[-1][2][name]) for name, weight in copa.items())
