"""The experiment `gates`: what is counted, how it is grouped, and what is refused."""

import shlex
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dlfa_core.__main__ import main
from dlfa_core.data.words import kind_of
from dlfa_core.experiments import encode, gates, profile, train
from dlfa_core.experiments.gates import groups
from dlfa_core.experiments.gates.groups import MEASURES, SPREAD, SPREAD_COLUMNS
from dlfa_core.experiments.gates.shares import LogitSums
from dlfa_core.figures.sentences import gates as gates_sentences
from dlfa_core.measures import bootstrap_weights
from dlfa_core.models import load_task_model
from dlfa_core.models.gates import GateReader
from dlfa_core.runtime import store
from dlfa_core.tables import columns_of
from tests.experiments.labelled_small import save_names, save_pairs
from tests.experiments.small import save_corpus
from tests.models.tiny import CLOSE, save_checkpoint
from tests.models.tiny_fusion import TAGS, save_fusion

PUD = """# sent_id = {id}
# text = {first}{second} .
1\t{first}\t_\tNOUN\t_\t_\t2\tnsubj\t_\tSpaceAfter=No
2\t{second}\t_\tVERB\t_\t_\t0\troot\t_\t_
3\t.\t.\tPUNCT\t_\t_\t2\tpunct\t_\t_

"""


@pytest.fixture(scope="module")
def tagger(tmp_path_factory):
    return save_fusion(tmp_path_factory.mktemp("fusion") / "pos")


@pytest.fixture(scope="module")
def spec(tagger, tmp_path_factory):
    corpus = save_corpus(tmp_path_factory.mktemp("corpus") / "corpus.tsv")
    return gates.Spec(models=(tagger,), corpus=corpus, resamples=60, shown=0)


@pytest.fixture(scope="module")
def result(spec):
    return gates.run(spec)


@pytest.fixture
def treebank(tmp_path):
    for language, first, second in (("en", "cat", "walks"), ("zh", "家", "the")):
        rows = (PUD.format(id=f"n{i:02}", first=first + "s" * (i % 2), second=second) for i in range(24))
        (tmp_path / f"{language}_pud-ud-test.conllu").write_text("".join(rows), encoding="utf-8")
    return f"pud:{tmp_path}"


def rows_of(frame, **wanted):
    for column, value in wanted.items():
        frame = frame[frame[column] == value]
    return frame


def test_the_columns_are_the_documented_ones(result):
    assert columns_of(gates.Result) == {
        name: tuple(getattr(result, name)) for name in ("words", "means", "shares", "close", "correlations")
    }


def test_a_words_gate_is_that_of_the_models_forward(spec, result):
    model, tokenizer = load_task_model(spec.models[0])
    words = rows_of(result.words, language="hin").groupby("id", sort=False)
    _, first = next(iter(words))
    encoded = tokenizer("sees cat घर home !", return_tensors="pt")
    assert list(first["word"]) == ["sees", "cat", "घर", "home", "!"]
    gate = model(**{k: encoded[k] for k in ("input_ids", "attention_mask")}, output_gates=True).gate
    np.testing.assert_allclose(first["gate"], gate[0, 1:-1].mean(-1).detach(), rtol=0, atol=CLOSE)
    np.testing.assert_allclose(first["p95"], np.quantile(gate[0, 1:-1].detach(), 0.95, axis=1), rtol=0, atol=CLOSE)


@pytest.mark.parametrize("measure", MEASURES)
def test_means_and_spreads_are_those_of_the_words(result, measure):
    for code in ("eng", "hin"):
        values = rows_of(result.words, language=code)[measure]
        (row,) = rows_of(result.means, level="language", group=code, measure=measure).itertuples()
        assert row.value == pytest.approx(values.mean(), rel=0, abs=CLOSE)
        spread = [getattr(row, name) for name in SPREAD_COLUMNS]
        assert spread == pytest.approx(values.quantile(list(SPREAD)).to_numpy(), rel=0, abs=CLOSE)
        assert row.ci_low <= row.value <= row.ci_high
        assert (row.n_words, row.n) == (len(values), 36)


