"""Training a tiny model from files: it learns, it can be stopped, and its result loads like any other model."""

import json
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from dlfa_core.data.text import open_text
from dlfa_core.experiments import pretrain
from dlfa_core.experiments.pretrain import prepared_text
from dlfa_core.experiments.pretrain.material import material_of
from dlfa_core.experiments.pretrain.prepared_text import set_apart
from dlfa_core.figures.sentences import summary
from dlfa_core.models import Encoder, Teacher
from dlfa_core.runtime.experiment import is_left_out
from dlfa_core.runtime.progress import Cancelled
from tests.models.tiny import tiny_tokenizer
from tests.rounding import tolerance

ENGLISH = ("cat", "dog", "sees", "runs", "old", "red", "big", "house")
GERMAN = ("Katze", "Hund", "sieht", "läuft", "alt", "rot", "groß", "Haus")


@pytest.fixture
def spec(tmp_path):
    """Sentences of four words out of eight; a translation is word by word."""
    rng = np.random.default_rng(0)
    rows = [rng.choice(8, size=4, replace=False) for _ in range(60)]
    languages = (("en", ENGLISH), ("de", GERMAN))
    texts = {code: [" ".join(words[i] for i in row) for row in rows] for code, words in languages}
    (tmp_path / "text").mkdir()
    for code, lines in texts.items():
        (tmp_path / "text" / f"{code}.txt").write_text("\n".join(lines * 3), encoding="utf-8")
    table = "\n".join(["en\tde", *(f"{en}\t{de}" for en, de in zip(texts["en"], texts["de"], strict=True))])
    (tmp_path / "parallel.tsv").write_text(table, encoding="utf-8")
    return pretrain.Spec(
        out=str(tmp_path / "model"),
        text=str(tmp_path / "text"),
        parallel=(f"table:{tmp_path / 'parallel.tsv'}",),
        watch=f"table:{tmp_path / 'parallel.tsv'}",
        watch_limit=40,
        vocab_size=150,
        hidden_size=12,
        layers=3,
        heads=2,
        intermediate_size=24,
        rank_layer=2,
        steps=12,
        tokens=160,
        pairs=8,
        check_every=4,
    )


def weights(folder):
    return torch.load(f"{folder}/safe-point.pt", weights_only=True)["model"]


def test_both_losses_fall_and_the_model_loads_like_any_other(spec, tmp_path):
    result = pretrain.run(replace(spec, steps=60, check_every=20))
    first, last = result.history.iloc[0], result.history.iloc[-1]
    assert last.mlm_loss < first.mlm_loss
    assert last.ranking_loss < first.ranking_loss
    assert result.history.tokens.is_monotonic_increasing
    assert Encoder.from_pretrained(result.folder).encode(["cat sees dog"]).vectors.shape == (4, 1, 12)


def test_retrieval_is_measured_at_every_layer_of_every_check(spec):
    retrieval = pretrain.run(spec).retrieval
    assert [*zip(retrieval.step, retrieval.layer, strict=True)] == [(s, k) for s in (4, 8, 12) for k in range(4)]
    assert retrieval.value.between(0, 1).all()


def test_a_run_that_was_stopped_ends_like_one_that_was_not(spec, tmp_path):
    pretrain.run(spec)
    stopped = replace(spec, out=str(tmp_path / "stopped"))

    def stop_after_step_9(fraction, message):
        if message.startswith("Step 9:"):
            raise Cancelled

    with pytest.raises(Cancelled):
        pretrain.run(stopped, stop_after_step_9)
    resumed = pretrain.run(stopped)
    assert resumed.history.step.tolist() == [4, 8, 12]
    once, twice = weights(spec.out), weights(stopped.out)  # by the same operations in the same order
    assert all(torch.equal(once[name], twice[name]) for name in once)


