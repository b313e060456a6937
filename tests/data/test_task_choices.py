"""XCOPA, COPA and Social IQa from files to tasks, and what is said of broken files."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from dlfa_core.data.parallel import CorpusError
from dlfa_core.data.tasks import files_of, open_task
from dlfa_core.data.tasks.choices import read_choices
from dlfa_core.data.tasks.sources import CHOICES
from dlfa_core.data.tasks.splits import groups_of, texts_of

COPA = {
    "premise": "It rained.",
    "choice1": "It is wet.",
    "choice2": "It is dry.",
    "question": "effect",
    "label": 0,
    "idx": 4,
}
SIQA = {"context": "It rained.", "question": "And then?", "answerA": "Wet.", "answerB": "Dry.", "answerC": "Hot."}


def write(path: Path, *rows) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def without(row, key):
    return {name: value for name, value in row.items() if name != key}


def test_xcopa_asks_in_english_whatever_the_language_as_xtreme_r_does(tmp_path):
    (found,) = read_choices(write(tmp_path / "test.et.jsonl", COPA | {"changed": True}))
    assert found.text == "It rained. What was the effect?"
    assert (found.choices, found.gold) == (("It is wet.", "It is dry."), "1")
    assert (found.language, found.split, found.id) == ("ekk", "test", "copa-test/4")


def test_social_iqa_has_three_answers_numbered_from_1(tmp_path):
    (found,) = read_choices(write(tmp_path / "socialiqa" / "train.jsonl", SIQA | {"label": "3"}))
    assert found.text == "It rained. And then?"
    assert (found.choices, found.gold, found.language) == (("Wet.", "Dry.", "Hot."), "3", "eng")


def test_labels_of_social_iqa_may_stand_in_a_file_beside(tmp_path):
    path = write(tmp_path / "socialiqa" / "train.jsonl", SIQA, SIQA)
    (path.parent / "train-labels.lst").write_text("2\n1\n", encoding="utf-8")
    assert [found.gold for found in read_choices(path)] == ["2", "1"]
    (path.parent / "train-labels.lst").write_text("2\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"Line 2 of train.jsonl has no label. Its file of labels is too short"):
        read_choices(path)
    (path.parent / "train-labels.lst").write_text("2\n1\n1\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="has 2 questions but its file of labels 3"):
        read_choices(path)


def test_other_questions_have_a_list_of_choices(tmp_path):
    row = {"text": "Who?", "choices": ["I", "you", "she", "we"], "label": 3, "language": "fr"}
    (found,) = read_choices(write(tmp_path / "test-de.jsonl", row))
    assert (found.gold, found.language, len(found.choices)) == ("4", "fra", 4)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (COPA | {"label": 2}, "Line 2 of test.et.jsonl has the label 2. Its 2 choices are numbered from 0 to 1"),
        (COPA | {"label": "one"}, 'has the label "one"'),
        (COPA | {"label": True}, "has the label true"),
        (SIQA | {"label": "0"}, 'has the label "0". Its 3 choices are numbered from 1 to 3'),
        (without(COPA, "choice2"), 'Line 2 of test.et.jsonl has no "choice2"'),
        (COPA | {"choice1": ""}, 'has an empty "choice1"'),
        (COPA | {"question": "reason"}, "asks for the 'reason'. XCOPA asks for the cause or the effect"),
        (COPA | {"changed": "no"}, 'has "no" as its "changed"'),
        (COPA | {"idx": "4"}, 'has "4" as its "idx". Write a whole number'),
        (COPA, r"has the id 'copa-test/4', which line 1 of test.et.jsonl has, too"),
        ({"premises": "x"}, r'has the keys premises. Lines have a "premise"'),
        ({"text": "Who?", "choices": ["I"], "label": 0}, r'has the choices \["I"\]. Write 2 to 9 texts'),
        ({"text": "Who?", "choices": ["I", 3], "label": 0}, r'has the choices \["I", 3\]'),
        (COPA | {"language": "xx", "idx": 5}, "language 'xx', which is not in the table"),
        ("{", "Line 2 of test.et.jsonl is not JSON"),
    ],
)
def test_a_broken_line_is_named_with_its_file(tmp_path, row, said):
    with pytest.raises(CorpusError, match=said):
        read_choices(write(tmp_path / "test.et.jsonl", COPA, row))


def test_withheld_labels_are_refused_with_the_reason(tmp_path):
    write(tmp_path / "copa" / "train.jsonl", *[COPA | {"idx": n, "label": n % 2, "premise": f"{n}."} for n in range(9)])
    write(tmp_path / "copa" / "val.jsonl", *[COPA | {"idx": n, "label": n % 2, "premise": f"v{n}."} for n in range(3)])
    write(tmp_path / "test.et.jsonl", *[COPA | {"idx": n, "label": -1, "premise": f"t{n}."} for n in range(9)])
    with pytest.raises(CorpusError, match=r"9 of 9 labels of XCOPA in ekk .test. are missing.*without labels"):
        open_task(f"xcopa:{tmp_path}")


def test_a_file_without_a_language_is_refused(tmp_path):
    with pytest.raises(CorpusError, match="has no language in it"):
        read_choices(write(tmp_path / "mine" / "test.jsonl", COPA))


def test_the_sample_trains_on_one_set_after_the_other_and_says_so():
    task = open_task("xcopa:sample")
    assert (task.kind, task.metric, task.labels) == ("choice", "accuracy", ("1", "2", "3"))
    assert {code: len(test) for code, test in task.tests.items()} == dict.fromkeys(
        ("deu", "eng", "spa", "ita", "cmn"), 24
    )
    assert len({test.ids for test in task.tests.values()}) == 1
    assert {test.gold for test in task.tests.values()} == {task.tests["eng"].gold}
    assert task.tests["ita"].chance == 0.5
    assert (len(task.first), task.first.chance) == (18, pytest.approx(1 / 3))
    assert (len(task.train), task.train.chance) == (72, 0.5)
    assert {name.partition("-")[0] for name in task.train.ids} == {"copa"}
    assert task.first_dev.digest == task.dev.digest  # Social IQa has none of its own here
    said = "18 questions of Social IQa are learnt first, and training goes on from there with 72 of COPA, as in"
    assert any(note.startswith(said) for note in task.notes)
    assert "Guessing is right in 50 %." in task.notes
    assert any("XTREME-R's mean of XCOPA is over 11 languages; not here: ekk, hat" in note for note in task.notes)
    assert len(files_of("xcopa:sample")) == 8


@pytest.mark.parametrize("left_out", ["siqa", "copa"])
def test_one_set_alone_is_trained_on_in_one_part(tmp_path, left_out):
    folder = tmp_path / "one"
    shutil.copytree(CHOICES, folder, ignore=shutil.ignore_patterns(left_out))
    share = 0.2 if left_out == "copa" else 0.0
    task = open_task(f"xcopa:{folder}", dev_share=share)
    assert (task.first, task.first_dev) == (None, None)
    assert {name.partition("-")[0] for name in task.train.ids} == {"siqa", "copa"} - {left_out}
    assert not any("learnt first" in note for note in task.notes)


def test_each_part_is_chosen_on_a_dev_set_of_its_own_where_there_is_one(tmp_path):
    folder = tmp_path / "both"
    shutil.copytree(CHOICES, folder)
    write(folder / "siqa" / "dev.jsonl", *[SIQA | {"context": f"Dev {n}.", "label": str(1 + n % 3)} for n in range(6)])
    task = open_task(f"xcopa:{folder}")
    assert [name.partition("-")[0] for name in task.first_dev.ids] == ["siqa"] * 6
    assert [name.partition("-")[0] for name in task.dev.ids] == ["copa"] * 12
    few = task.select(train=5, dev=4)
    assert [len(part) for part in (few.first, few.train, few.first_dev, few.dev)] == [5, 5, 4, 4]
    assert len({task.digest, few.digest, replace(task, first=None, first_dev=None).digest}) == 3


def test_choices_that_share_a_question_stay_together_when_a_dev_set_is_drawn():
    train = open_task("xcopa:sample").train
    groups, texts = groups_of(train), train.texts
    assert all(len({groups[row] for row, text in enumerate(texts) if text == one}) == 1 for one in set(texts))
    assert len(set(texts_of(train))) == len(train)
