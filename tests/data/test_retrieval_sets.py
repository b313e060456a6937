"""Readers of LAReQA, Mewsli-X and JSON lines, and what they say of broken files."""

import json

import pytest

from dlfa_core.data.parallel import CorpusError
from dlfa_core.data.retrieval import files_of, open_retrieval
from dlfa_core.data.retrieval.mewslix import mention_text

CONTEXT = "Café is open. It has tea."


def squad(**changes):
    """One paragraph with two sentences and a question about the second."""
    question = {"id": "q1", "question": "What has it?", "answers": [{"text": "tea", "answer_start": 21}]}
    paragraph = {
        "context": CONTEXT,
        "qas": [question],
        "sentences": ["Café is open.", "It has tea."],
        "sentence_breaks": [[0, 13], [14, 25]],
    }
    for name, value in changes.items():
        target = question if name in ("id", "question", "answers") else paragraph
        target.pop(name, None)
        if value is not None:
            target[name] = value
    return {"data": [{"paragraphs": [paragraph]}]}


@pytest.fixture
def lareqa(tmp_path):
    """Write files of LAReQA by language and return their source."""

    def write(**files):
        for code, whole in files.items():
            text = whole if isinstance(whole, str) else json.dumps(whole, ensure_ascii=False, indent=1)
            (tmp_path / f"{code}.json").write_text(text, encoding="utf-8")
        return f"lareqa:{tmp_path}"

    return write


ENTITY = {"entity_id": "Q1", "description": "A drink.  Hot.", "description_language": "en", "sentence_spans": []}
MENTION = {"example_id": "m1", "entity_id": "Q1", "mention_span": {"start": 18, "end": 21, "text": "Tee"}}
ARTICLE = {
    "context": {
        "language": "de",
        "text": "Es ist kalt. Viel {Tee} hilft.",
        "sentence_spans": [{"start": 0, "end": 12}, {"start": 13, "end": 30}],
    },
    "mentions": [MENTION | {"mention_span": {"start": 19, "end": 22, "text": "Tee"}}],
}


@pytest.fixture
def mewslix(tmp_path):
    """Write the two files of Mewsli-X and return their source."""

    def write(articles=(ARTICLE,), entities=(ENTITY, ENTITY | {"entity_id": "Q2"})):
        for name, rows in (("candidate_set_entities", entities), ("wikinews_mentions-test", articles)):
            lines = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
            (tmp_path / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
        return f"mewslix:{tmp_path}"

    return write


@pytest.fixture
def lines(tmp_path):
    """Write queries and candidates as JSON lines and return their source."""

    def write(queries=({"id": "a", "language": "en", "text": "who?", "right": ["x"]},), candidates=None):
        pool = candidates or [{"id": name, "language": "fr", "text": f"lui {name}"} for name in "xy"]
        for name, rows in (("queries", queries), ("candidates", pool)):
            (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        return f"jsonl:{tmp_path}"

    return write


def test_all_sentences_are_candidates_and_the_answers_one_is_right_in_every_language(lareqa):
    found = open_retrieval(lareqa(en=squad(), de=squad()))
    assert [candidate.text for candidate in found.candidates] == ["Café is open.", "It has tea."] * 2
    assert found.languages == ("deu", "eng")
    assert found.right == [[1, 3], [1, 3]]
    assert {query.group for query in found.queries} == {"q1"}


def test_a_sentence_that_stands_twice_in_a_context_is_right_twice(lareqa):
    whole = squad(
        context="It has tea. It has tea.",
        sentences=None,
        sentence_breaks=[[0, 11], [12, 23]],
        answers=[{"text": "tea", "answer_start": 7}],
    )
    assert open_retrieval(lareqa(en=whole)).right == [[0, 1]]


def test_a_question_whose_answer_is_in_no_sentence_is_left_out_and_counted(lareqa):
    other = squad(id="q2", sentences=None, sentence_breaks=[[0, 13]])
    found = open_retrieval(lareqa(en=squad(), de=other))
    assert [query.id for query in found.queries] == ["q1_eng"]
    assert found.notes == ("1 questions are left out, because their answers begin in none of the sentences.",)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sentence_breaks": None}, r'Paragraph 1 in line 6 of en.json has no "sentence_breaks"'),
        ({"sentence_breaks": [[0, 99]]}, r"has the sentence \[0, 99\] in a context of 25 characters"),
        ({"sentence_breaks": [[0, 13]]}, "has 2 sentences but the places of 1"),
        ({"sentence_breaks": [[0, 12], [14, 25]]}, "ends the sentence .* at 12. It ends at 13"),
        ({"sentences": ["Cafe\u0301 is open.", "It has tea."]}, r"after Unicode normalisation \(NFC\) only"),
        ({"sentences": ["Café is open.", 7]}, "has 7 among its sentences"),
        (
            {"answers": [{"text": "tea", "answer_start": 20}]},
            r"Question 'q1' in line 9 .* begins at character 20.*begins at 21",
        ),
        ({"answers": [{"text": "gin", "answer_start": 21}]}, "does not hold it anywhere"),
        ({"answers": [{"text": "tea"}]}, 'has no "answer_start"'),
        ({"answers": []}, "has no answer"),
        ({"question": ""}, 'has an empty "question"'),
        ({"question": 3}, 'has 3 as its "question". Write a text there'),
        ({"id": None}, 'has no "id"'),
        ({"context": None}, 'en.json has no "context"'),
        ({"qas": [4]}, "has 4 among its questions"),
    ],
)
def test_a_broken_file_of_lareqa_is_named_with_its_line(lareqa, changes, said):
    with pytest.raises(CorpusError, match=said):
        open_retrieval(lareqa(en=squad(**changes)))