def test_a_damaged_checkpoint_is_named_and_not_opened_by_other_means(spec):
    pretrain.run(spec)
    Path(spec.out, "safe-point.pt").write_bytes(b"damaged")
    with pytest.raises(
        ValueError, match=r"The checkpoint .*safe-point.pt cannot be read .*: delete it to train"
    ) as caught:
        pretrain.run(replace(spec, steps=spec.steps + 4))
    assert "weights_only" not in str(caught.value)


def test_a_run_that_was_stopped_while_it_was_measured_loses_neither_steps_nor_rows(spec, tmp_path, monkeypatch):
    pretrain.run(spec)
    stopped, measured = replace(spec, out=str(tmp_path / "stopped")), pretrain.measured_alignment

    def stop_at_step_8(folder, *given):
        if pretrain.Path(folder).parent.joinpath("safe-point.pt").exists() and len(rows) == 1:
            raise Cancelled
        rows.append(measured(folder, *given))
        return rows[-1]

    rows = []
    monkeypatch.setattr(pretrain, "measured_alignment", stop_at_step_8)
    with pytest.raises(Cancelled):
        pretrain.run(stopped)
    monkeypatch.setattr(pretrain, "measured_alignment", measured)
    resumed, undisturbed = pretrain.run(stopped), pretrain.run(spec)
    assert resumed.history.step.tolist() == [4, 8, 12]
    pd.testing.assert_frame_equal(resumed.retrieval, undisturbed.retrieval)


def test_the_best_model_stays_when_later_ones_are_worse(spec, tmp_path, monkeypatch):
    scores = iter([0.2, 0.9, 0.1])
    rows = ([{"measure": "retrieval_centred", "layer": 0, "value": score}] for score in scores)
    monkeypatch.setattr(pretrain, "measured_alignment", lambda *_: next(rows))
    monkeypatch.setattr(
        pretrain.models.Pretraining, "export", lambda self, folder: _stamp(folder, self.step), raising=True
    )
    pretrain.run(spec)
    assert json.loads((tmp_path / "model" / "step.json").read_text()) == 8


def _stamp(folder, step):
    folder.mkdir(exist_ok=True)
    (folder / "step.json").write_text(json.dumps(step))


def test_the_loss_on_held_out_sentences_is_reported_by_language(spec):
    result = pretrain.run(replace(spec, dev_sentences=20, steps=60, check_every=30, lr=1e-2))
    dev = result.dev_loss
    assert [*zip(dev.step, dev.language, strict=True)] == [(30, "deu"), (30, "eng"), (60, "deu"), (60, "eng")]
    assert (dev.groupby("language").n.nunique() == 1).all(), "the same tokens are masked at every check"
    mean = dev.groupby("step").value.mean()
    assert mean[60] < mean[30] < np.log(150)
    said = summary("pretrain", result)
    assert f"mean over languages: {mean[60]:.2f}." in said
    assert "Centred retrieval from English is highest at layer" in said


def test_sentences_that_are_measured_on_are_not_trained_on(spec, monkeypatch):
    trained = []
    prepare = pretrain.models.Pretraining.prepare
    monkeypatch.setattr(
        pretrain.models.Pretraining,
        "prepare",
        lambda self, step, number: (
            trained.extend([] if step.translated else step.hidden) or prepare(self, step, number)
        ),
    )
    lines = [f"{number} cat dog" for number in range(30)]
    (folder := pretrain.Path(spec.text).parent / "numbered").mkdir()
    (folder / "en.txt").write_text("\n".join(lines), encoding="utf-8")
    alone = replace(spec, text=str(folder), dev_sentences=10, translated=0.0, watch="", vocab_size=200, steps=20)
    pretrain.run(alone)
    tokenizer = pretrain.models.read_tokenizer(spec.out)
    read = {tokenizer.decode(ids).replace(" ", "") for ids in trained}
    _, held = set_apart(lines, 10)
    assert len(held) == 10
    assert read
    assert not read & {line.replace(" ", "") for line in held}


