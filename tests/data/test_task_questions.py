"""Questions with passages: every form that they are read in, and one error for every way in which a file is broken."""

import json
from unicodedata import normalize

import pyarrow
import pytest
from pyarrow import parquet

from dlfa_core.data import CorpusError
from dlfa_core.data.tasks import QuestionSet, files_of, open_task
from dlfa_core.data.tasks.splits import groups_of
from dlfa_core.data.tasks.squad import asks_across, read_questions

CONTEXT = "Ada Lovelace was born in London. She wrote about an engine."
ANSWERS = [("London", 25), ("an engine", 49)]


def asked(name="q1", text="London", start=25, **more):
    return {"id": name, "question": "Where?", "answers": [{"text": text, "answer_start": start}], **more}


def squad(*questions, context=CONTEXT, indent=None):
    whole = {"version": "1.1", "data": [{"title": "t", "paragraphs": [{"context": context, "qas": list(questions)}]}]}
    return json.dumps(whole, ensure_ascii=False, indent=indent)


def rows_of(prefix, n=3, **more):
    return [
        {
            "id": f"{prefix}{row}",
            "context": f"{prefix} {row}. {CONTEXT}",
            "question": "Where?",
            "answers": {"text": ["London"], "answer_start": [len(f"{prefix} {row}. ") + 25]},
            **more,
        }
        for row in range(n)
    ]


def as_squad(rows):
    def one(row):
        answers = zip(row["answers"]["text"], row["answers"]["answer_start"], strict=True)
        pairs = [{"text": text, "answer_start": start} for text, start in answers]
        return {"context": row["context"], "qas": [{**row, "answers": pairs}]}

    return json.dumps({"data": [{"title": "t", "paragraphs": [one(row) for row in rows]}]})


def as_lines(rows):
    return "\n".join(json.dumps(row) for row in rows)


def as_parquet(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pyarrow.Table.from_pylist(rows), path)


