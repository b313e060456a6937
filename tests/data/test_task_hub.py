"""The pinned sets on the hub, with `datasets` answering from memory, and every way in which the hub can fail."""

import re

import pytest

from dlfa_core.data import CorpusError
from dlfa_core.data.tasks import hub, open_task
from dlfa_core.experiments.sources import labelled

datasets = pytest.importorskip("datasets")
from datasets import ClassLabel, Dataset, Features, List, Value  # noqa: E402

NLI = Features(
    premise=Value("string"),
    hypothesis=Value("string"),
    label=ClassLabel(names=["entailment", "neutral", "contradiction"]),
)
NAMES = Features(tokens=List(Value("string")), ner_tags=List(ClassLabel(names=["O", "B-PER", "I-PER"])))


@pytest.fixture
def answers(monkeypatch):
    """What the hub was asked for; it answers with rows that `answers.rows(config, split)` makes."""

    class Asked(list):
        rows = staticmethod(lambda config, split: None)

    asked = Asked()

    def load_dataset(repository, config, split, revision):
        asked.append((repository, config, split, revision))
        return asked.rows(config, split)

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    return asked


def nli(config, split):
    rows = range(12)
    texts = [f"{config} {split} {row}" for row in rows]
    columns = {"premise": texts, "hypothesis": texts, "label": [row % 3 for row in rows]}
    return Dataset.from_dict(columns, features=NLI)


def test_training_and_dev_come_from_the_source_and_tests_from_all_languages(answers):
    answers.rows = nli
    task = open_task("xnli:hub:de,sw", "en")
    revision = hub.HUB["xnli"].revision
    assert answers == [
        ("facebook/xnli", config, split, revision)
        for config, split in [("en", "train"), ("en", "validation"), ("de", "test"), ("sw", "test")]
    ]
    assert task.train.texts[1] == "en train 1"
    assert task.languages == ("deu", "swh")
    assert task.tests["swh"].gold[:3] == ("entailment", "neutral", "contradiction")


def test_without_languages_xtreme_s_are_tested(answers):
    answers.rows = nli
    assert len(open_task("xnli:hub").tests) == 15


def test_numbers_of_paraphrase_classes_are_spelt_out(answers):
    features = Features(sentence1=Value("string"), sentence2=Value("string"), label=ClassLabel(names=["0", "1"]))
    answers.rows = lambda config, split: Dataset.from_dict(
        {"sentence1": [f"{config}{split}a"] * 2, "sentence2": ["b", "c"], "label": [0, 1]}, features=features
    )
    assert open_task("pawsx:hub:fr").train.gold == ("different", "paraphrase")


def test_names_are_decoded_and_repaired(answers):
    answers.rows = lambda config, split: Dataset.from_dict(
        {"tokens": [["a", "b"]], "ner_tags": [[2, 2]]}, features=NAMES
    )
    task = open_task("ner:hub:de")
    assert task.tests["deu"].gold == (("B-PER", "I-PER"),)
    assert "Tags of NER in deu that begin a name with I- and are read as B-: 1." in task.notes


def test_parts_of_speech_may_come_as_words(answers):
    answers.rows = lambda config, split: Dataset.from_dict({"tokens": [["a"]], "upos": [["NOUN"]]})
    task = open_task("pos:hub:tr")
    assert answers[1][1:] == ("en_ewt", "dev", "2.17")
    assert task.tests["tur"].gold == (("NOUN",),)


def questions(config, split):
    """Ten questions whose contexts are those of the dev set and of the tests for the first four."""
    apart = 4 if config == "plain_text" and split == "validation" else 0
    names = [f"{config[:5]}{split}{row}" if row >= apart else f"shared{row}" for row in range(10)]
    if config != "plain_text":
        names = [f"shared{row}" for row in range(4)]
    contexts = [f"{name} knows {config} well" if config != "plain_text" else f"{name} knows much" for name in names]
    answers = [{"text": ["knows"], "answer_start": [context.index("knows")]} for context in contexts]
    return Dataset.from_dict({"id": names, "context": contexts, "question": names, "answers": answers})