def test_an_id_twice_in_one_language_is_refused(lareqa):
    whole = squad()
    whole["data"] *= 2
    with pytest.raises(CorpusError, match=r"query id 'q1_eng', which question 'q1' in line 9 of en.json has, too"):
        open_retrieval(lareqa(en=whole))


def test_files_that_are_not_lareqas_are_refused(lareqa, tmp_path):
    with pytest.raises(CorpusError, match="no files of LAReQA"):
        open_retrieval(lareqa())
    with pytest.raises(CorpusError, match=r"Line 1 of en.json is not JSON"):
        open_retrieval(lareqa(en="{"))
    with pytest.raises(CorpusError, match=r'en.json has no "data"'):
        open_retrieval(lareqa(en={}))
    (tmp_path / "test-en.json").write_text(json.dumps(squad()), encoding="utf-8")
    with pytest.raises(CorpusError, match=r"en.json and test-en.json are both in English \(eng\)"):
        open_retrieval(lareqa(en=squad()))


def test_a_mention_is_read_with_its_sentence_as_in_xtreme_r(mewslix):
    found = open_retrieval(mewslix())
    assert [query.text for query in found.queries] == ["Tee: Viel ( { Tee } ) hilft."]
    assert [candidate.text for candidate in found.candidates] == ["A drink. Hot."] * 2
    assert found.right == [[0]]


def test_mentions_are_marked_as_the_official_script_marks_them():
    text = "The verdict came back for Smith, who stepped down."
    assert mention_text(text, 26, 31) == "Smith: The verdict came back for { Smith } , who stepped down."


def article(**span):
    return ARTICLE | {"mentions": [MENTION | {"mention_span": {"start": 19, "end": 22, "text": "Tee"} | span}]}