@pytest.fixture
def write(tmp_path):
    """Writes files by name, and gives the folder."""

    def written(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return written


def broken(write, text, name="train-en.json"):
    with pytest.raises(CorpusError) as error:
        read_questions(write({name: text}) / name)
    return str(error.value)


@pytest.mark.parametrize("name", ["qa:sample", "mlqa:sample"])
def test_the_sample_has_answers_where_they_stand_in_six_languages(name):
    task = open_task(name)
    assert set(task.languages) == {"eng", "deu", "spa", "cmn", "hin", "arb"}
    assert task.licence == "CC BY 4.0" or name.startswith("mlqa")
    for part in (task.train, task.dev, *task.tests.values()):
        assert part.labels == ("start", "end")
        assert len(part) >= 40
        for context, gold in zip(part.contexts, part.gold, strict=True):
            assert gold
            assert all(context[start : start + len(text)] == text for text, start in gold)
    assert len({test.ids for test in task.tests.values()}) == 1
    assert len(files_of(name)) == 8


@pytest.mark.parametrize("form", ["json", "jsonl", "parquet", "rows", "data"])
def test_every_form_holds_the_same_questions(tmp_path, form):
    rows = rows_of("r", 4)
    path = tmp_path / f"train-en.{'json' if form in ('rows', 'data') else form}"
    if form == "parquet":
        as_parquet(path, rows)
    else:
        writers = {
            "json": as_squad,
            "jsonl": as_lines,
            "rows": json.dumps,
            "data": lambda own: json.dumps({"data": own}),
        }
        path.write_text(writers[form](rows), encoding="utf-8")
    found = read_questions(path)
    assert [(one.id, one.context, one.language, one.split) for one in found] == [
        (row["id"], row["context"], "eng", "train") for row in rows
    ]
    assert all(one.answers == (("London", one.context.index("London")),) for one in found)


def test_xquad_is_trained_on_squad_and_its_questions_leave_the_dev_set(write):
    dev = rows_of("dev", 4) + rows_of("shared", 3)
    folder = write(
        {
            "squad/train-v1.1.json": as_squad(rows_of("train", 4)),
            "squad/dev-v1.1.json": as_squad(dev),
            "xquad/xquad.en.json": as_squad(rows_of("shared", 3)),
            "xquad/xquad.th.json": as_squad(rows_of("shared", 3)),
        }
    )
    task = open_task(f"xquad:{folder}/squad+{folder}/xquad")
    assert (len(task.train), len(task.dev), set(task.tests)) == (4, 4, {"eng", "tha"})
    assert any("3 dev questions are left out" in note for note in task.notes)
    assert any("not here: spa, deu, ell" in note for note in task.notes)
    assert any(note.startswith("Thai: words are not parted by spaces") for note in task.notes)
    assert (task.metric, task.beside) == ("squad_f1", ("squad_em",))


def test_mlqa_keeps_what_is_asked_and_answered_in_one_language(write):
    same, other = (as_squad(rows_of(name, 3)) for name in ("t", "u"))
    folder = write(
        {
            "squad/train-v1.1.json": as_squad(rows_of("train", 4)),
            "dev/dev-context-en-question-en.json": as_squad(rows_of("dev", 4)),
            "test/test-context-de-question-de.json": same,
            "test/test-context-de-question-en.json": other,
            "test/test-context-zh-question-zh.json": same,
        }
    )
    task = open_task(f"mlqa:{folder}")
    assert {code: test.ids[0] for code, test in task.tests.items()} == {"deu": "t0", "cmn": "t0"}
    assert any(note.startswith("1 files ask in another language") for note in task.notes)
    assert task.metric == "mlqa_f1"
    assert not asks_across(folder / "test/test-context-de-question-de.json")


def test_mlqa_has_no_rules_for_other_languages(write):
    folder = write(
        {"train-en.json": as_squad(rows_of("a")), "dev-en.json": as_squad(rows_of("b")), "test-th.json": squad(asked())}
    )
    with pytest.raises(CorpusError, match=r"has rules for .*deu.* none for tha\. Open these sets as qa:PATH"):
        open_task(f"mlqa:{folder}")


def test_tydiqa_tells_languages_by_ids_and_tests_on_its_dev_sets(write):
    both = rows_of("english-", 30) + rows_of("finnish-", 5)
    dev = rows_of("english-d", 4) + rows_of("finnish-d", 4) + rows_of("telugu-d", 4)
    folder = write({"tydiqa-goldp-v1.1-train.json": as_squad(both), "tydiqa-goldp-v1.1-dev.json": as_squad(dev)})
    task = open_task(f"tydiqa:{folder}", dev_share=0.2)
    assert set(task.tests) == {"eng", "fin", "tel"}
    assert len(task.train) + len(task.dev) == 30
    assert set(task.train.contexts).isdisjoint(task.dev.contexts)
    one_each = write({"b/tydiqa.goldp.en.dev.json": as_squad(rows_of("x", 2))}) / "b"
    assert read_questions(next(one_each.iterdir()))[0].language == "eng"


@pytest.mark.parametrize(
    ("folder", "language", "split"),
    [("xquad.de", "deu", "test"), ("mlqa.hi.hi", "hin", "dev"), ("squad", "eng", "dev"), ("ru", "rus", "dev")],
)
def test_parquet_tables_of_the_hub_are_in_the_language_of_their_folder(tmp_path, folder, language, split):
    path = tmp_path / folder / "validation-00000-of-00001.parquet"
    as_parquet(path, rows_of("r"))
    assert {(one.language, one.split) for one in read_questions(path)} == {(language, split)}


def test_rows_may_say_language_and_split_themselves(write):
    rows = rows_of("a", 2, language="sw", split="validation") + rows_of("b", 2, language="German", split="test")
    found = read_questions(write({"all.jsonl": as_lines(rows)}) / "all.jsonl")
    assert [(one.language, one.split) for one in found] == [("swh", "dev")] * 2 + [("deu", "test")] * 2


def test_questions_without_an_answer_are_scored_as_squad_2_does(write):
    lacking = {
        **asked("q9"),
        "answers": [],
        "is_impossible": True,
        "plausible_answers": [{"text": "x", "answer_start": 0}],
    }
    files = {
        f"{split}-en.json": squad(
            asked(f"{split}1", is_impossible=False), {**lacking, "id": f"{split}2"}, context=f"{CONTEXT} {split}"
        )
        for split in ("train", "dev", "test")
    }
    task = open_task(f"qa:{write(files)}")
    assert (task.metric, task.beside) == ("squad2_f1", ("squad2_em",))
    assert task.train.no_answer
    assert task.tests["eng"].answers(1) == ()
    assert any("eng test 1. They are scored as SQuAD 2.0" in note for note in task.notes)


def test_the_hub_says_with_empty_lists_that_there_is_no_answer(tmp_path):
    rows = [*rows_of("a", 2), {**rows_of("b", 1)[0], "answers": {"text": [], "answer_start": []}}]
    as_parquet(tmp_path / "train-en.parquet", rows)
    assert [len(one.answers) for one in read_questions(tmp_path / "train-en.parquet")] == [1, 1, 0]


@pytest.mark.parametrize(("start", "moved"), [(24, "it stands at 25, one after"), (26, "it stands at 25, one before")])
def test_an_answer_that_is_off_by_one_is_said_with_where_it_stands(write, start, moved):
    said = broken(write, squad(asked(), asked("q2", start=start), indent=1))
    line = squad(asked(), asked("q2", start=start), indent=1).split('"q2"')[0].count("\n") + 1
    assert f"Question 2 of paragraph 1 of article 1 of train-en.json (id 'q2', line {line})" in said
    assert f"'London' at character {start}, where " in said
    assert moved in said


def test_offsets_in_bytes_or_in_utf_16_are_told(write):
    for context, start, unit in (("Ä" * 5 + " in London", 14, "bytes"), ("😀" * 3 + " London", 7, "units of UTF-16")):
        assert f"({start} counts {unit})" in broken(write, squad(asked(start=start), context=context))


@pytest.mark.parametrize(("answer", "context"), [("NFD", "NFC"), ("NFC", "NFD")])
def test_another_form_of_unicode_is_told(write, answer, context):
    said = broken(
        write, squad(asked(text=normalize(answer, "São"), start=3), context=normalize(context, "In São Paulo."))
    )
    assert f"different forms of Unicode, {answer} and {context}" in said
    assert "Normalise contexts and answers alike, to NFC" in said


def test_an_offset_behind_the_end_is_told(write):
    assert f"but the context has {len(CONTEXT)} characters" in broken(write, squad(asked(start=999)))


BROKEN = {
    "elsewhere": (squad(asked(text="Paris")), "it is not in the context at all. Copy the answer"),
    "no context": (squad(asked(), context=None), "has no context. Write the context as a text"),
    "empty context": (squad(asked(), context=" "), "has an empty context"),
    "no question": (squad({**asked(), "question": ""}), "has an empty question"),
    "twice": (squad(asked(), asked()), r"has the id of question 1 of paragraph 1 of article 1 of train-en\.json"),
    "no id": (squad({**asked(), "id": ""}), "has no id. Give every question an id"),
    "no answers": (squad({**asked(), "answers": []}), "has no answer, and no question here is marked so. Write its"),
    "unmarked": (
        squad(asked(is_impossible=False), {**asked("q2", is_impossible=False), "answers": []}),
        "has no answer, and its mark is_impossible says that it has one",
    ),
    "both": (squad(asked(is_impossible=True)), "has is_impossible: true and an answer. Take away one of the two"),
    "mark": (squad(asked(is_impossible="no")), "has is_impossible: 'no'. Write true or false"),
    "empty answer": (squad(asked(text="")), "has an empty text as an answer"),
    "no start": (squad(asked(start=None)), "has the answer 'London' at None. Write the number of the character"),
    "missing key": (squad({"id": "q", "question": "Where?"}), 'has no list "answers". Write text and answer_start'),
    "lists": (
        squad({**asked(), "answers": {"text": ["London"], "answer_start": []}}),
        "has answers whose texts and starts do not match",
    ),
    "no data": ('{"version": 1}', r'train-en\.json has no list "data"'),
    "no paragraphs": ('{"data": [{"title": "t"}]}', r'Article 1 of train-en\.json has no list "paragraphs"'),
    "no qas": ('{"data": [{"paragraphs": [{}]}]}', r'Paragraph 1 of article 1 of train-en\.json has no list "qas"'),
    "no object": ('{"data": [{"paragraphs": [{"qas": [3]}]}]}', "Question 1 of paragraph 1 .* is no object"),
    "no json": ('{"data": [\n1, 2', r"train-en\.json is not JSON: line 2 is broken at its character 5"),
    "all withheld": (as_lines([{**rows_of("a", 1)[0], "answers": {"text": [], "answer_start": []}}]), "None of the 1 "),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_in_one_sentence(write, name):
    text, expected = BROKEN[name]
    file = "train-en.jsonl" if name == "all withheld" else "train-en.json"
    with pytest.raises(CorpusError, match=expected):
        read_questions(write({file: text}) / file)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("{}\n{}", r"Line 1 of train-en\.jsonl has no id"),
        ("\nx", r"Line 2 of train-en\.jsonl is not JSON"),
        ("[1]", r"Line 1 of train-en\.jsonl is \[1\] and no object"),
        (
            as_lines([*rows_of("a", 2), *rows_of("a", 1)]),
            r"Line 3 of .* \(id 'a0'\) has the id of line 1 of train-en\.jsonl",
        ),
        (as_lines(rows_of("a", 1, language="klingon")), "is in the language 'klingon', which is not in the table"),
        (as_lines(rows_of("a", 1, split="spare")), "is in the split 'spare'. Write train, dev or test"),
    ],
)
def test_a_broken_line_is_named(write, lines, expected):
    with pytest.raises(CorpusError, match=expected):
        read_questions(write({"train-en.jsonl": lines}) / "train-en.jsonl")


