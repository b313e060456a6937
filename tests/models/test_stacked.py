"""Many heads trained together learn what each learns alone."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from dlfa_core.data.tasks import SentenceSet, TaggedSet
from dlfa_core.models import (
    Encoder,
    HeadSpec,
    HeadTraining,
    Passes,
    StackedHeads,
    batch_examples,
    passes,
    read_examples,
    stacked,
)
from dlfa_core.models.passes import token_states
from tests.models.tiny import save_checkpoint

WORDS = [
    ("the", "cat", "sees"),
    ("dog", "walks", "home", "and", "then"),
    ("green", "hill"),
    ("the", "long", "Haus"),
    ("Maison", "дом"),
    ("cat", "and", "dog", ",", "home"),
    ("then", "the", "dog", "sees"),
    ("घर", "over", "hill"),
    ("家",),
    ("a", "long", "green", "hill", "!", "."),
    ("home", "sees"),
    ("walks", "over", "the", "Haus", "."),
]
TAGGED = TaggedSet(
    language="eng",
    split="train",
    ids=tuple(map(str, range(12))),
    words=tuple(WORDS),
    gold=tuple(tuple("XY"[len(word) % 2] for word in words) for words in WORDS),
    labels=("X", "Y"),
)
PAIRS = SentenceSet(
    language="eng",
    split="train",
    ids=tuple(map(str, range(12))),
    texts=tuple(" ".join(words) for words in WORDS),
    seconds=tuple(" ".join(reversed(words)) for words in WORDS),
    gold=tuple("XYX"[row % 3] for row in range(12)),
    labels=("X", "Y"),
)
PLANS = [
    HeadSpec("dlfa", 1, "literal", 0),
    HeadSpec("last", None, None, 0),
    HeadSpec("dlfa", 2, "literal", 1),
    HeadSpec("dlfa", 2, "gate", 0),
    HeadSpec("concat", 1, None, 0),
    HeadSpec("average", 2, None, 1),
    HeadSpec("scalar_mix", None, None, 0),
    HeadSpec("se", 1, "gate", 0),
    HeadSpec("extra", None, None, 0),
    HeadSpec("last", None, None, 1),
    HeadSpec("dlfa_two", 1, "gate", 0),
    HeadSpec("iterated", 2, "literal", 0),
    HeadSpec("dlfa_all", None, None, 1),
    HeadSpec("average_two", 1, None, 0),
]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return Encoder.from_pretrained(str(save_checkpoint(tmp_path_factory.mktemp("bert"))), dtype="float32")


def batched(encoder, examples, seed=0, max_length=40):
    return batch_examples(read_examples(encoder.tokenizer, examples, max_length), 4, 0, torch.device("cpu"), seed)


def heads_of(plans, examples):
    return StackedHeads(plans, isinstance(examples, TaggedSet), hidden_size=24, n_layers=3, n_labels=2)


def trained(encoder, examples, plans, epochs=3):
    """Losses (steps, heads) and the final logits of the first batch, (heads, m, n_labels)."""
    heads, batches = heads_of(plans, examples), batched(encoder, examples)
    passes = Passes(encoder, batches, heads.states)
    training = HeadTraining(heads, lr=1e-2, steps=epochs * len(batches))
    losses = [training.step(states, batch) for _ in range(epochs) for batch, states in passes.over()]
    batch, states = next(passes.over())
    return torch.stack(losses), heads.logits(states, batch).detach()


@pytest.mark.parametrize("examples", [TAGGED, PAIRS], ids=["tags", "pairs"])
def test_each_head_learns_in_company_what_it_learns_alone(encoder, examples):
    together = trained(encoder, examples, PLANS)
    for index, plan in enumerate(PLANS):
        losses, logits = trained(encoder, examples, [plan])
        torch.testing.assert_close(together[0][:, index], losses[:, 0], atol=1e-4, rtol=1e-4, msg=str(plan))
        torch.testing.assert_close(together[1][index], logits[0], atol=1e-3, rtol=1e-3, msg=str(plan))


@pytest.mark.parametrize("examples", [TAGGED, PAIRS], ids=["tags", "pairs"])
def test_a_stack_of_one_learns_what_plain_pytorch_learns(encoder, examples):
    from dlfa_core.models.stacked import _head

    plan = HeadSpec("dlfa", 2, "literal", 1)
    losses, logits = trained(encoder, examples, [plan])
    head = _head(plan, isinstance(examples, TaggedSet), 24, 3, 2, 4, "batch")
    batches, expected = batched(encoder, examples), []
    optimizer = torch.optim.AdamW(head.parameters(), lr=1e-2, eps=1e-8, weight_decay=0.0)

    def said(batch):
        states = token_states(encoder, batch, (2, 3))
        whole = head(states[2], states[3], mask=batch.mask)
        return whole[batch.rows, batch.positions] if isinstance(examples, TaggedSet) else whole

    for step in range(3 * len(batches)):
        optimizer.param_groups[0]["lr"] = 1e-2 * (1 - step / (3 * len(batches)))
        batch = batches[step % len(batches)]
        loss = functional.cross_entropy(said(batch), batch.gold)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        optimizer.step()
        expected.append(loss.detach())
    torch.testing.assert_close(losses[:, 0], torch.stack(expected), atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(logits[0], said_in_evaluation(head, said, batches[0]), atol=1e-3, rtol=1e-3)


def said_in_evaluation(head, said, batch):
    head.eval()
    return said(batch).detach()


def test_heads_go_back_to_their_own_best(encoder):
    heads, batches = heads_of(PLANS, TAGGED), batched(encoder, TAGGED)
    batch, states = next(Passes(encoder, batches, heads.states).over())
    training = HeadTraining(heads, lr=1e-2, steps=10)
    training.step(states, batch)
    first = heads.logits(states, batch).detach()
    heads.remember([True] * len(PLANS))
    training.step(states, batch)
    second = heads.logits(states, batch).detach()
    later = [index % 3 == 1 for index in range(len(PLANS))]
    heads.remember(later)
    training.step(states, batch)
    heads.recall()
    expected = torch.where(torch.tensor(later)[:, None, None], second, first)
    assert torch.equal(heads.logits(states, batch).detach(), expected)  # weights that were copied, the same operations


def test_heads_that_leave_change_nothing_for_the_others(encoder):
    """Whole kinds of them, and parts of kinds; moments of AdamW go on."""
    gone = np.array([plan.fusion in ("last", "concat") or plan.seed == 1 for plan in PLANS])

    def losses(leaving):
        heads, batches = heads_of(PLANS, TAGGED), batched(encoder, TAGGED)
        training = HeadTraining(heads, lr=1e-2)
        found = []
        for step, (batch, states) in enumerate(pair for _ in range(3) for pair in passes_of(heads, batches).over()):
            if step == 4 and leaving:
                training.leave(gone)
            found.append(training.step(states, batch))
        batch, states = next(passes_of(heads, batches).over())
        return heads, found, heads.logits(states, batch).detach()

    def passes_of(heads, batches):
        return Passes(encoder, batches, heads.states)

    heads, found, logits = losses(leaving=True)
    _, expected, whole = losses(leaving=False)
    assert heads.present.tolist() == np.flatnonzero(~gone).tolist()
    assert heads.states == (0, 1, 2, 3)
    for step, (ours, theirs) in enumerate(zip(found, expected, strict=True)):
        wanted = theirs if step < 4 else theirs[torch.from_numpy(~gone)]
        torch.testing.assert_close(ours, wanted, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(logits, whole[torch.from_numpy(~gone)], atol=1e-3, rtol=1e-3)


def test_heads_that_left_come_back_at_their_best(encoder):
    heads, batches = heads_of(PLANS, TAGGED), batched(encoder, TAGGED)
    batch, states = next(Passes(encoder, batches, heads.states).over())
    training = HeadTraining(heads, lr=1e-2)
    training.step(states, batch)
    heads.remember([True] * len(PLANS))
    first = heads.logits(states, batch).detach()
    left = np.arange(len(PLANS)) % 2 == 0
    training.leave(left)
    training.step(states, batch)
    heads.remember([True] * len(PLANS))
    second = heads.logits(states, batch).detach()
    training.leave(~left)
    assert (len(heads.present), heads.states) == (0, ())
    heads.recall()
    assert heads.present.tolist() == list(range(len(PLANS)))
    found = heads.logits(states, batch).detach()
    torch.testing.assert_close(found[torch.from_numpy(left)], first[torch.from_numpy(left)], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(found[torch.from_numpy(~left)], second, atol=1e-5, rtol=1e-5)
    with pytest.raises(IndexError, match="There are 14 heads, numbered from 0, and no head 14"):
        heads.state_of(14)


def test_the_rate_rises_and_stays_where_steps_are_not_known(encoder):
    """The first step of Adam moves every weight by the rate."""
    heads, batches = heads_of([HeadSpec("last", None, None, 0)], TAGGED), batched(encoder, TAGGED)
    batch, states = next(Passes(encoder, batches, heads.states).over())
    training = HeadTraining(heads, lr=1e-2)
    before = heads.state_of(0)["classifier.weight"]
    training.step(states, batch)
    moved = (heads.state_of(0)["classifier.weight"] - before).abs()
    torch.testing.assert_close(moved, torch.full_like(moved, 1e-2 / stacked.WARM_UP), atol=1e-7, rtol=1e-2)
    rates = []
    for _ in range(stacked.WARM_UP + 5):
        rates.append(training._schedule.get_last_lr()[0])
        training.step(states, batch)
    assert rates == sorted(rates)
    assert rates[-5:] == [1e-2] * 5


def test_kept_states_are_those_of_another_pass(encoder):
    batches = batched(encoder, PAIRS)
    kept, fresh = (Passes(encoder, batches, (1, 3), memory=memory) for memory in (2**20, 0))
    assert (kept.keeps, fresh.keeps) == (True, False)
    for _ in range(2):
        for (_, ours), (_, theirs) in zip(kept.over([2, 0, 1]), fresh.over([2, 0, 1]), strict=True):
            assert ours.keys() == {1, 3}
            assert all(torch.equal(ours[number], theirs[number]) for number in ours)  # the same batches


def test_states_that_fit_in_part_are_rounded_alike(encoder, monkeypatch):
    batches = batched(encoder, PAIRS)
    sizes = [4 * batch.ids.numel() * 2 * 24 for batch in batches]
    runs, visited = [], passes.token_states
    monkeypatch.setattr(passes, "token_states", lambda *given: runs.append(1) or visited(*given))
    part, fresh = Passes(encoder, batches, (1, 3), memory=sum(sizes) // 3), Passes(encoder, batches, (1, 3))
    assert not part.keeps
    exact = list(fresh.over())
    runs.clear()
    first, second = list(part.over()), list(part.over([2, 1, 0]))[::-1]
    assert len(batches) < len(runs) < 2 * len(batches)
    for (_, ours), (_, again), (_, theirs) in zip(first, second, exact, strict=True):
        for number, state in ours.items():
            assert state.dtype == torch.float32
            assert torch.equal(state, again[number])
            torch.testing.assert_close(state, theirs[number], atol=1e-7, rtol=2**-11)
    halves = Passes(encoder, batches, (1, 3), memory=sum(sizes) // 2)
    assert halves.keeps


def test_a_state_that_float16_cannot_hold_stays_as_it_is(encoder, monkeypatch):
    batches = batched(encoder, PAIRS)[:1]
    huge = torch.full((*batches[0].ids.shape, 24), 1e6)
    monkeypatch.setattr(passes, "token_states", lambda *_: {1: huge, 3: huge / 1e6})
    ((_, states),) = Passes(encoder, batches, (1, 3), memory=100).over()
    assert states[1].unique().tolist() == [1e6]
    assert states[3].unique().tolist() == [1]


def test_states_are_those_of_the_plain_model_with_both_kinds_of_text(encoder):
    batch = batched(encoder, PAIRS)[0]
    assert batch.types.unique().tolist() == [0, 1]
    with torch.no_grad():
        expected = encoder.model(
            input_ids=batch.ids, attention_mask=batch.mask, token_type_ids=batch.types, output_hidden_states=True
        ).hidden_states
    found = token_states(encoder, batch, (0, 2, 3))
    for number, state in found.items():
        torch.testing.assert_close(state, expected[number], atol=1e-6, rtol=0)


def test_every_word_is_read_at_its_first_subword_whatever_the_limit(encoder):
    whole, split = (read_examples(encoder.tokenizer, TAGGED, limit) for limit in (40, 4))
    assert len(whole) == 12 < len(split)
    for readings in (whole, split):
        gold = np.concatenate([reading.gold for reading in readings])
        assert [TAGGED.labels[number] for number in gold] == list(TAGGED.flat_gold)
        firsts = np.concatenate([reading.first + np.arange(len(reading.gold)) for reading in readings])
        assert firsts.tolist() == list(range(len(gold)))
        subwords = [int(reading.ids[index]) for reading in readings for index in reading.positions]
        words = [word for words in TAGGED.words for word in words]
        assert subwords == [encoder.tokenizer(word, add_special_tokens=False)["input_ids"][0] for word in words]
    assert all(len(reading.ids) <= 4 for reading in split)


def test_a_word_without_subwords_is_read_as_unknown(encoder):
    odd = TAGGED.take([0], words=(("the", "", "sees"),))
    reading = read_examples(encoder.tokenizer, odd, 40)[0]
    assert len(reading.positions) == 3
    assert reading.ids[reading.positions[1]] == encoder.tokenizer.unk_token_id


def test_texts_that_are_cut_are_counted(encoder):
    readings = read_examples(encoder.tokenizer, PAIRS, 8)
    assert [reading.truncated for reading in readings[:4]] == [True, True, False, True]
    assert all(len(reading.ids) <= 8 for reading in readings)
    assert not any(reading.truncated for reading in read_examples(encoder.tokenizer, TAGGED, 4))


def test_a_limit_without_room_for_text_is_refused(encoder):
    with pytest.raises(
        ValueError, match=r"max_length=2 leaves no room for text beside 2 special tokens: use at least 3"
    ):
        read_examples(encoder.tokenizer, TAGGED, 2)


@pytest.mark.parametrize("seed", [None, 0])
def test_batches_hold_every_label_once(encoder, seed):
    batches = batched(encoder, TAGGED, seed)
    assert sorted(np.concatenate([batch.numbers for batch in batches])) == list(range(41))
    assert [len(batch.ids) for batch in batches] == [4, 4, 4]
    assert all(batch.mask.sum(1).max() == batch.ids.shape[1] for batch in batches)


def test_a_layer_that_the_encoder_lacks_is_refused():
    with pytest.raises(ValueError, match=r"Layer 9 cannot be fused .* with 3 layers: choose a layer from 1 to 2"):
        heads_of([HeadSpec("dlfa", 9, "gate", 0)], TAGGED)