def test_families_and_classes_count_each_of_their_languages_alike(result):
    means = rows_of(result.means, measure="gate")
    language = rows_of(means, level="language").set_index("group")["value"]
    assert rows_of(means, level="all")["value"].item() == pytest.approx(language.mean())
    assert rows_of(means, level="family", group="Indo-European")["value"].item() == pytest.approx(language.mean())
    for word_class, rows in rows_of(means, level="class_language").groupby("word_class"):
        assert rows_of(means, level="class", word_class=word_class)["value"].item() == pytest.approx(rows.value.mean())


def test_intervals_are_those_of_drawing_sentences_anew(spec, result):
    """The second route: a plain bootstrap over the rows of a frame."""
    words = rows_of(result.words, language="deu")
    sums = words.groupby("id", sort=False)["gate"].agg(["sum", "count"]).to_numpy(np.float64)
    rng = np.random.default_rng(1)
    draws = [sums[rng.integers(36, size=36)].sum(0) for _ in range(2000)]
    expected = np.std([total / count for total, count in draws])
    spread = []
    for seed in range(5):
        again = groups.group_means(
            result.words, list(dict.fromkeys(result.words["id"])), bootstrap_weights(36, 400, seed)
        )
        (row,) = rows_of(again, level="language", group="deu", measure="gate").itertuples()
        spread.append((row.ci_high - row.ci_low) / 2 / 1.96)
    assert np.mean(spread) == pytest.approx(expected, rel=0.1)


def test_a_class_in_few_sentences_has_a_value_and_no_interval(result):
    words = result.words.copy()
    rare = words["id"].isin(list(dict.fromkeys(words["id"]))[:5])
    words["word_class"] = np.where(rare, "RARE", "REST")
    means = groups.group_means(words, list(dict.fromkeys(words["id"])), bootstrap_weights(36, 50, 0))
    row = rows_of(means, level="class", word_class="RARE", measure="gate").iloc[0]
    assert np.isfinite(row["value"])
    assert np.isnan(row["ci_low"])
    assert row["n"] == 5


def test_classes_are_predicted_where_the_corpus_has_none_and_a_model_tags(spec, result):
    assert result.meta["classes"] == spec.models[0]
    assert set(result.words["word_class"]) <= set(TAGS)


def test_characters_tell_classes_where_no_model_tags(spec, tmp_path):
    model = save_fusion(tmp_path / "sentiment", tagger=False)
    result = gates.run(replace(spec, models=(model,)))
    assert result.meta["classes"] == "characters"
    assert list(result.words["word_class"]) == [kind_of(word) for word in result.words["word"]]


NAMES = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")


def test_the_parts_of_a_name_are_of_one_class(spec, tmp_path):
    model = save_fusion(tmp_path / "ner", labels=NAMES)
    result = gates.run(replace(spec, models=(model,)))
    assert result.meta["classes"] == model
    assert {"PER", "LOC"} & set(result.words["word_class"]) <= set(result.words["word_class"]) <= {"O", "PER", "LOC"}
    words = rows_of(result.words, language="eng")
    model, tokenizer = load_task_model(model)
    encoded = tokenizer("the cat sees home", return_tensors="pt")
    said = model(encoded["input_ids"], encoded["attention_mask"]).logits[0, 1:-1].argmax(-1).tolist()
    first = words[words["id"] == words["id"].iloc[0]]
    assert list(first["word"]) == ["the", "cat", "sees", "home"]
    assert list(first["word_class"]) == [NAMES[label][-3:] for label in said]


def test_labels_that_only_look_like_parts_of_names_stay(spec, tmp_path):
    model = save_fusion(tmp_path / "odd", labels=("O", "B-PER", "I"))
    assert set(gates.run(replace(spec, models=(model,))).words["word_class"]) <= {"O", "B-PER", "I"}


@pytest.fixture
def inference(tmp_path):
    return save_fusion(tmp_path / "nli", tagger=False, pairs=True)