def test_text_that_was_cut_into_subwords_is_not_cut_again(spec, monkeypatch):
    pretrain.run(replace(spec, steps=4))
    monkeypatch.setattr(prepared_text, "pool_of", lambda *_: pytest.fail("cut again"))
    assert pretrain.run(spec).history.step.tolist() == [4, 8, 12]


def test_other_text_is_cut_anew(spec):
    pretrain.run(replace(spec, steps=4))
    subwords = pretrain.Path(spec.out) / "prepared-text" / "eng.train.ids.npy"
    before = subwords.read_bytes()
    pretrain.run(replace(spec, text_limit=20))
    assert before != subwords.read_bytes()


def test_what_a_finished_run_kept_to_go_on_from_can_be_deleted(spec):
    pretrain.run(spec)
    pretrain.forget_checkpoint(spec)
    assert {path.name for path in pretrain.Path(spec.out).iterdir()} <= {
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
        "latest",
    }


def test_a_rule_that_nothing_is_measured_for_is_refused(spec):
    with pytest.raises(ValueError, match=r"dev_sentences=0 and watch='table:.*: set both"):
        pretrain.run(replace(spec, keep="mlm_loss"))


def test_without_a_rank_layer_only_hidden_words_are_learnt(spec):
    history = pretrain.run(replace(spec, rank_layer=0, steps=4)).history
    assert history.ranking_loss.isna().all()
    assert history.mlm_loss.notna().all()


def test_a_rank_layer_beyond_the_last_block_is_refused(spec):
    with pytest.raises(ValueError, match="rank_layer=9 is no block of a model with 3"):
        pretrain.run(replace(spec, rank_layer=9))


def test_inputs_name_text_and_every_corpus(spec):
    assert set(pretrain.inputs(spec)) == {"text", *spec.parallel}


@pytest.fixture
def lexicon(tmp_path):
    """All words of the made-up languages, half of them bad, as a source; a concept is a number."""
    rows = [
        f"{number}\t{number % 2 * 2 - 1}\t{en}\t{de}"
        for number, (en, de) in enumerate(zip(ENGLISH, GERMAN, strict=True))
    ]
    (tmp_path / "words.tsv").write_text("\n".join(["concept\tvalence\teng\tdeu", *rows]), encoding="utf-8")
    return f"table:{tmp_path / 'words.tsv'}"


def same(spec, other):
    """Whether both train to the same weights, bit by bit, as the same operations in the same order do."""
    pretrain.run(spec)
    pretrain.run(other)
    once, twice = weights(spec.out), weights(other.out)
    return all(torch.equal(once[name], twice[name]) for name in once)


@pytest.fixture
def quick(spec):
    """Six steps in which nothing is measured."""
    return replace(spec, watch="", steps=6, check_every=3)


@pytest.mark.parametrize(
    "off",
    [
        {"methods": ()},
        {"methods": ("switch",), "switch_rate": 0.0},
        {"methods": ("replace",), "pseudo_share": 0.0},
        {"methods": ("valence",), "valence_weight": 0.0},
        {"methods": ("mask",), "held_out": ("eng",), "languages": ("eng",), "rank_layer": 0, "translated": 0.0},
    ],
)
def test_a_lexicon_that_is_switched_off_leaves_training_as_it_is_bit_by_bit(quick, lexicon, tmp_path, off):
    plain = replace(
        quick, **{name: value for name, value in off.items() if name in ("languages", "rank_layer", "translated")}
    )
    assert same(plain, replace(quick, lexicon=lexicon, stem=False, out=str(tmp_path / "off"), **off))


