"""The table of XTREME-R's tasks."""

import pytest

from dlfa_core.data.tasks.hub import HUB
from dlfa_core.data.tasks.retrieval import XTREME_LANGUAGES
from dlfa_core.data.xtreme_r import XTREME_R, benchmark_task
from dlfa_core.languages import LANGUAGES, find

COUNTS = {  # Ruder et al. (2021), table 1
    "xnli": 15,
    "xcopa": 11,
    "pos": 38,
    "ner": 48,
    "xquad": 11,
    "mlqa": 7,
    "tydiqa": 9,
    "tatoeba": 41,
    "mewslix": 11,
    "lareqa": 11,
}


def test_every_task_has_as_many_languages_as_the_paper_says():
    assert {name: len(set(task.languages)) for name, task in XTREME_R.items()} == COUNTS
    assert all(len(set(task.languages)) == len(task.languages) for task in XTREME_R.values())


def test_together_they_are_the_50_languages_of_the_benchmark():
    together = {code for task in XTREME_R.values() for code in task.languages}
    assert together == {code for code, language in LANGUAGES.items() if language.in_xtreme_r}
    assert len(together) == 50


def test_it_has_all_that_xtreme_had():
    assert set(XTREME_LANGUAGES) < set(XTREME_R["tatoeba"].languages)
    for kind in ("xnli", "pos", "ner"):
        assert {find(code).code for code in HUB[kind].configs} <= set(XTREME_R[kind].languages)


@pytest.mark.parametrize("kind", ["xnli", "pos", "ner"])
def test_the_hub_is_pinned_for_every_language(kind):
    assert {find(code).code for code in HUB[kind].configs | HUB[kind].more} == set(XTREME_R[kind].languages)


def test_groups_are_the_papers():
    groups = {}
    for task in XTREME_R.values():
        groups.setdefault(task.group, []).append(task.title)
    assert groups == {
        "classification": ["XNLI", "XCOPA"],
        "structured prediction": ["UD-POS", "WikiANN-NER"],
        "question answering": ["XQuAD", "MLQA", "TyDiQA-GoldP"],
        "retrieval": ["Tatoeba", "Mewsli-X", "LAReQA"],
    }


def test_missing_languages_are_named():
    task = benchmark_task("mlqa")
    assert task.missing(["en", "de", "German"]) == ("arb", "spa", "hin", "vie", "cmn")
    assert "MLQA is over 7 languages; not here: arb, spa, hin, vie, cmn." in task.completeness(["eng", "deu"])
    assert task.completeness(task.languages) == ""


def test_an_unknown_task_is_told_the_nearest():
    with pytest.raises(ValueError, match="no task 'xcopaa': did you mean 'xcopa'"):
        benchmark_task("xcopaa")