def test_both_texts_of_a_pair_are_read_together(inference):
    """The second route: the model's own forward pass on the pair, with its kinds of text."""
    result = gates.run(gates.Spec(models=(inference,), texts=("eng:the cat sees ||| a dog walks home .",)))
    assert list(result.words["word"]) == ["the", "cat", "sees", "a", "dog", "walks", "home", "."]
    assert list(result.words["start"]) == [0, 4, 8, 13, 15, 19, 25, 30]
    assert not result.meta["warnings"]
    model, tokenizer = load_task_model(inference)
    encoded = tokenizer("the cat sees", "a dog walks home .", return_tensors="pt", return_token_type_ids=True)
    assert encoded["token_type_ids"].unique().tolist() == [0, 1]
    gate = model(**encoded, output_gates=True).gate[0].mean(-1).detach().numpy()
    np.testing.assert_allclose(result.words["gate"], np.delete(gate, [0, 4, 10]), atol=1e-6)


def test_a_model_of_pairs_says_that_it_reads_single_texts(spec, inference):
    caution = f"{inference} was trained on pairs of texts and reads single ones here, as it never did before."
    for asked in (replace(spec, models=(inference,)), gates.Spec(models=(inference,), texts=("eng:the cat sees",))):
        warnings = gates.run(asked).meta["warnings"]
        assert any(warning.startswith(caution) for warning in warnings)
    assert not any("pairs" in warning for warning in gates.run(spec).meta["warnings"])


@pytest.mark.parametrize(("kind", "classes"), [("pair", "characters"), ("ner", None)])
def test_a_model_that_was_trained_here_is_looked_into(kind, classes, tmp_path):
    """From a tiny encoder and labelled files to its gates."""
    encoder = str(save_checkpoint(tmp_path / "encoder"))
    task = {"pair": save_pairs, "ner": save_names}[kind](tmp_path / "data")
    out = str(tmp_path / kind)
    shared = {"epochs": 2, "batch_size": 8, "lr": 5e-3, "dtype": "float32", "layer": 2, "weight": "gate"}
    train.run(train.Spec(task=task, model=encoder, out=out, mode="finetune", frozen_blocks=1, accumulation=1, **shared))
    text = "eng:the cat sees ||| a dog walks" if kind == "pair" else "eng:the dog sees a green hill"
    result = gates.run(gates.Spec(models=(out,), texts=(text,)))
    assert len(result.words) == 6
    assert result.meta["classes"] == (classes or out)
    assert load_task_model(out)[0].config.pairs == (kind == "pair")
    assert ("Reads: pairs of texts" in (tmp_path / kind / "README.md").read_text(encoding="utf-8")) == (kind == "pair")
    if kind == "ner":
        assert set(result.words["word_class"]) <= {"O", "PER", "LOC"}


def test_words_of_a_treebank_come_as_they_are_with_their_classes(spec, treebank):
    result = gates.run(replace(spec, corpus=treebank))
    first = rows_of(result.words, language="cmn", id="n00")
    assert list(zip(first["word"], first["word_class"], strict=True)) == [
        ("家", "NOUN"),
        ("the", "VERB"),
        (".", "PUNCT"),
    ]
    assert result.meta["classes"] == "treebank"
    assert result.meta["n"] == 24


def test_a_treebank_that_changes_its_tags_changes_the_key(spec, treebank):
    spec = replace(spec, corpus=treebank)
    before = gates.inputs(spec)
    path = gates.sentences.treebank_folder(treebank) / "en_pud-ud-test.conllu"
    path.write_text(path.read_text(encoding="utf-8").replace("NOUN", "PROPN"), encoding="utf-8")
    after = gates.inputs(spec)
    assert before.keys() == after.keys()
    assert before["treebank"] != after["treebank"]