@pytest.mark.parametrize("method", ["switch", "replace", "valence", "mask"])
def test_every_method_changes_training_and_a_stop_does_not(quick, lexicon, tmp_path, method):
    on = replace(quick, lexicon=lexicon, methods=(method,), stem=False, out=str(tmp_path / "on"))
    assert not same(quick, on)
    stopped = replace(on, out=str(tmp_path / "stopped"))

    def stop_after_step_4(fraction, message):
        if message.startswith("Step 4:"):
            raise Cancelled

    with pytest.raises(Cancelled):
        pretrain.run(stopped, stop_after_step_4)
    assert same(on, stopped)


@pytest.mark.parametrize("control", ["random", "neutral"])
def test_a_control_changes_words_and_not_which_sentences_are_read(spec, lexicon, tmp_path, control):
    lines = Path(lexicon.removeprefix("table:")).read_text(encoding="utf-8").splitlines()
    (tmp_path / "half.tsv").write_text("\n".join(lines[:5]), encoding="utf-8")
    on = replace(spec, lexicon=f"table:{tmp_path / 'half.tsv'}", methods=("switch",), switch_rate=1.0, stem=False)
    lexicons, other = (material_of(one, tmp_path, lambda *_: None) for one in (on, replace(on, control=control)))
    for step in range(3):
        locations = lexicons.mixture.locations(on.tokens, on.seed, step)
        assert locations == other.mixture.locations(on.tokens, on.seed, step)
        known = set(ENGLISH[:4] + GERMAN[:4])
        read = [one.reader.read(on.tokens, step).texts for one in (lexicons, other)]
        for location, *texts in zip(locations, *read, strict=True):
            words = lexicons.reader.sentences[location.language][location.row].split()
            right, wrong = ([a != b for a, b in zip(words, text.split(), strict=True)] for text in texts)
            assert right == [word in known for word in words]
            assert wrong == [(word in known) == (control == "random") for word in words]
            assert texts[0] != texts[1] or not any(right + wrong)


def test_without_a_control_stores_know_nothing_of_it(spec):
    field = next(field for field in fields(pretrain.Spec) if field.name == "control")
    assert is_left_out(field, spec.control)
    assert not is_left_out(field, "random")


def test_valences_are_learnt_beside_hidden_words(spec, lexicon):
    on = replace(spec, lexicon=lexicon, methods=("valence",), rank_layer=0, steps=60, check_every=20, watch="", lr=1e-2)
    history = pretrain.run(on).history
    assert history.valence_loss.iloc[-1] < 0.8 * history.valence_loss.iloc[0]


def test_training_goes_on_from_a_model_with_its_word_subwords(quick, tmp_path):
    first = pretrain.run(quick)
    changes = {"start": first.folder, "out": str(tmp_path / "on"), "parallel": (), "rank_layer": 0, "lr": 1e-12}
    spec = quick
    second = pretrain.run(replace(spec, **changes))
    assert (tmp_path / "model" / "tokenizer.json").read_text() == (tmp_path / "on" / "tokenizer.json").read_text()
    before, after = weights(first.folder), weights(second.folder)
    assert all(torch.allclose(after[name], before[name].half().float(), atol=1e-6) for name in before)
    assert second.retrieval.empty
    assert pretrain.intact(second)
    assert set(pretrain.inputs(replace(spec, **changes))) == {"text", "start"}


@pytest.fixture
def taught(quick, tmp_path):
    """Going on from a model, with that model as the teacher, in steps that lead away from it."""
    start = pretrain.run(quick).folder
    changes = {"start": start, "teacher": start, "teacher_blocks": 2, "out": str(tmp_path / "on"), "rank_layer": 0}
    return replace(quick, **changes, lr=0.02, steps=40, translated=0.0)


def test_a_teacher_keeps_the_lower_blocks_where_they_were(taught, tmp_path):
    free = pretrain.run(replace(taught, teacher_weight=0.0, out=str(tmp_path / "free")))
    held = pretrain.run(replace(taught, teacher_weight=20.0))
    assert held.history.teacher_loss.iloc[-1] < 0.5 * free.history.teacher_loss.iloc[-1]
    assert set(pretrain.inputs(taught)) == {"text", "start", "teacher", *taught.parallel}


