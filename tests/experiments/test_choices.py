"""Multiple choice from files to scores: many heads at once, and one model that is trained and saved."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from dlfa_core.__main__ import main
from dlfa_core.data.tasks import open_task
from dlfa_core.experiments import recommend, sweep, train, transfer
from dlfa_core.figures.sentences import recommend as advice
from dlfa_core.models import DlfaForMultipleChoice, load_task_model
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