@pytest.mark.parametrize(
    ("articles", "entities", "said"),
    [
        (
            [article(start=18)],
            None,
            r"Line 1 of wikinews_mentions-test.jsonl .* begins at character 18.*It begins at 19",
        ),
        ([article(end=23)], None, "ends the mention .* at 23. It ends at 22"),
        ([article(text="Kaffee")], None, "does not hold it anywhere"),
        ([ARTICLE, "{"], None, "Line 2 of wikinews_mentions-test.jsonl is not JSON"),
        ([ARTICLE, "3"], None, "Line 2 of wikinews_mentions-test.jsonl is 3 and no object"),
        ([ARTICLE | {"context": {"language": "de", "text": ""}}], None, "has no text. .*run get-mewsli-x.sh"),
        ([ARTICLE, ARTICLE], None, "query id 'm1', which line 1 of wikinews_mentions-test.jsonl has, too"),
        ([{"mentions": []}], None, 'has no "context"'),
        (
            None,
            [ENTITY | {"entity_id": "Q7"}, ENTITY | {"entity_id": "Q8"}],
            "the candidate 'Q1', which the pool does not",
        ),
        (None, [ENTITY, ENTITY], "candidate id 'Q1', which line 1 of candidate_set_entities.jsonl has, too"),
        (None, [ENTITY], "1 queries and 1 candidates"),
        (None, [ENTITY | {"description_language": "xx"}], "language 'xx', which is not in the table"),
        (None, [ENTITY | {"sentence_spans": [{"start": 3, "end": 99}]}], r"in a text of 14 characters"),
        (None, [ENTITY | {"description": " "}], 'has an empty "description"'),
    ],
)
def test_a_broken_file_of_mewsli_x_is_named_with_its_line(mewslix, articles, entities, said):
    given = {"articles": articles, "entities": entities}
    with pytest.raises(CorpusError, match=said):
        open_retrieval(mewslix(**{name: rows for name, rows in given.items() if rows}))


def test_mewsli_x_needs_both_files(mewslix, tmp_path):
    source = mewslix()
    (tmp_path / "candidate_set_entities.jsonl").unlink()
    with pytest.raises(CorpusError, match=r"has no candidate_set_entities.jsonl"):
        open_retrieval(source)


def test_json_lines_name_their_right_candidates(lines):
    found = open_retrieval(lines())
    assert (found.right, found.languages, found.candidates[1].text) == ([[0]], ("eng",), "lui y")
    assert found.queries[0].group == "a"
    assert len(files_of(found.source)) == 2


@pytest.mark.parametrize(
    ("right", "said"), [(["z"], "Line 1 of queries.jsonl asks for the candidate 'z'"), ([], "has no right candidate")]
)
def test_a_right_candidate_must_be_in_the_pool(lines, right, said):
    with pytest.raises(CorpusError, match=said):
        open_retrieval(lines([{"id": "a", "language": "en", "text": "who?", "right": right}]))


@pytest.mark.parametrize("source", ["lareqa", "lareqa:", "squad:x", ""])
def test_a_source_that_is_none_lists_those_that_are(source):
    with pytest.raises(CorpusError, match="Write lareqa:sample, or one of lareqa:PATH, mewslix:PATH, jsonl:PATH"):
        open_retrieval(source)


def test_a_folder_without_json_lines_is_refused(tmp_path):
    with pytest.raises(CorpusError, match=r"has no queries.jsonl"):
        open_retrieval(f"jsonl:{tmp_path}")


@pytest.mark.parametrize(("source", "n", "pool"), [("lareqa:sample", 180, 240), ("mewslix:sample", 120, 24)])
def test_the_samples_are_what_their_script_writes(source, n, pool):
    found = open_retrieval(source)
    assert (len(found.queries), len(found.candidates), found.licence) == (n, pool, "CC BY 4.0")
    assert all(len(right) == (6 if "lareqa" in source else 1) for right in found.right)


def test_a_part_keeps_right_candidates_and_asks_the_same_in_all_languages():
    found = open_retrieval("lareqa:sample").select(["German", "zh"], queries=4, candidates=50)
    assert len(found.candidates) == 50
    groups = {code: {q.group for q in found.queries if q.language == code} for code in ("deu", "cmn")}
    assert groups["deu"] == groups["cmn"]
    assert len(found.queries) == 8
    assert all(len(right) == 6 for right in found.right)


def test_a_language_without_queries_is_refused():
    with pytest.raises(CorpusError, match=r"no queries in French \(fra\). Choose from deu, eng"):
        open_retrieval("lareqa:sample").select(["fr"])


@pytest.mark.parametrize("limits", [{"queries": -5}, {"candidates": -100}])
def test_a_negative_limit_of_queries_or_candidates_is_an_error(limits):
    with pytest.raises(CorpusError, match=r"cannot have -?\d+ queries and -?\d+ candidates. Give limits of 1 or more"):
        open_retrieval("lareqa:sample").select(**limits)
