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

    @pytest.mark.parametrize("spelling", [str.upper, str.title, str])
    def test_capitals_of_a_known_task_s_labels_do_not_matter(self, folder, spelling):
        rows = table(*((spelling(label), label) for label in MOODS))
        source = folder("sentiment", train_of_en__tsv=rows, dev_of_en__tsv=rows, test_of_de__tsv=rows)
        assert open_task(source).tests["deu"].gold == MOODS

    def test_a_class_that_went_through_a_column_of_floats_is_known(self, folder):
        rows = table(*((label, f"a{label}", "b") for label in ("0.0", "1.0", "2.0", "1")), headings="label text text2")
        source = folder("xnli", train_of_en__tsv=rows, dev_of_en__tsv=rows, test_of_de__tsv=rows)
        assert open_task(source).train.gold == (*NLI, "neutral")

    def test_a_text_that_says_nan_or_null_is_a_text(self, folder):
        texts = ("nan", "NaN", "null", "None", "-1")
        rows = table(*(("x" if row else "y", text) for row, text in enumerate(texts)))
        task = open_task(folder("sentence", train_of_en__tsv=rows, dev_of_en__tsv=rows, test_of_de__tsv=rows))
        assert task.train.texts == texts
        assert task.labels == ("x", "y")
        lines = "\n".join(json.dumps({"text": text, "label": label}) for text, label in [("nan", "x"), (np.nan, "y")])
        task = open_task(folder("sentence", dev_of_en__jsonl=lines))
        assert task.dev.texts == ("nan", *texts)
        assert "1 rows of dev-en.jsonl are left out, because a sentence is empty." in task.notes

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

    def test_the_column_language_of_xnli_s_own_files_tells_their_rows_apart(self, folder):
        def own(split):
            rows = [
                (code, NLI[row % 3], f"{code} {split} p{row}", f"{code} h{row}", row)
                for code in ("ar", "de", "en")
                for row in range(6)
            ]
            return table(*rows, headings="language gold_label sentence1 sentence2 pairID")

        translated = table(("a", "b", "contradictory"), ("c", "d", "neutral"), headings="premise hypo label")
        files = {
            "multinli__train__en__tsv": translated,
            "xnli__dev__en__tsv": own("dev"),
            "xnli__test__tsv": own("test"),
        }
        task = open_task(folder("xnli", **files))
        assert task.train.gold == ("contradiction", "neutral")
        assert (task.dev.language, task.dev.texts[0], len(task.dev)) == ("eng", "en dev p0", 6)
        assert {code: test.texts[5] for code, test in task.tests.items()} == {
            "arb": "ar test p5",
            "deu": "de test p5",
            "eng": "en test p5",
        }
        assert task.tests["arb"].ids == task.tests["deu"].ids == ("0", "1", "2", "3", "4", "5")

    def test_headings_may_be_in_capitals(self, mood, folder, tmp_path):
        before = open_task(mood).digest
        folder("", train_of_en__tsv=moods("train").replace("label\ttext", "Label\tTEXT"))
        assert open_task(mood).digest == before

    def test_pan_x_opens_as_it_is_published(self, folder, tmp_path):
        for code in ("en", "de"):
            (tmp_path / code).mkdir()
            for split in ("train", "dev", "test"):
                lines = f"{code}:Anna\tB-PER\n{code}:{split}\tO\n\n{code}:Berg\tB-LOC\n"
                (tmp_path / code / split).write_text(lines, encoding="utf-8")
        task = open_task(f"ner:{tmp_path}")
        assert (task.train.words[0], task.dev.words[0]) == (("Anna", "train"), ("Anna", "dev"))
        assert {code: test.words[0] for code, test in task.tests.items()} == {
            "deu": ("Anna", "test"),
            "eng": ("Anna", "test"),
        }

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
            "1 of 10 test pairs have one sentence in common with a training pair in English; the pairs differ.",
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