def test_several_models_are_seen_on_the_same_words(spec, tmp_path):
    other = save_fusion(tmp_path / "second", seed=1, layer=2, weight="literal")
    result = gates.run(replace(spec, models=(*spec.models, other)))
    keys = ["language", "id", "position", "word", "word_class"]
    one, two = (rows.reset_index(drop=True) for _, rows in result.words.groupby("model", sort=False))
    assert one[keys].equals(two[keys])
    assert list(result.words["layer"].unique()) == [1, 2]
    assert not np.allclose(one["gate"], two["gate"], atol=1e-3)
    assert result.dimensions.shape == (2, 3, 24)
    assert [model["weight"] for model in result.meta["models"]] == ["gate", "literal"]
    assert one["weight"].to_numpy() == pytest.approx(one["gate"].to_numpy(), rel=0, abs=CLOSE)
    assert not np.allclose(two["weight"], two["gate"], atol=1e-3)


@pytest.mark.parametrize(
    ("fusion", "said", "note"),
    [
        ("dlfa_two", "The gate takes {} of a word from layers 1 and 2 and the rest from the last", "both lower layers"),
        (
            "dlfa_all",
            "The gate takes {} of a word from layers 1 and 2 and the rest from the last",
            "one for each layer",
        ),
        ("iterated", "The gate takes {} of a word from layer 1 and the rest from the last", "the second, which mixes"),
        ("extra", "The gate opens to {} for the last layer", ""),
    ],
)
def test_of_several_gates_it_is_said_which_one_is_shown(spec, tmp_path, fusion, said, note):
    name = save_fusion(tmp_path / fusion, fusion=fusion)
    result = gates.run(replace(spec, models=(name,)))
    before, after = said.split("{}")
    answer = gates_sentences.answer(result, name)
    assert answer.startswith(before)
    assert after in answer
    assert any(note in warning for warning in result.meta["warnings"] if warning.startswith(name)) == bool(note)


def test_without_a_chosen_layer_closeness_is_that_at_the_last(spec, tmp_path):
    every, extra = (save_fusion(tmp_path / fusion, fusion=fusion) for fusion in ("dlfa_all", "extra"))
    close = gates.run(replace(spec, models=(every, extra))).close
    one, two = (rows["value"].to_numpy() for _, rows in close.groupby("model", sort=False))
    np.testing.assert_allclose(one, two, rtol=0, atol=CLOSE)


def test_a_model_is_seen_the_same_alone_and_beside_others(spec, result, tmp_path):
    other = save_fusion(tmp_path / "second", seed=1, layer=2)
    both = gates.run(replace(spec, models=(other, *spec.models)))
    own = rows_of(both.words, model=spec.models[0]).reset_index(drop=True).drop(columns="word_class")
    alone = result.words.drop(columns="word_class")
    pd.testing.assert_frame_equal(own, alone, rtol=0, atol=CLOSE)


def test_dimensions_are_mean_gates_over_words(spec, result):
    reader = GateReader("model", *load_task_model(spec.models[0]))
    texts = gates.sentences.chosen(spec.corpus, ["deu"], 0).languages[0].texts
    batches = list(reader.batches(reader.running(texts, 64)))
    expected = np.concatenate([batch.gate for batch in batches]).mean(0)
    np.testing.assert_allclose(result.dimensions[0, 1], expected, rtol=0, atol=CLOSE)
    over_words = rows_of(result.words, language="deu")["gate"].mean()
    assert result.dimensions[0, 1].mean() == pytest.approx(over_words, rel=0, abs=CLOSE)


def test_closeness_is_that_of_the_profile_at_the_fused_layer(spec, result):
    """The second route: the encoder of the model was not trained, so its profile says the same."""
    encoder = load_task_model(spec.models[0])[0].config.encoder_name
    seen = profile.run(profile.Spec(model=encoder, corpus=spec.corpus, resamples=0, dtype="float32", limit=0))
    pairs = seen.pairs[seen.pairs["layer"] == 1]
    for row in result.close.itertuples():
        beside = pairs["source"].isin([row.language, "eng"]) & pairs["target"].isin([row.language, "eng"])
        both = pairs[beside & (pairs["measure"] == row.measure)]
        assert row.value == pytest.approx(both["value"].mean(), rel=0, abs=CLOSE)