def test_the_teachers_loss_is_a_mean_over_the_steps_that_it_taught_in(taught, monkeypatch):
    said, loss = [], Teacher.loss
    monkeypatch.setattr(Teacher, "loss", lambda *given: said.append(loss(*given)) or said[-1])
    history = pretrain.run(replace(taught, translated=0.5, steps=12, check_every=12)).history
    assert 0 < len(said) < 12, "translations beside each other are not read to it"
    assert history.teacher_loss.item() == pytest.approx(torch.stack(said).mean().item(), rel=tolerance("float32", 12))
    none = pretrain.run(replace(taught, translated=1.0, steps=4, out=f"{taught.out}-2")).history
    assert none.teacher_loss.isna().all()


def test_blocks_that_are_taught_have_a_learning_rate_of_their_own(taught):
    pretrain.run(replace(taught, taught_rate=0.0, embedding_rate=0.0, steps=4))
    before, after = weights(taught.start), weights(taught.out)
    moved = {name for name in before if not torch.allclose(after[name], before[name].half().float(), atol=1e-6)}
    assert not [name for name in moved if ".layer.0." in name or ".layer.1." in name or "word_embeddings" in name]
    assert [name for name in moved if ".layer.2." in name]


def test_what_a_lexicon_changed_is_read_to_the_teacher_as_it_was_changed(taught, lexicon):
    changed = pretrain.run(replace(taught, lexicon=lexicon, methods=("switch",), switch_rate=1.0, steps=4))
    assert changed.history.teacher_loss.notna().all()


def test_a_teacher_without_a_model_to_go_on_from_has_to_be_of_the_same_width(taught):
    with pytest.raises(ValueError, match="have 12 dimensions and the model's 16"):
        pretrain.run(replace(taught, start="", hidden_size=16, heads=2))


def test_the_last_model_is_kept_where_nothing_is_watched(quick):
    spec, result = quick, pretrain.run(quick)
    kept = Encoder.from_pretrained(result.folder, dtype="float32").model.state_dict()
    for name, weight in weights(spec.out).items():
        if name.startswith("bert."):
            assert torch.equal(kept[name.removeprefix("bert.")], weight.half().float())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"methods": ("switch",)}, "methods switch need a lexicon: set lexicon=sample"),
        ({"methods": ("swap",)}, "methods='swap' is unknown"),
        ({"valence_kind": "ranking"}, "valence_kind='ranking' is unknown: use regression or classification"),
        ({"switch_rate": 1.5}, "switch_rate=1.5 is no share"),
        ({"control": "swapped"}, "control='swapped' is unknown: use random or neutral, or leave it empty"),
        ({"control": "random"}, "control='random' stands in for a lexicon's methods, but methods is empty: name one"),
        ({"parallel": ()}, "rank_layer=2 ranks translations, but parallel names none: set rank_layer=0"),
    ],
)
def test_settings_that_do_not_fit_are_refused(spec, changes, said):
    with pytest.raises(ValueError, match=said):
        pretrain.run(replace(spec, **changes))


def test_text_without_enough_words_of_the_lexicon_cannot_become_another_language(spec, lexicon):
    with pytest.raises(ValueError, match="No sentence in Swahili has 3 words of"):
        pretrain.run(replace(spec, lexicon=lexicon, methods=("replace",), pseudo_share=1.0, pseudo_from="swh"))


@pytest.mark.parametrize("text", ["", "\n \n", "One sentence only.\n"])
def test_a_language_without_text_to_train_on_is_named(tmp_path, text):
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "sw.txt").write_text(text)
    source = open_text(str(tmp_path / "text"))
    with pytest.raises(ValueError, match=r"no text to train on in Swahili \(swh\).* leave the language out"):
        prepared_text.prepare_text(tiny_tokenizer(), source, tmp_path, 0, 5, lambda *_: None)