def test_a_file_of_no_language_is_refused(write):
    with pytest.raises(CorpusError, match="is in no language that its file's name, its id or a key tells"):
        read_questions(write({"questions.json": squad(asked())}) / "questions.json")


def test_a_damaged_parquet_table_is_refused(write):
    with pytest.raises(CorpusError, match=r"train-en\.parquet cannot be read as a parquet table"):
        read_questions(write({"train-en.parquet": "no table"}) / "train-en.parquet")


def test_an_id_in_two_files_of_one_set_is_refused(write):
    rows = as_squad(rows_of("a", 3))
    folder = write(
        {
            "train-en.json": rows,
            "more/train-en.json": rows,
            "dev-en.json": squad(asked()),
            "test-en.json": squad(asked("q2")),
        }
    )
    with pytest.raises(CorpusError, match=r"in eng \(train\) has the id 'a0' in two files"):
        open_task(f"qa:{folder}")


def test_the_line_of_the_second_of_two_equal_ids_is_named(write):
    text = squad(asked(), asked(), indent=1)
    assert f"line {text.rsplit('q1', 1)[0].count(chr(10)) + 1})" in broken(write, text)


def test_questions_about_one_context_stay_together():
    part = QuestionSet(
        language="eng",
        split="train",
        ids=("a", "b", "c"),
        contexts=("x", "y", "x"),
        questions=("q", "q", "r"),
        gold=((("x", 0),), (("y", 0),), (("x", 0),)),
    )
    assert groups_of(part).tolist() == [0, 1, 0]