def test_ranks_over_languages_and_over_layers(spec, tmp_path):
    """Made-up numbers whose order is known."""
    means = pd.DataFrame(
        [
            (m, k, "language", c, "gate", k + v)
            for k, m in enumerate("abc")
            for c, v in (("deu", 0.1), ("hin", 0.2), ("fra", 0.3))
        ],
        columns=["model", "layer", "level", "group", "measure", "value"],
    )
    means = pd.concat([means, means.assign(measure="change", value=-means["value"])]).astype({"layer": "Int64"})
    close = means[means["measure"] == "gate"].rename(columns={"group": "language"}).assign(measure="cka")
    found = gates.similarity.correlations(means, close, 50, 0)
    assert rows_of(found, word_measure="gate")["value"].to_list() == pytest.approx([1, 1, 1, 1])
    assert rows_of(found, word_measure="change")["value"].to_list() == pytest.approx([-1, -1, -1, -1])
    assert list(rows_of(found, over="layers")["n"]) == [3, 3]


def logits(n, words, hidden=8, seed=0):
    rng = np.random.default_rng(seed)
    sentence = np.repeat(np.arange(n), words)
    return sentence, rng.normal(size=(n * words, hidden)), rng.normal(size=(n, hidden))[sentence]


def test_the_local_share_is_the_covariance_with_the_sum():
    sentence, local, global_logits = logits(30, 4)
    sums = LogitSums.empty(30, 8)
    sums.add(sentence[:50], local[:50], global_logits[:50])
    sums.add(sentence[50:], local[50:], global_logits[50:])
    both = local + global_logits
    expected = ((local - local.mean(0)) * (both - both.mean(0))).sum() / ((both - both.mean(0)) ** 2).sum()
    value, low, high, n = sums.local_share(bootstrap_weights(30, 200, 0))
    assert value == pytest.approx(expected)
    assert low < value < high
    assert n == 30


@pytest.mark.parametrize(("local", "global_logits", "share"), [(1, 0, 1), (0, 1, 0)])
def test_a_branch_that_says_it_all_has_the_whole_share(local, global_logits, share):
    sentence, one, other = logits(20, 3)
    sums = LogitSums.empty(20, 8)
    sums.add(sentence, local * one, global_logits * other)
    assert sums.local_share(None)[0] == pytest.approx(share)


def test_words_that_are_all_alike_have_no_shares():
    sums = LogitSums.empty(20, 8)
    sums.add(np.arange(20), np.ones((20, 8)), np.full((20, 8), 2.5))
    assert np.isnan(sums.local_share(None)[0])


def test_only_the_first_sentences_keep_their_words_and_means_are_over_all(spec, result):
    few = gates.run(replace(spec, shown=5))
    assert few.words["id"].nunique() == 5
    assert few.means.equals(result.means)  # the same operations


def test_typed_sentences_are_looked_at_one_by_one(spec):
    result = gates.run(replace(spec, texts=("eng:the cat sees", "hin: घर home", "eng:a: dog")))
    assert result.words.groupby("id", sort=False)["word"].agg(" ".join).to_dict() == {
        "typed-1": "the cat sees",
        "typed-3": "a : dog",
        "typed-2": "घर home",
    }
    assert result.means["ci_low"].isna().all()
    assert result.close.empty
    assert result.meta["typed"]


def test_typed_sentences_depend_on_no_corpus(spec):
    assert "corpus" not in gates.inputs(replace(spec, texts=("eng:a",), corpus="table:/nowhere"))


@pytest.mark.parametrize("text", ["no language", "eng:", "eng:  "])
def test_a_typed_sentence_needs_a_language_and_a_text(spec, text):
    with pytest.raises(ValueError, match=r"must be a language, a colon and a sentence, such as 'eng:Good day!'"):
        gates.run(replace(spec, texts=(text,)))


def test_a_typed_sentence_in_an_unknown_language_names_the_nearest(spec):
    with pytest.raises(ValueError, match=r"'klingon' is not a language in the table"):
        gates.run(replace(spec, texts=("klingon:nuqneH",)))