class TestLeaks:
    def pairs(self, split, n=8):
        """Rows numbered from 1 in every split, as PAWS-X is published."""
        rows = ((row, f"{split} {row}", f"{split} as {row}", row % 2) for row in range(1, n + 1))
        return table(*rows, headings="id sentence1 sentence2 label")

    def test_paws_x_opens_as_it_is_published(self, folder):
        files = {f"{split}_of_en__tsv": self.pairs(split) for split in ("train", "dev", "test")}
        task = open_task(folder("pawsx", test_of_de__tsv=self.pairs("deutsch"), **files))
        assert task.tests.keys() == {"eng", "deu"}
        assert task.tests["eng"].ids == task.train.ids
        assert task.notes == ()

    def test_ids_that_name_one_text_are_still_no_test(self, folder):
        files = {f"{split}_of_en__tsv": self.pairs("same") for split in ("train", "dev", "test")}
        with pytest.raises(
            CorpusError, match=r"8 rows of PAWS-X are in the training or dev set and in the test set in eng"
        ):
            open_task(folder("pawsx", **files))

    def test_texts_in_training_and_test_are_counted_and_left_out_on_request(self, folder):
        train = table(("positive", "A Good  day"), ("negative", "ein schlechter Tag"), ("neutral", "ｆｉｎｅ"))
        dev = table(("positive", "great"), ("negative", "bad"))
        test = table(
            ("positive", "a good day"), ("negative", "a good  DAY"), ("neutral", "Fine"), ("positive", "great!")
        )
        german = table(("negative", "Ein schlechter Tag"), ("positive", "Great"), ("positive", "gut"))
        clean = table(("negative", "siku mbaya"), ("positive", "siku njema"))
        source = folder(
            "sentiment",
            train_of_en__tsv=train,
            dev_of_en__tsv=dev,
            test_of_en__tsv=test,
            test_of_de__tsv=german,
            test_of_sw__tsv=clean,
        )
        said = "Test examples with the same text as one of the training or dev set: German 2 of 3, English 3 of 4. "
        kept, dropped = open_task(source), open_task(source, drop_duplicates=True)
        assert kept.notes == (
            said + "They are tested all the same; the command leaves them out with --drop-duplicates.",
        )
        assert dropped.notes == (said + "They are left out.",)
        assert {code: len(test) for code, test in kept.tests.items()} == {"deu": 3, "eng": 4, "swh": 2}
        assert {code: test.texts for code, test in dropped.tests.items()} == {
            "deu": ("gut",),
            "eng": ("great!",),
            "swh": ("siku mbaya", "siku njema"),
        }
        assert dropped.train.digest == kept.train.digest

    def test_a_pair_is_the_same_where_both_sides_are(self, folder):
        def pairs(*rows):
            return table(
                *(("yes" if row else "no", *pair) for row, pair in enumerate(rows)), headings="label text text2"
            )

        source = folder(
            "pair",
            train_of_en__tsv=pairs(("a", "b"), ("c", "d")),
            dev_of_en__tsv=pairs(("e", "f"), ("g", "h")),
            test_of_en__tsv=pairs(("a", "d"), ("A", "B"), ("b", "a"), ("ab", "")),
        )
        assert open_task(source, drop_duplicates=True).tests["eng"].texts == ("a", "b")
        assert "training or dev set: English 1 of 3." in open_task(source).notes[0]

    def test_words_are_compared_in_their_sentence(self, folder):
        lines = "Anna\tB-PER\nlacht\tO\n\nBerg\tB-LOC\n\n"
        files = {"train_of_en__iob2": lines, "dev_of_en__iob2": "x\tO\n"}
        source = folder("ner", **files, test_of_de__iob2="anna\tB-PER\nLacht\tO\n\nlacht\tO\nAnna\tB-PER\n")
        assert open_task(source, drop_duplicates=True).tests["deu"].words == (("lacht", "Anna"),)

    def test_a_test_that_is_all_trained_on_cannot_be_left_out(self, folder):
        source = folder("sentiment", train_of_en__tsv=moods("a"), dev_of_en__tsv=moods("d"), test_of_de__tsv=moods("A"))
        assert "training or dev set: German 6 of 6." in open_task(source).notes[0]
        with pytest.raises(
            CorpusError, match=r"All test examples of Sentiment in German are in the .* without them none is left"
        ):
            open_task(source, drop_duplicates=True)

    def test_the_sample_has_no_text_twice(self):
        assert open_task("sentiment:sample").notes == ()


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
        with pytest.raises(CorpusError, match=r"Write sentiment:sample, qa:sample or xcopa:sample, or xnli:PATH"):
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

    def test_labels_are_listed_where_the_training_set_has_none_of_them(self, folder):
        rows = table(("happy", "a"), ("sad", "b"))
        source = folder("sentiment", train_of_en__tsv=rows, dev_of_en__tsv=rows, test_of_de__tsv=rows)
        with pytest.raises(
            CorpusError, match=r"'happy' \(1 times\), .* The task's labels are negative, neutral, positive"
        ):
            open_task(source)

    @pytest.mark.parametrize("label", ["nan", "NaN", "<NA>", "-1"])
    def test_a_missing_label_is_no_class(self, folder, label):
        rows = table(("x", "a"), (label, "b"), ("y", "c"))
        source = folder("sentence", train_of_en__tsv=rows, dev_of_en__tsv=rows, test_of_de__tsv=rows)
        with pytest.raises(
            CorpusError, match=rf"1 of 3 labels of .* are missing, written '{label}'. Leave these .* needs another name"
        ):
            open_task(source)

    @pytest.mark.parametrize("label", ["-", "-1"])
    def test_pairs_on_whose_label_annotators_disagree_are_left_out(self, folder, label):
        rows = table(("neutral", "a", "b"), (label, "c", "d"), headings="label premise hypothesis")
        task = open_task(folder("xnli", train_of_en__tsv=rows, dev_of_en__tsv=rows, test_of_de__tsv=rows))
        assert len(task.train) == len(task.tests["deu"]) == 1
        assert "1 examples of eng train are left out, because they have no gold label." in task.notes

    def test_rows_of_paws_x_that_were_not_translated_are_left_out(self, folder):
        rows = table(
            (0, "a", "b"), (1, "NS", "c"), (0, "d", "NS"), ("NS", "e", "f"), headings="label sentence1 sentence2"
        )
        task = open_task(folder("pawsx", train_of_en__tsv=rows, dev_of_en__tsv=rows, test_of_de__tsv=rows))
        assert task.tests["deu"].texts == ("a",)
        assert "2 rows of test-de.tsv are left out, because a sentence is empty or NS (not translated)." in task.notes
        assert "1 examples of deu test are left out, because they have no gold label." in task.notes

    def test_a_test_set_without_any_label_is_refused_with_the_reason(self, mood, folder):
        folder("", test_of_de__tsv=table(("", "a"), ("", "b")))
        with pytest.raises(
            CorpusError, match=r"2 of 2 labels of Sentiment .* Benchmarks such as XTREME .* without labels"
        ):
            open_task(mood)

    def test_an_unknown_language_or_split_in_a_column_is_named(self, mood, folder):
        folder("", more_of_en__tsv=table(("xq", "positive", "a"), headings="lang label text"))
        with pytest.raises(CorpusError, match=r"more-en.tsv has rows in the language 'xq', which is not in the table"):
            open_task(mood)
        folder("", more_of_en__tsv=table(("final", "positive", "a"), headings="split label text"))
        with pytest.raises(CorpusError, match=r"more-en.tsv has rows in the split 'final'. Write train, dev or test"):
            open_task(mood)

    def test_headings_that_differ_in_capitals_only_are_refused(self, mood, folder):
        folder("", test_of_de__tsv=table(("positive", "a", "b"), headings="label text Text"))
        with pytest.raises(CorpusError, match=r"headings differ in capitals only, among label, text, Text. Rename or"):
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
            CorpusError, match=r"1 of 2 labels of Sentiment in deu \(test\) are missing, written ''. Leave these rows"
        ):
            open_task(mood)

    def test_a_test_table_without_labels_is_refused_with_the_reason(self, mood, folder):
        folder("", test_of_de__tsv=table(("a",), headings="text"))
        with pytest.raises(
            CorpusError, match=r"test-de.tsv has the columns text, but none for the label. .*without labels"
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

    @pytest.mark.parametrize(
        ("row", "message"),
        [
            ({"tokens": ["a"], "ner_tags": [3]}, r"Line 1 of train-en.jsonl has the number 3 among its tags, .* names"),
            (
                {"tokens": ["a"], "ner_tags": [None]},
                r"Line 1 of .* has null among its tags. Write every one of the tags",
            ),
            ({"tokens": [None], "ner_tags": ["O"]}, r"Line 1 of .* has null among its words. Write every one of the w"),
            (
                {"tokens": ["a"], "ner_tags": None},
                r"Line 1 of .* has null for its tags. Write a list of tags, one text",
            ),
            (
                {"tokens": "ab", "ner_tags": ["O", "O"]},
                r'Line 1 of .* has "ab" for its words. Write a list of words, one',
            ),
            ({"tokens": ["a", "b"], "ner_tags": "OO"}, r'Line 1 of .* has "OO" for its tags. Write a list of tags'),
            ({"tokens": ["a"], "ner_tags": ["PER"]}, r"Line 1 of .* has the tag 'PER'. Tags are O, B-TYPE or I-TYPE"),
        ],
    )
    def test_words_and_tags_in_json_lines_are_lists_of_texts(self, folder, row, message):
        with pytest.raises(CorpusError, match=message):
            open_task(folder("ner", train_of_en__jsonl=json.dumps(row)))

    def test_a_text_in_json_lines_is_no_list(self, folder):
        row = json.dumps({"text": ["a", "b"], "label": "x"})
        with pytest.raises(
            CorpusError, match=r'Row 1 of train-en.jsonl has \["a", "b"\] where a text belongs. Write one'
        ):
            open_task(folder("sentence", train_of_en__jsonl=row))

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


def test_a_negative_limit_of_examples_is_an_error():
    with pytest.raises(CorpusError, match=r"A set cannot have -1 examples. Give a limit of 1 or more, or 0 for all."):
        open_task("sentiment:sample").select(test=-1)
