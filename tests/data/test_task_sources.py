"""Every way to name a task: how files become train, dev and tests, and everything that is refused."""

import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlfa_core.data import CorpusError, open_corpus
from dlfa_core.data.tasks import TASK_FORMATS, SentenceSet, TaggedSet, Task, files_of, open_task
from dlfa_core.data.tasks.splits import groups_of, set_dev_aside
from dlfa_core.languages import UnknownLanguage
from dlfa_core.measures import METRICS, measure

MOODS = ("positive", "negative", "neutral")
NLI = ("entailment", "neutral", "contradiction")


def table(*rows, headings="label text"):
    return "".join("\t".join(map(str, row)) + "\n" for row in [headings.split(), *rows])


def moods(prefix, n=6):
    return table(*((MOODS[row % 3], f"{prefix} {row}") for row in range(n)))


def folds(language, n=24, fold_of=lambda row: "AB"[row // 3 % 2], label=lambda row: NLI[row % 3]):
    """Pairs of which three in a row have one premise, as in XNLI."""
    rows = ((row, fold_of(row), label(row), f"{language} p{row // 3}", f"{language} h{row}") for row in range(n))
    return table(*rows, headings="row fold label premise hypothesis")


@pytest.fixture
def folder(tmp_path):
    """Writes files by name, and gives the folder's source for a kind of task."""

    def write(kind, **files):
        for name, text in files.items():
            path = tmp_path / name.replace("__", ".").replace("_of_", "-")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return f"{kind}:{tmp_path}"

    return write


@pytest.fixture
def mood(folder):
    return folder(
        "sentiment",
        train_of_en__tsv=moods("train"),
        dev_of_en__tsv=moods("dev"),
        test_of_en__tsv=moods("test"),
        sw_of_test__tsv=moods("jaribio"),
    )


class TestSplits:
    def test_files_are_sorted_by_the_language_and_split_in_their_names(self, mood):
        task = open_task(mood)
        assert task.languages == ("swh", "eng")
        assert (task.train.texts[0], task.dev.texts[0]) == ("train 0", "dev 0")
        assert task.labels == task.tests["swh"].labels == ("negative", "neutral", "positive")
        assert (task.kind, task.metric, task.source_language, task.source) == ("sentence", "accuracy", "eng", mood)
        assert task.notes == ()

    def test_labels_have_one_spelling_whatever_the_files_write(self, folder):
        rows = table(*((label, f"{label} {row}") for row, label in enumerate(["pos", "Neg", "neutral"])))
        source = folder("sentiment", train_of_en__tsv=rows, dev_of_en__tsv=rows, test_of_de__tsv=rows)
        assert open_task(source).train.gold == ("positive", "negative", "neutral")

    def test_sentiment_may_be_two_way(self, folder):
        two = table(("positive", "a"), ("negative", "b"))
        source = folder("sentiment", train_of_en__tsv=two, dev_of_en__tsv=two, test_of_ha__tsv=two)
        assert open_task(source).labels == ("negative", "positive")

    def test_several_files_of_a_language_are_one_test_set(self, mood, tmp_path):
        (tmp_path / "more").mkdir()
        (tmp_path / "more" / "sw-test.tsv").write_text(moods("zaidi", 3))
        task = open_task(f"{mood}/train-en.tsv+{tmp_path}/dev-en.tsv+{tmp_path}/sw-test.tsv+{tmp_path}/more")
        assert len(task.tests["swh"]) == 9
        assert len(set(task.tests["swh"].ids)) == 9

    def test_a_folder_may_have_a_plus_in_its_name(self, mood, tmp_path):
        there = tmp_path.rename(tmp_path.with_name("a+b"))
        assert open_task(f"sentiment:{there}").digest

    def test_json_lines_open_like_a_table(self, mood, folder):
        rows = [{"text": f"train {row}", "label": MOODS[row % 3]} for row in range(6)]
        task = open_task(mood)
        Path(mood.partition(":")[2], "train-en.tsv").unlink()
        again = open_task(folder("sentiment", train_of_en__jsonl="\n".join(map(json.dumps, rows))))
        assert again.digest == task.digest

    def test_any_labels_may_be_given_and_are_sorted(self, folder):
        rows = table(("zebra", "a"), ("ant", "b"))
        task = open_task(folder("sentence", train_of_en__tsv=rows, dev_of_en__tsv=rows, test_of_de__tsv=rows))
        assert task.labels == ("ant", "zebra")

    def test_empty_sentences_are_left_out_and_counted(self, folder):
        rows = moods("a", 3) + "positive\t \n"
        source = folder("sentiment", train_of_en__tsv=rows, dev_of_en__tsv=moods("d"), test_of_de__tsv=moods("t"))
        task = open_task(source)
        assert len(task.train) == 3
        assert task.notes == ("1 rows of train-en.tsv are left out, because a sentence is empty.",)

    def test_a_manifest_above_states_the_licence(self, mood, folder):
        folder("", MANIFEST__tsv=table(("train-en.tsv", "CC0"), ("dev-en.tsv", "MIT"), headings="path licence"))
        assert open_task(mood).licence == "CC0; MIT; not stated"

    def test_names_and_parts_of_speech_open_from_json_lines(self, folder):
        line = json.dumps({"tokens": ["Anna", "Berg"], "ner_tags": ["I-PER", "I-PER"]})
        task = open_task(folder("ner", train_of_en__jsonl=line, dev_of_en__jsonl=line, test_of_de__jsonl=line))
        assert task.train.gold == (("B-PER", "I-PER"),)
        assert task.labels == ("O", "B-PER", "I-PER")
        assert "Tags of train-en.jsonl that begin a name with I- and are read as B-: 1." in task.notes


class TestDev:
    def test_a_missing_dev_set_is_refused_and_splitting_offered(self, mood, tmp_path):
        (tmp_path / "dev-en.tsv").unlink()
        with pytest.raises(CorpusError, match=r"no dev set in English, .*dev-eng.tsv, or .* with dev_share=0.1"):
            open_task(mood)
        task = open_task(mood, dev_share=0.3)
        assert (len(task.train), len(task.dev)) == (4, 2)
        assert "The dev set is 2 examples that were set aside from the training set; 4 are left." in task.notes

    def test_dev_sets_alone_are_tested_on(self, mood, tmp_path):
        (tmp_path / "test-en.tsv").unlink()
        (tmp_path / "sw-test.tsv").rename(tmp_path / "sw-dev.tsv")
        task = open_task(mood)
        assert set(task.languages) == {"eng", "swh"}
        assert len(task.train) + len(task.dev) == 6
        assert "Sentiment has no test sets here, so its dev sets are tested on." in task.notes

    @given(st.lists(st.tuples(st.integers(0, 9), st.integers(10, 19)), min_size=2, max_size=30), st.floats(0.05, 0.9))
    def test_dev_shares_no_sentence_with_training(self, pairs, share):
        firsts, seconds = (tuple(map(str, column)) for column in zip(*pairs, strict=True))
        ids = tuple(map(str, range(len(pairs))))
        whole = SentenceSet(language="eng", split="train", ids=ids, texts=firsts, seconds=seconds, gold=ids)
        if groups_of(whole).max() == 0:
            return
        try:
            train, dev = set_dev_aside(whole, share)
        except CorpusError:
            return
        assert not {*train.texts, *train.seconds} & {*dev.texts, *dev.seconds}
        assert sorted((*train.ids, *dev.ids), key=int) == list(ids)

    def test_examples_that_all_share_a_sentence_cannot_be_split(self):
        same = SentenceSet(language="eng", split="train", ids=("1", "2"), texts=("a", "a"), gold=("x", "y"), name="S")
        with pytest.raises(
            CorpusError, match=r"The training set of S cannot be split: it has 2 examples, and 1 of them"
        ):
            set_dev_aside(same, 0.5)

    @pytest.mark.parametrize("share", [-0.1, 1, 2])
    def test_a_share_must_lie_between_zero_and_one(self, share):
        same = SentenceSet(language="eng", split="train", ids=("1", "2"), texts=("a", "b"), gold=("x", "y"))
        with pytest.raises(CorpusError, match=r"Give a share between 0 and 1, such as 0.1"):
            set_dev_aside(same, share)


class TestFolds:
    def test_no_row_is_trained_on_in_one_language_and_tested_in_another(self, folder):
        task = open_task(folder("xnli", dev_of_en__tsv=folds("en"), dev_of_de__tsv=folds("de")))
        trained = {*task.train.ids, *task.dev.ids}
        assert len(trained) == 12
        for test in task.tests.values():
            assert len(test) == 12
            assert not trained & set(test.ids)
        assert not set(task.train.texts) & set(task.dev.texts)

    def test_the_other_languages_and_folds_change_nothing_in_training(self, folder):
        alone = open_task(folder("xnli", dev_of_en__tsv=folds("en")))
        both = open_task(folder("xnli", dev_of_de__tsv=folds("de")))
        assert alone.train.digest == both.train.digest
        assert open_task(both.source, "de").train.ids == both.train.ids

    def test_tables_without_folds_are_trained_on_before(self, folder):
        snli = table(("dev", "neutral", "a", "b"), ("test", "-", "c", "d"), headings="split label premise hypothesis")
        task = open_task(folder("xnli", dev_of_en__tsv=folds("en"), snli_of_en__tsv=snli))
        assert (task.train.texts[0], task.train.gold[0]) == ("a", "neutral")
        assert len(task.train) + len(task.dev) == 13
        assert "1 further examples in English are trained on before fold A." in task.notes
        assert "1 examples of eng test are left out, because they have no gold label." in task.notes

    def test_a_row_in_different_folds_is_refused(self, folder):
        source = folder(
            "xnli", dev_of_en__tsv=folds("en"), dev_of_de__tsv=folds("de", fold_of=lambda row: "AB"[row % 2])
        )
        with pytest.raises(
            CorpusError, match=r"Row \d+ of XNLI is in fold . in .* so its translation would be trained"
        ):
            open_task(source)

    def test_a_pair_of_the_test_fold_is_not_trained_on_in_either_order(self, folder):
        rows = [(row, "AB"[row % 2], row // 2 % 2, f"a{row}", f"b{row}") for row in range(20)]
        rows += [(20, "A", 1, "b1", "a1"), (21, "A", 0, "a3", "other")]
        task = open_task(folder("pawsx", dev_of_en__tsv=table(*rows, headings="row fold label sentence1 sentence2")))
        assert "20" not in {*task.train.ids, *task.dev.ids}
        assert task.notes[:2] == (
            "1 training pairs are left out, because they are test pairs.",
            "1 of 10 test pairs have one sentence in common with a training pair in eng; the pairs differ.",
        )

    def test_rows_named_the_same_in_training_and_test_are_refused(self, folder):
        rows = table(*((row, MOODS[row % 3], f"t{row}") for row in range(6)), headings="id label text")
        source = folder("sentiment", train_of_en__tsv=rows, dev_of_en__tsv=moods("d"), test_of_de__tsv=rows)
        with pytest.raises(
            CorpusError, match=r"6 rows of Sentiment are in the training or dev set .* in deu, row 0 among"
        ):
            open_task(source)

    def test_a_source_language_without_its_test_fold_is_refused(self, folder):
        with pytest.raises(CorpusError, match=r"XNLI has no fold B in English"):
            open_task(folder("xnli", dev_of_en__tsv=folds("en", fold_of=lambda _: "A")))


class TestSample:
    def test_no_translation_of_a_training_row_is_tested(self):
        task = open_task("sentiment:sample")
        trained = {*task.train.ids, *task.dev.ids}
        assert all(not trained & set(test.ids) for test in task.tests.values())
        assert len({test.ids for test in task.tests.values()}) == 1
        assert trained | set(task.tests["eng"].ids) == set(open_corpus("sample").ids)

    def test_classes_are_balanced_in_every_split(self):
        task = open_task("sentiment:sample")
        for part in (task.train, task.dev, task.tests["tha"]):
            counts = np.unique(part.gold, return_counts=True)[1]
            assert counts.max() - counts.min() <= 3

    def test_every_language_may_be_the_source_with_the_same_rows(self):
        english, thai = open_task("sentiment:sample"), open_task("sentiment:sample", "th")
        assert english.train.ids == thai.train.ids
        assert english.train.texts != thai.train.texts
        assert english.digest != thai.digest

    def test_the_sample_has_labels_for_sentiment_only(self):
        with pytest.raises(CorpusError, match=r"labels for sentiment only. Write sentiment:sample, or xnli:PATH"):
            open_task("xnli:sample")


class TestRefusals:
    @pytest.mark.parametrize("source", ["", "xnli", "xnli:", "nli:somewhere", "sample"])
    def test_an_unknown_source_lists_what_can_be_written(self, source):
        with pytest.raises(
            CorpusError, match=r"names no task. Write sentiment:sample, or one of xnli:PATH, pawsx:PATH"
        ):
            open_task(source)

    def test_an_unknown_language_lists_the_nearest(self):
        with pytest.raises(UnknownLanguage, match=r"Nearest"):
            open_task("sentiment:sample", "Klingonese")

    def test_a_task_without_the_chosen_language_lists_the_others(self, mood):
        with pytest.raises(
            CorpusError, match=r"no training set in German \(deu\); there are some in: eng. Choose another"
        ):
            open_task(mood, "de")

    def test_a_task_without_any_test_says_what_to_add(self, folder):
        with pytest.raises(CorpusError, match=r"Sentiment has no test set here. Add files such as test-de.tsv"):
            open_task(folder("sentiment", train_of_en__tsv=moods("a")))

    def test_a_folder_without_files_for_the_task_says_how_to_name_them(self, folder):
        with pytest.raises(CorpusError, match=r"no files for this task. .* train-en.conllu, dev-en.conllu and test-de"):
            open_task(folder("pos", notes__md="no"))

    def test_the_language_of_a_name_is_not_a_word_before_it(self, mood, folder):
        files = {f"my_of_data_of_test_of_{code}__tsv": moods(f"my {code}") for code in ("de", "fr")}
        task = open_task(folder("sentiment", **files))
        assert set(task.languages) == {"swh", "deu", "fra", "eng"}
        assert len(task.tests["deu"]) == len(task.tests["fra"]) == 6

    def test_both_written_standards_of_norwegian_are_tested_apart(self, folder):
        line = "1\tord\t_\tNOUN\t_\t_\t0\t_\t_\t_\n"
        names = "en_ewt-ud-train", "en_ewt-ud-dev", "no_bokmaal-ud-test", "no_nynorsk-ud-test"
        task = open_task(folder("pos", **{f"{name}__conllu": line for name in names}))
        assert task.languages == ("nob", "nno")

    def test_a_file_named_after_no_language_is_refused(self, mood, folder):
        with pytest.raises(CorpusError, match=r"The name of test.tsv has no language in it. Name files by split and"):
            open_task(folder("sentiment", test__tsv=moods("a")))

    def test_other_labels_are_counted_and_the_right_ones_listed(self, mood, folder):
        folder("", test_of_de__tsv=table(("happy", "a"), ("happy", "b"), ("positive", "c")))
        with pytest.raises(
            CorpusError, match=r"Sentiment in deu \(test\) has labels .*: 'happy' \(2 times\). .* negative,"
        ):
            open_task(mood)

    def test_name_types_that_are_not_trained_are_refused(self, folder):
        source = folder("ner", train_of_en__iob2="a\tB-PER\n", dev_of_en__iob2="a\tO\n", test_of_de__iob2="a\tB-MISC\n")
        with pytest.raises(CorpusError, match=r"'B-MISC' \(1 times\). The task's labels are O, B-PER, I-PER"):
            open_task(source)

    def test_equal_test_labels_are_placeholders(self, mood, folder):
        folder("", test_of_de__tsv=table(*(("neutral", f"t{row}") for row in range(12))))
        with pytest.raises(
            CorpusError, match=r"All 12 labels of Sentiment in deu .* 'neutral': they are placeholders, .*"
        ):
            open_task(mood)

    def test_equal_test_tags_are_placeholders(self, folder):
        good = "a\tB-PER\nb\tO\n\n"
        source = folder("ner", train_of_en__iob2=good, dev_of_en__iob2=good, test_of_de__iob2="a\tO\n\n" * 12)
        with pytest.raises(CorpusError, match=r"All 12 labels of NER in deu \(test\) are 'O': they are placeholders"):
            open_task(source)

    def test_missing_test_labels_are_refused(self, mood, folder):
        folder("", test_of_de__tsv=table(("", "a"), ("positive", "b")))
        with pytest.raises(
            CorpusError, match=r"1 of 2 labels of Sentiment in deu \(test\) are missing. XTREME's prepared"
        ):
            open_task(mood)

    def test_a_test_table_without_labels_is_refused_with_the_reason(self, mood, folder):
        folder("", test_of_de__tsv=table(("a",), headings="text"))
        with pytest.raises(
            CorpusError, match=r"test-de.tsv has the columns text, but none for the label. .*come without"
        ):
            open_task(mood)

    def test_pairs_need_a_second_sentence(self, folder):
        with pytest.raises(CorpusError, match=r"none for the second sentence. Head it with hypothesis or sentence2"):
            open_task(folder("pair", train_of_en__tsv=moods("a")))

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ('{"text": "a", "label": "x"}\n{"text"', r"Line 2 of train-en.jsonl is not JSON"),
            ('{"text": "a", "label": "x"}\n{"text": "a"}', r"Line 2 of .* is not an object with the keys text, label"),
            ("[1]", r"Line 1 of .* is not an object with the keys text and label"),
        ],
    )
    def test_a_broken_json_line_is_named(self, folder, text, message):
        with pytest.raises(CorpusError, match=message):
            open_task(folder("sentence", train_of_en__jsonl=text))

    def test_words_without_tags_in_json_lines_are_named(self, folder):
        with pytest.raises(CorpusError, match=r"Line 1 of train-en.jsonl has 2 words but 1 tags"):
            open_task(folder("ner", train_of_en__jsonl=json.dumps({"words": ["a", "b"], "tags": ["O"]})))


class TestValues:
    def test_a_task_survives_a_pickle_on_its_way_to_a_worker(self, mood):
        task = open_task(mood)
        assert pickle.loads(pickle.dumps(task)).digest == task.digest

    def test_the_tests_are_read_only(self, mood):
        with pytest.raises(TypeError):
            open_task(mood).tests["deu"] = None

    def test_a_digest_follows_the_content_and_not_the_place(self, mood, tmp_path):
        before = open_task(mood).digest
        assert open_task(mood).digest == before
        (tmp_path / "sw-test.tsv").write_text(moods("tofauti"))
        assert open_task(mood).digest != before

    def test_a_smaller_selection_is_part_of_a_larger_one(self):
        task = open_task("sentiment:sample")
        small, large = task.select(train=20, seed=1), task.select(train=60, seed=1)
        assert len(small.train) == 20
        assert set(small.train.ids) < set(large.train.ids) < set(task.train.ids)

    def test_test_languages_are_chosen_by_any_name(self):
        task = open_task("sentiment:sample").select(["German", "sw"], test=5)
        assert task.languages == ("deu", "swh")
        assert len(task.tests["deu"]) == 5

    def test_choosing_a_language_without_a_test_lists_the_others(self):
        with pytest.raises(CorpusError, match=r"Sentiment has no test set in Yoruba \(yor\). Choose from eng, deu"):
            open_task("sentiment:sample").select(["yo"])

    def test_tagged_sets_flatten_their_tags(self):
        tagged = TaggedSet(language="eng", split="test", ids=("1", "2"), words=(("a",), ("b",)), gold=(("X",), ("Y",)))
        assert list(tagged.flat_gold) == ["X", "Y"]

    @pytest.mark.parametrize("kind", TASK_FORMATS)
    def test_every_metric_of_a_recipe_exists(self, kind):
        assert {TASK_FORMATS[kind].metric, *TASK_FORMATS[kind].beside} <= METRICS.keys()


class TestTatoeba:
    @pytest.fixture
    def pairs(self, folder):
        text = table((0, "eins", "one"), (1, "zwei", "two"), headings="row text english")
        return folder("tatoeba", deu_of_eng__tsv=text, fra_of_eng__tsv=text)

    def test_each_language_is_tested_against_its_own_english(self, pairs):
        task = open_task(pairs)
        assert isinstance(task, Task)
        assert task.languages == ("deu", "fra")
        assert task.tests["deu"]["eng"] == ("one", "two")
        assert (task.train, task.dev, task.labels) == (None, None, ())
        assert "not here: arb, heb" in task.notes[0]
        assert pickle.loads(pickle.dumps(task)).digest == task.digest

    def test_the_protocol_is_xtreme_s(self, pairs):
        protocol = open_task(pairs).protocol
        assert (protocol.layer, protocol.pooling, protocol.special_tokens) == (8, "mean", True)
        assert measure(open_task(pairs).metric).settings["score"] == protocol.score

    def test_the_score_is_exact_search_over_normed_vectors_with_english_queries(self, pairs):
        english, other = np.random.default_rng(0).standard_normal((2, 40, 3))
        rows = [vectors / np.linalg.norm(vectors, axis=1, keepdims=True) for vectors in (english, other)]
        found = (rows[0] @ rows[1].T).argmax(axis=1) == np.arange(40)
        assert measure(open_task(pairs).metric)(english, other) == pytest.approx(found.mean())

    def test_queries_are_english(self, pairs):
        with pytest.raises(CorpusError, match=r"Tatoeba's queries are English sentences, but .* is German. Choose eng"):
            open_task(pairs, "de")

    def test_two_files_for_a_language_are_refused(self, pairs, folder):
        folder("", cmn_of_eng__tsv="row\ttext\tenglish\n0\ta\tb\n", zho_of_eng__tsv="row\ttext\tenglish\n0\ta\tb\n")
        with pytest.raises(CorpusError, match=r"two files for Chinese \(cmn\). Remove one"):
            open_task(pairs)

    def test_a_folder_without_pairs_says_so(self, folder):
        with pytest.raises(CorpusError, match=r"no Tatoeba pairs. Give a folder with files such as deu-eng.tsv"):
            open_task(folder("tatoeba", notes__md="no"))


def test_files_are_those_that_a_task_is_read_from(mood, folder):
    assert {path.name for path in files_of(mood)} == {"train-en.tsv", "dev-en.tsv", "test-en.tsv", "sw-test.tsv"}
    assert files_of("xnli:hub:de") == ()
    assert [path.name for path in files_of("sentiment:sample")] == ["sample.tsv"]


def test_opening_a_task_imports_neither_torch_nor_datasets():
    code = (
        "import sys; from dlfa_core.data.tasks import open_task; open_task('sentiment:sample');"
        "print([name for name in ('torch', 'transformers', 'datasets', 'streamlit') if name in sys.modules])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.strip() == "[]"