def test_a_typed_book_is_refused(spec):
    with pytest.raises(ValueError, match=r"Text 1 has 2,001 characters, but up to 2,000 are looked at as one sentence"):
        gates.run(replace(spec, texts=("eng:" + "a" * 2001,)))


def test_a_pair_for_a_model_of_single_texts_is_refused(spec):
    with pytest.raises(ValueError, match=r"reads single texts, but a pair was typed: leave out one of both"):
        gates.run(replace(spec, texts=("eng:the cat ||| sees",)))


@pytest.mark.parametrize("text", ["eng:the cat |||", "eng:||| sees"])
def test_a_pair_needs_both_of_its_texts(inference, text):
    with pytest.raises(ValueError, match=r"lacks a text: write one before and one after \|\|\|"):
        gates.run(gates.Spec(models=(inference,), texts=(text,)))


def test_pairs_and_single_texts_are_looked_at_apart(inference):
    with pytest.raises(ValueError, match=r"Some texts are pairs, with \|\|\| between both, and some are not"):
        gates.run(gates.Spec(models=(inference,), texts=("eng:the cat ||| sees", "eng:the cat")))


def test_a_text_without_a_word_is_refused(spec):
    with pytest.raises(ValueError, match=r"No sentence has a word to look at: give sentences with letters, digits"):
        gates.run(replace(spec, texts=("eng:\u200b\u200f",)))


@pytest.mark.parametrize("names", [(), ("a", "a")])
def test_models_are_named_once_each(spec, names):
    with pytest.raises(ValueError, match=r"must name at least one fusion model, each once"):
        gates.run(replace(spec, models=names))


def test_models_of_other_widths_are_looked_at_one_by_one(spec, tmp_path):
    from tests.models import tiny

    sizes = {"hidden_size": 32, "intermediate_size": 32}
    before = dict(tiny.SIZES)
    tiny.SIZES.update(sizes)
    try:
        other = save_fusion(tmp_path / "wide")
    finally:
        tiny.SIZES.update(before)
    with pytest.raises(ValueError, match=r"cut the sentences into other words, or differ in width: look at models of"):
        gates.run(replace(spec, models=(*spec.models, other)))


def test_few_sentences_leave_intervals_open_and_say_so(spec):
    result = gates.run(replace(spec, limit=10))
    assert result.means["ci_low"].isna().all()
    assert "10 sentences are too few for intervals, which need 20: raise the limit." in result.meta["warnings"]


def test_the_same_spec_gives_the_same_numbers_and_another_seed_other_intervals(spec, result):
    again, other = gates.run(spec), gates.run(replace(spec, seed=1))
    assert again.means.equals(result.means)  # the same operations
    assert other.means["value"].equals(result.means["value"])
    assert not other.means["ci_low"].equals(result.means["ci_low"])


def test_progress_is_in_plain_words_and_never_falls(spec):
    calls = []
    gates.run(spec, lambda fraction, message: calls.append((fraction, message)))
    fractions, messages = zip(*calls, strict=True)
    assert list(fractions) == sorted(fractions)
    assert "Looking at Hindi, 3 of 3" in messages


@pytest.mark.parametrize(
    ("options", "said"),
    [([], "n = 36 sentences in 3 languages."), (["--texts", "eng:the cat sees"], "“")],
    ids=["corpus", "typed"],
)
def test_the_command_says_what_the_page_says(spec, options, said, capsys):
    settings = shlex.split(store.command_line("gates", spec))[4:]
    assert main(["gates", *settings, *options]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith(f"{spec.models[0]}: The gate takes 0.")
    assert said in first


def test_the_sample_of_sentences_is_that_of_the_other_experiments(spec):
    corpus = encode.corpora.opened(spec.corpus).select(["eng"], 12, encode.SAMPLE_SEED)
    assert tuple(dict.fromkeys(gates.run(replace(spec, limit=12)).words["id"])) == corpus.ids
