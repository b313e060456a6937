"""Labelled sets on the Hugging Face hub, pinned. Imports `datasets`, and only when called."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dlfa_core.data.hub import load_data_set
from dlfa_core.data.parallel import CorpusError
from dlfa_core.data.tasks.conll import begun, repair_note
from dlfa_core.data.tasks.formats import TASK_FORMATS
from dlfa_core.data.tasks.values import LabelledSet, QuestionSet, SentenceSet, TaggedSet
from dlfa_core.data.xtreme_r import benchmark_task
from dlfa_core.languages import find


@dataclass(frozen=True)
class HubSet:
    """A data set of parquet files, one configuration for each language.

    Attributes:
        repository, revision: owner/name, and the commit or release that pins its content.
        configs: the languages of XTREME, as `languages.find` knows them -> configuration.
        more: further languages, those that XTREME-R adds; read where they are asked for.
        columns: of the first text, the second, and the label; of the words and the tags; or of the context, the
            question and its answers.
        licence: as its page states it.
        dev, test: what the set calls its splits.
        trained_on: where the training and the dev set are, if not in the same data set.
    """

    repository: str
    revision: str
    configs: Mapping[str, str]
    columns: tuple[str, ...]
    licence: str
    dev: str = "validation"
    more: Mapping[str, str] = field(default_factory=dict)
    test: str = "test"
    trained_on: "HubSet | None" = None


BENCHMARK = "xtreme-r"


def _same(codes: str) -> dict[str, str]:
    return {code: code for code in codes.split()}


TREEBANKS = (
    "af_afribooms ar_padt bg_btb de_gsd el_gdt en_ewt es_gsd et_edt eu_bdt fa_seraji fi_tdt fr_gsd he_htb hi_hdtb "
    "hu_szeged id_gsd it_isdt ja_gsd kk_ktb ko_gsd mr_ufal nl_alpino pt_bosque ru_gsd ta_ttb te_mtg th_pud tl_trg "
    "tr_imst ur_udtb vi_vtb yo_ytb zh_gsd"
)

HUB: dict[str, HubSet] = {
    "xnli": HubSet(
        "facebook/xnli",
        "b8dd5d7af51114dbda02c0e3f6133f332186418e",
        _same("ar bg de el en es fr hi ru sw th tr ur vi zh"),
        ("premise", "hypothesis", "label"),
        "CC BY-NC 4.0",
    ),
    "pawsx": HubSet(
        "google-research-datasets/paws-x",
        "4cd8187c404bda33cb1f62b49b001115862acf37",
        _same("de en es fr ja ko zh"),
        ("sentence1", "sentence2", "label"),
        "free for any purpose, credit to Google LLC asked",
    ),
    "ner": HubSet(
        "unimelb-nlp/wikiann",
        "f0a3be6dc5564c0cc4150bb660144800a1f539d4",
        _same(
            "af ar bg bn de el en es et eu fa fi fr he hi hu id it ja jv ka kk ko ml mr ms my nl pt ru sw ta te th tl "
            "tr ur vi yo zh"
        ),
        ("tokens", "ner_tags"),
        "not stated (text from Wikipedia: CC BY-SA 3.0)",
        more=_same("az gu lt pa pl qu ro uk"),
    ),
    # one treebank a language, in syntactic words; XTREME joins all treebanks of UD 2.5 and fuses words
    "pos": HubSet(
        "universal-dependencies/universal_dependencies",
        "2.17",
        {treebank.partition("_")[0]: treebank for treebank in TREEBANKS.split()},
        ("tokens", "upos"),
        "by treebank, most CC BY-SA 4.0",
        dev="dev",
        more={"lt": "lt_alksnis", "pl": "pl_pdb", "ro": "ro_rrt", "uk": "uk_iu", "wo": "wo_wtf"},
    ),
    "xquad": HubSet(
        "google/xquad",
        "51adfef1c1287aab1d2d91b5bead9bcfb9c68583",
        {code: f"xquad.{code}" for code in _same("en es de el ru tr ar vi th zh hi")},
        ("context", "question", "answers"),
        "CC BY-SA 4.0",
        more={"ro": "xquad.ro"},
        test="validation",
        trained_on=HubSet(
            "rajpurkar/squad",
            "7b6d24c440a36b6815f21b70d25016731768db1f",
            {"en": "plain_text"},
            ("context", "question", "answers"),
            "CC BY-SA 4.0",
        ),
    ),
}


def read_hub_sets(recipe: str, languages: Sequence[str], source_language: str) -> Iterator[LabelledSet]:
    """Training and dev set of the source language and the test sets of all, from the pinned data set of a task.

    Args:
        recipe: key of `HUB`.
        languages: codes or names of test languages; empty for XTREME's, `BENCHMARK` alone for XTREME-R's.
        source_language: ISO 639-3.

    Raises:
        CorpusError: no network, or the data set lacks a language.
    """
    if recipe not in HUB:
        raise CorpusError(
            f"No data set on the hub is pinned for {recipe}. Write KIND:hub with one of {', '.join(HUB)}, or download "
            f"the set at the revision that you mean and open it: {recipe}:PATH."
        )
    pinned = HUB[recipe]
    trained_on = pinned.trained_on or pinned
    configs = _configs(pinned)
    usual = [find(code).code for code in pinned.configs]
    named = benchmark_task(recipe).languages if list(languages) == [BENCHMARK] else languages
    codes = [find(language).code for language in named] or usual
    for part, code in ((trained_on, source_language), *((pinned, code) for code in codes)):
        if code not in _configs(part):
            raise CorpusError(
                f"{part.repository} has no pinned set in {find(code).name} ({code}). "
                f"Choose from {', '.join(_configs(part))}."
            )
    source = _configs(trained_on)[source_language]
    yield _read(recipe, trained_on, source_language, source, "train", "train")
    yield _read(recipe, trained_on, source_language, source, "dev", trained_on.dev)
    for code in codes:
        yield _read(recipe, pinned, code, configs[code], "test", pinned.test)


def _configs(pinned: HubSet) -> dict[str, str]:
    """ISO 639-3 -> configuration."""
    return {find(code).code: config for code, config in (*pinned.configs.items(), *pinned.more.items())}


def _read(recipe: str, pinned: HubSet, language: str, config: str, split: str, hub_split: str) -> LabelledSet:
    title = TASK_FORMATS[recipe].title
    rows = _load(recipe, pinned, config, hub_split)
    columns = [_decoded(rows, column) for column in pinned.columns]
    common = {
        "language": language,
        "split": split,
        "ids": tuple(f"{config}/{hub_split}/{row}" for row in range(len(rows))),
        "name": title,
        "licence": pinned.licence,
    }
    if TASK_FORMATS[recipe].kind == "question":
        return _asked(rows, pinned, config, columns, common)
    if TASK_FORMATS[recipe].kind == "pair":
        firsts, seconds, gold = columns
        return SentenceSet(texts=tuple(firsts), seconds=tuple(seconds), gold=tuple(gold), **common)
    words, tags = columns
    gold = [begun(old) if recipe == "ner" else tuple(old) for old in tags]
    repaired = sum(new != old for pair in zip(gold, tags, strict=True) for new, old in zip(*pair, strict=True))
    notes = (repair_note(repaired, f"{title} in {language}"),) if repaired else ()
    return TaggedSet(words=tuple(map(tuple, words)), gold=tuple(gold), notes=notes, **common)


def _asked(rows, pinned: HubSet, config: str, columns: list[list], common: dict[str, Any]) -> QuestionSet:
    """A set of questions; an id is the same question in all languages.

    Raises:
        CorpusError: an answer does not stand where it is said to.
    """
    contexts, questions, answers = columns
    ids = tuple(map(str, rows["id"]))
    gold = tuple(tuple(zip(own["text"], own["answer_start"], strict=True)) for own in answers)
    for name, context, pairs in zip(ids, contexts, gold, strict=True):
        for text, start in pairs:
            if context[start : start + len(text)] != text:
                raise CorpusError(
                    f"{pinned.repository} ({config}) has the id {name!r} with the answer {text!r} at character "
                    f"{start:,}, where it does not stand. Open a copy of the set without it."
                )
    return QuestionSet(contexts=tuple(contexts), questions=tuple(questions), gold=gold, **{**common, "ids": ids})


def _load(recipe: str, pinned: HubSet, config: str, split: str):
    copy = f"open a copy on this machine: {recipe}:PATH"
    return load_data_set(
        pinned.repository, config, split, pinned.revision, offline=copy, otherwise=f"Look at its page, or {copy}."
    )


def _decoded(rows, column: str) -> list:
    """A column with numbers of classes written out; -1, a label that is withheld, stays."""
    feature, cells = rows.features[column], rows[column]
    inner = getattr(feature, "feature", feature)
    names = getattr(inner, "names", None)
    if names is None:
        return list(cells)
    if inner is feature:
        return [_class_name(names, cell) for cell in cells]
    return [[_class_name(names, cell) for cell in row] for row in cells]


def _class_name(names: Sequence[str], number: int | None) -> str:
    if number is None:
        return ""
    return str(number) if number < 0 else names[number]
