"""Heads that are trained until their dev score rises no more, each to its own plateau."""

from dataclasses import replace

import numpy as np
import pytest

from dlfa_core.experiments import train, transfer
from dlfa_core.experiments.training import Trained, frozen, settings
from dlfa_core.experiments.transfer import results
from tests.experiments.labelled_small import save_sentences, save_tags

HEAD = ["fusion", "layer", "weight", "seed"]
LONG = 14  # epochs
SMALL = {
    "fusions": ("dlfa", "last", "concat"),
    "weights": ("gate",),
    "seeds": (0, 1),
    "epochs": LONG,
    "patience": 3,
    "resamples": 0,
    "batch_size": 8,
    "lr": 1e-2,
    "dtype": "float32",
}
ROUNDING = 1e-3  # of a loss in float32 after tens of steps, in which sums are taken in another order


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Patience counts epochs alone."""
    monkeypatch.setattr(frozen, "LEAST_STEPS", 1)


@pytest.fixture(params=["sentences", "tags"])
def spec(request, model, tmp_path):
    save = save_sentences if request.param == "sentences" else save_tags
    return transfer.Spec(task=save(tmp_path / request.param), model=model, **SMALL)


def of_each(history):
    """The history of each head, in the order of the heads."""
    return [rows.reset_index(drop=True) for _, rows in history.groupby(HEAD, sort=False, dropna=False)]


def end_of(scores, patience):
    """The epoch after which a head stops, and the one that is best then; by the words of the spec."""
    for epoch in range(1, len(scores) + 1):
        best = int(np.argmax(scores[:epoch])) + 1
        if epoch - best == patience:
            return epoch, best
    return len(scores), int(np.argmax(scores)) + 1


def test_each_head_stops_at_its_own_plateau_as_if_all_epochs_were_trained(spec):
    """The second route: train all of them as long as there are epochs, and look back."""
    stopped, whole = transfer.run(spec), transfer.run(replace(spec, patience=LONG))
    ends = []
    for index, (own, all_epochs) in enumerate(zip(of_each(stopped.history), of_each(whole.history), strict=True)):
        end, best = end_of(all_epochs["dev_score"].to_numpy(), spec.patience)
        ends.append(end)
        np.testing.assert_array_equal(own["epoch"], np.arange(1, end + 1))
        np.testing.assert_array_equal(own["dev_score"], all_epochs["dev_score"][:end])
        np.testing.assert_allclose(own["loss"], all_epochs["loss"][:end], atol=ROUNDING, rtol=ROUNDING)
        assert (stopped.heads["epoch"][index], stopped.heads["dev_score"][index]) == (best, own["dev_score"][best - 1])
        if whole.heads["epoch"][index] == best:
            np.testing.assert_array_equal(stopped.hits[index], whole.hits[index])
    assert len(set(ends)) > 1
    assert (whole.heads["epoch"] == stopped.heads["epoch"]).any()


def test_the_test_sets_are_read_by_each_head_at_its_best(spec):
    """The second route: a head that went on is what it was in a run that ended there."""
    result = transfer.run(spec)
    index = int((result.heads["epoch"]).argmin())
    short = transfer.run(replace(spec, epochs=int(result.heads["epoch"][index])))
    np.testing.assert_array_equal(short.hits[index], result.hits[index])
    assert not np.array_equal(short.hits, result.hits)


def test_few_steps_in_an_epoch_stretch_patience(spec, monkeypatch):
    monkeypatch.setattr(frozen, "LEAST_STEPS", 10)  # of 2 steps an epoch
    stretched, asked = transfer.run(spec), transfer.run(replace(spec, patience=5))
    assert stretched.history.equals(asked.history)


def test_no_patience_trains_all_epochs_at_a_falling_rate(spec):
    result = transfer.run(replace(spec, patience=0, epochs=4))
    assert (result.history.groupby(HEAD, dropna=False).size() == 4).all()
    assert result.heads["late"].tolist() == (result.heads["epoch"] == 4).tolist()
    rising = transfer.run(replace(spec, patience=4, epochs=4))
    assert not np.allclose(result.history["loss"], rising.history["loss"], atol=ROUNDING)


def test_late_heads_are_counted_in_a_caution(spec):
    result = transfer.run(replace(spec, epochs=4))
    going_on = [end_of(own["dev_score"].to_numpy(), 3)[1] + 3 > 4 for own in of_each(result.history)]
    assert result.heads["late"].tolist() == going_on
    assert sum(going_on) > 0
    count = f"{sum(going_on)} of {len(going_on)} heads"
    said = f"{count} may not have reached their best after 4 epochs: more epochs may give more."
    assert said in result.meta["warnings"]
    enough = transfer.run(replace(spec, epochs=100))
    assert not enough.heads["late"].any()
    assert not any("reached their best" in warning for warning in enough.meta["warnings"])
    assert enough.history["epoch"].max() < 100


def test_without_patience_most_heads_must_be_best_at_the_end_for_a_caution(spec):
    result = transfer.run(replace(spec, patience=0, epochs=3))
    schedule = settings.schedule_of(spec, "frozen", spec.task)
    schedule = replace(schedule, patience=0, epochs=3)
    task = settings.chosen_task(spec, spec.task, "eng")

    def said(*late):
        trained = Trained(None, None, np.array(late), None, None, {}, {})
        return [text for text in results.training_cautions("demo", task, trained, schedule, 128, 3) if "epoch" in text]

    assert said(True, True, False) == ["2 of 3 heads were best in the last epoch: more epochs may give more."]
    assert said(True, False, False) == said(True, False) == []
    expected = result.heads["late"].mean() > 0.5
    assert any("best in the last epoch" in warning for warning in result.meta["warnings"]) == expected


def test_one_model_is_trained_to_its_plateau_too(spec):
    shared = {
        name: getattr(spec, name) for name in ("task", "model", "epochs", "patience", "batch_size", "lr", "dtype")
    }
    result = train.run(train.Spec(**shared, fusion="last", seed=1, resamples=0))
    among = transfer.run(spec)
    index = among.heads.index[(among.heads["fusion"] == "last") & (among.heads["seed"] == 1)].item()
    own = of_each(among.history)[index]
    assert (result.meta["epoch"], result.meta["late"]) == tuple(among.heads.loc[index, ["epoch", "late"]])
    np.testing.assert_array_equal(result.history["dev_score"], own["dev_score"])


def test_a_model_that_may_get_better_says_so(spec):
    shared = {"task": spec.task, "model": spec.model, "batch_size": 8, "dtype": "float32"}
    one = train.Spec(**shared, fusion="last", epochs=2, patience=5, lr=1e-2)
    said = "The model may not have reached its best after 2 epochs: more epochs may give more."
    assert said in train.run(one).meta["warnings"]
    late = train.Chosen(2, 0.5, True, None)
    schedule = settings.Schedule(2, 1e-2, 1, 0)
    assert list(train._late(late, schedule)) == ["The last epoch was the best: more epochs may give more."]
    assert list(train._late(late, replace(schedule, epochs=1))) == []


def test_progress_names_the_heads_that_still_learn_and_rises(spec):
    calls = []
    transfer.run(spec, lambda fraction, message: calls.append((fraction, message)))
    fractions = [fraction for fraction, _ in calls]
    assert fractions == sorted(fractions)
    assert any(message.endswith("of 10 heads still learn") for _, message in calls)


def test_a_negative_patience_is_refused(spec):
    with pytest.raises(ValueError, match="patience=-1 trains nothing: give 0 or more"):
        transfer.run(replace(spec, patience=-1))


@pytest.mark.slow
def test_twice_the_epochs_move_no_printed_gain_by_half_its_interval():
    """On the bundled model and sentences: a gain is one of fusing, not of having trained one head longer."""
    grid = {"fusions": ("dlfa", "last", "extra"), "layers": (4, 7, 10), "weights": ("gate",)}
    once = transfer.Spec(task="sentiment:sample", dtype="float32", **grid)
    gains = [transfer.run(spec).differences for spec in (once, replace(once, epochs=120))]
    ours, longer = (rows[(rows["level"] == "targets") & (rows["fusion"] != "last")] for rows in gains)
    assert (ours["joint_high"] > ours["joint_low"]).all()
    moved = np.abs(longer["value"].to_numpy() - ours["value"].to_numpy())
    assert (moved < (ours["joint_high"] - ours["joint_low"]).to_numpy() / 2).all()
