"""Answers listed: of a typed question and of a task's, with a model of this project and with a plain one."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import transformers
from scipy.stats import norm

from dlfa_core.__main__ import main
from dlfa_core.data.tasks import open_task
from dlfa_core.experiments import answer, train
from dlfa_core.figures.sentences import answer as said
from dlfa_core.figures.sentences import summary
from dlfa_core.measures.answers import exact_match
from dlfa_core.runtime.experiment import is_typed
from tests.experiments.labelled_small import save_questions
from tests.models.tiny import save_checkpoint

PASSAGE = "the cat sees a dog and the dog walks home over a long green hill ."
SMALL = {"epochs": 3, "batch_size": 8, "lr": 2e-2, "dtype": "float32", "window": 40}


@pytest.fixture
def trained(model, tmp_path):
    """A model that learnt to answer questions."""
    task = save_questions(tmp_path / "asked")
    spec = train.Spec(task=task, model=model, out=str(tmp_path / "out"), layer=2, weight="gate", **SMALL)
    return spec, train.run(spec)


@pytest.mark.parametrize("lacking", [False, True])
def test_the_first_answers_of_a_task_are_those_that_training_scored(model, tmp_path, lacking):
    task = save_questions(tmp_path / "asked", lacking=lacking)
    spec = train.Spec(task=task, model=model, out=str(tmp_path / "out"), layer=2, weight="gate", **SMALL)
    scores = train.run(spec).scores
    result = answer.run(answer.Spec(model=spec.out, task=task, n_best=5))
    first = result.found[result.found["measure"] == "first"].set_index("language")
    exact = scores[scores["measure"] == f"{'squad2' if lacking else 'squad'}_em"].set_index("language")["value"]
    for code, test in open_task(task).tests.items():
        assert first.loc[code, "value"] == pytest.approx(
            exact[code], abs=1 / 24
        )  # one may be undecided but for rounding
        own = result.answers[result.answers["language"] == code]
        for row, name in enumerate(test.ids):
            listed = own[own["id"] == name]
            assert listed["probability"].sum() == pytest.approx(1)
            assert listed["probability"].is_monotonic_decreasing or lacking
            assert ("" in set(listed["text"])) == lacking
            rules = "squad2" if lacking else "squad"
            expected = [exact_match(text, test.answers(row), rules, code) for text in listed["text"]]
            assert listed["exact"].tolist() == expected
    shares = result.found.set_index(["language", "measure"])
    for row in result.found.to_dict("records"):  # Wilson (1927): the ends are as far from the share as chance allows
        n, z = row["n"], norm.ppf(0.975)
        for end in {row["ci_low"], row["ci_high"]} - {0.0, 1.0}:
            assert abs(row["value"] - end) == pytest.approx(z * np.sqrt(end * (1 - end) / n))
        assert shares.loc[(row["language"], "first"), "value"] <= shares.loc[(row["language"], "listed"), "value"]
    assert "the first is right in" in summary("answer", result)


def test_a_typed_question_gets_a_list_of_parts_of_its_passage(trained):
    spec, _ = trained
    asked = answer.Spec(model=spec.out, question="the cat sees", context=PASSAGE, language="en", n_best=4)
    result = answer.run(asked)
    assert result.answers["rank"].tolist() == [1, 2, 3, 4]
    assert result.answers["exact"].isna().all()
    assert result.found.empty
    for row in result.answers.to_dict("records"):
        assert PASSAGE[row["first"] : row["last"]] == row["text"]
    assert result.meta["trained_on"].startswith("Questions, English, 16 examples")
    best, second = result.answers["text"][:2]
    text = summary("answer", result)
    assert text.startswith(f"The likeliest answer is {said.written(best)}, with ")
    assert f"of the 4 answers listed; next is {said.written(second)}" in text
    assert is_typed(asked)
    assert not is_typed(answer.Spec(task="qa:sample"))


def test_windows_do_not_change_what_may_be_answered(trained):
    """A long passage is read in windows; every part of it that was a possible answer in one window still is."""
    spec, _ = trained
    asked = answer.Spec(model=spec.out, question="the dog", context=PASSAGE, n_best=10_000, longest=2)
    whole, parts = (answer.run(replace(asked, window=window, stride=3)).answers for window in (40, 12))
    assert set(parts["text"]) == set(whole["text"])
    assert not np.allclose(whole["score"].max(), parts["score"].max())


def test_a_plain_model_of_transformers_answers_too(tmp_path):
    """Second route: the sums of what the model says of every two subwords of the only window."""
    kind = transformers.AutoModelForQuestionAnswering
    folder = str(save_checkpoint(tmp_path / "plain", model_class=kind))
    result = answer.run(answer.Spec(model=folder, question="the cat", context=PASSAGE, n_best=10_000))
    model = kind.from_pretrained(folder).eval()
    read = transformers.AutoTokenizer.from_pretrained(folder)
    encoded = read("the cat", PASSAGE, return_tensors="pt", return_token_type_ids=True)
    with torch.inference_mode():
        found = model(**encoded)
    inside = [position for position, part in enumerate(encoded.sequence_ids(0)) if part == 1]
    sums = [float(found.start_logits[0, a] + found.end_logits[0, b]) for a in inside for b in inside if a <= b < a + 30]
    assert result.answers["score"].max() == pytest.approx(max(sums), abs=1e-4)
    assert result.meta["trained_on"] == ""


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "Give either a question with a context, or a task such as qa:sample"),
        ({"question": "who", "context": "a cat", "task": "qa:sample"}, "Give either a question"),
        ({"question": "who"}, "The context is empty: an answer is a part of a context"),
        ({"context": "a cat", "question": " "}, "The question is empty"),
        ({"task": "xcopa:sample"}, "xcopa:sample asks no questions about contexts: use qa:PATH"),
        ({"question": "who", "context": "a cat", "language": "xx"}, "xx"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_reason(model, changes, message):
    with pytest.raises(ValueError, match=message):
        answer.run(answer.Spec(model=model, **changes))


def test_a_model_that_answers_nothing_is_refused(tmp_path):
    kind = transformers.AutoModelForTokenClassification
    folder = str(save_checkpoint(tmp_path / "tagger", model_class=kind))
    with pytest.raises(ValueError, match=r"tagger' answers no questions \(it is a BertForTokenClassification\)"):
        answer.run(answer.Spec(model=folder, question="who", context="a cat"))


def test_a_long_question_is_cut_and_said_so(trained):
    spec, _ = trained
    asked = answer.Spec(model=spec.out, question="cat " * 80, context=PASSAGE)
    with pytest.raises(ValueError, match="window=40 leaves no room for a context beside a question of 64 subwords"):
        answer.run(asked)
    assert list(answer._cut({"": 1}, {"": 1})) == ["The question was cut at 64 subwords, as XTREME does."]
    assert next(answer._cut({"deu": 1}, {"deu": 3})).startswith("1 of 3 test questions in German were cut")


def test_sentences_of_lists_that_are_short():
    rows = {"rank": [1], "text": [""], "probability": [1.0]}
    empty = {name: [] for name in rows}

    def result(rows):
        return answer.Result(answer.pd.DataFrame(rows), answer.pd.DataFrame(), {"task": ""})

    assert said.best_said(result(rows)).startswith("The likeliest answer is no answer here, with 100 % of the prob")
    assert said.best_said(result(empty)) == "The model finds nothing in the passage that may be an answer."


def test_the_command_lists_answers(trained, capsys):
    spec, _ = trained
    assert main(["answer", "--model", spec.out, "--question", "the cat sees", "--context", PASSAGE]) == 0
    assert "  1. “\u2068" in capsys.readouterr().out
    assert main(["answer", "--model", spec.out, "--task", spec.task, "--languages", "deu"]) == 0
    assert "  German: the first is right in" in capsys.readouterr().out