def test_questions_are_learnt_from_squad_and_asked_in_other_languages(answers):
    answers.rows = questions
    task = open_task("xquad:hub:de,th")
    squad, xquad = hub.HUB["xquad"].trained_on.revision, hub.HUB["xquad"].revision
    assert answers == [
        ("rajpurkar/squad", "plain_text", "train", squad),
        ("rajpurkar/squad", "plain_text", "validation", squad),
        ("google/xquad", "xquad.de", "validation", xquad),
        ("google/xquad", "xquad.th", "validation", xquad),
    ]
    assert (task.languages, task.metric, task.beside) == (("deu", "tha"), "squad_f1", ("squad_em",))
    assert task.train.answers(3) == ("knows",)
    assert task.tests["deu"].ids == task.tests["tha"].ids == tuple(f"shared{row}" for row in range(4))
    assert not set(task.dev.ids) & set(task.tests["deu"].ids)
    assert task.licence == "CC BY-SA 4.0"


def test_an_answer_that_stands_elsewhere_is_named(answers):
    def moved(config, split):
        rows = questions(config, split).to_dict()
        rows["answers"][1]["answer_start"] = [0]
        return Dataset.from_dict(rows)

    answers.rows = moved
    with pytest.raises(
        CorpusError, match=r"rajpurkar/squad \(plain_text\) has the id 'plaintrain1' with the answer 'knows'"
    ):
        open_task("xquad:hub")


def test_squad_is_in_english_only():
    with pytest.raises(CorpusError, match=r"rajpurkar/squad has no pinned set in German \(deu\). Choose from eng"):
        open_task("xquad:hub", "de")


def test_labels_that_the_hub_withholds_are_refused(answers):
    withheld = {"premise": ["a"], "hypothesis": ["b"], "label": [-1]}
    answers.rows = lambda config, split: (
        Dataset.from_dict(withheld, features=NLI) if split == "test" else nli(config, split)
    )
    with pytest.raises(
        CorpusError, match=r"1 of 1 labels of XNLI in deu \(test\) are missing, written '-1'. Benchmarks such as XTREME"
    ):
        open_task("xnli:hub:de")


@pytest.mark.parametrize("kind", hub.HUB)
def test_every_pinned_set_names_languages_and_a_revision(kind):
    pinned = hub.HUB[kind]
    assert re.fullmatch(r"[0-9a-f]{40}|\d\.\d+", pinned.revision)
    assert len(pinned.configs) == {"xnli": 15, "pawsx": 7, "ner": 40, "pos": 33, "xquad": 11}[kind]
    parts = [part for part in (pinned, pinned.trained_on) if part]
    said = labelled.fingerprint(f"{kind}:hub")
    assert all(f"{part.repository}@{part.revision}" in said for part in parts)


def test_no_network_is_one_clear_sentence(monkeypatch):
    def load_dataset(*_, **__):
        raise ConnectionError("Couldn't reach the Hub\nmore")

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    with pytest.raises(
        CorpusError, match=r"hub cannot be reached, so facebook/xnli .*Connect to the network, .*: xnli:PATH"
    ):
        open_task("xnli:hub")


def test_what_the_library_refuses_is_passed_on(monkeypatch):
    def load_dataset(*_, **__):
        raise ValueError("Unknown split\nmore")

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    with pytest.raises(
        CorpusError, match=r"The part en \(train\) of facebook/xnli cannot be loaded: Unknown split. Look"
    ):
        open_task("xnli:hub")


@pytest.mark.parametrize(("source", "language"), [("xnli:hub:ja", "en"), ("xnli:hub:de", "ja")])
def test_a_language_without_a_pinned_set_lists_the_others(source, language):
    with pytest.raises(CorpusError, match=r"facebook/xnli has no pinned set in Japanese \(jpn\). Choose from arb, bul"):
        open_task(source, language)


def test_a_task_without_a_pinned_set_names_those_with_one_and_leaves_the_revision_to_the_user():
    with pytest.raises(CorpusError, match=r"No data set on the hub is pinned for sentiment. .*one of xnli, pawsx, ner"):
        open_task("sentiment:hub")
    for kind in ("mlqa", "tydiqa", "xcopa"):
        said = f"is pinned for {kind}. .* or download the set at the revision that you mean and open it: {kind}:PATH"
        with pytest.raises(CorpusError, match=said):
            open_task(f"{kind}:hub")
