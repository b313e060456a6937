"""Questions in windows: what each shows and learns, and which span of all of them is the answer."""

from itertools import product

import pytest
import torch
from torch.nn import functional

from dlfa_core.data.tasks import QuestionSet
from dlfa_core.models import (
    DlfaForQuestionAnswering,
    Encoder,
    HeadSpec,
    HeadTraining,
    StackedHeads,
    best_answers,
    load_task_model,
    read_spans,
    stacked,
)
from dlfa_core.models.passes import Passes
from dlfa_core.models.spans import LONGEST_QUESTION, best_spans
from dlfa_core.models.task_batches import batch_examples, pad_readings
from tests.models.tiny import CLOSE, save_checkpoint, tiny_tokenizer

PASSAGE = "the cat sees a dog and then the dog walks home over a long green hill . the cat walks home ."
CPU = torch.device("cpu")


def questions(*rows, no_answer=False):
    """Each row: a question, a context, and the words of the answer, None for none."""
    return QuestionSet(
        language="eng",
        split="train",
        ids=tuple(map(str, range(len(rows)))),
        questions=tuple(row[0] for row in rows),
        contexts=tuple(row[1] for row in rows),
        gold=tuple(((row[2], row[1].index(row[2])),) if row[2] else () for row in rows),
        labels=("start", "end"),
        no_answer=no_answer,
    )


ASKED = questions(
    ("the cat sees ?", PASSAGE, "a dog"),
    ("home", "a cat walks home", "cat"),
    ("the dog walks over", PASSAGE, "long green hill"),
    ("and then", PASSAGE, None),
)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return Encoder.from_pretrained(str(save_checkpoint(tmp_path_factory.mktemp("bert"))), device="cpu", dtype="float32")


def text_of(examples, reading, first, last):
    return examples.contexts[reading.first][reading.characters[first, 0] : reading.characters[last, 1]]


@pytest.mark.parametrize(("window", "stride"), [(40, 40), (16, 4), (16, 3), (12, 1), (14, 100)])
def test_windows_show_every_subword_and_each_begins_answers_in_one_of_them(window, stride):
    readings = read_spans(tiny_tokenizer(), ASKED, window, stride)
    assert max(map(len, readings)) <= window
    for row, context in enumerate(ASKED.contexts):
        own = [reading for reading in readings if reading.first == row]
        shown = [[tuple(span) for span in reading.characters if span[0] >= 0] for reading in own]
        begun = [tuple(span) for reading in own for span in reading.characters[reading.starts]]
        assert len(begun) == len(set(begun)) == len(context.split())
        assert set(begun) == {span for window in shown for span in window}


@pytest.mark.parametrize("stride", [1, 3, 5])
def test_windows_start_a_stride_apart_and_end_with_the_context(stride):
    (words, asked), added = (PASSAGE.split(), ASKED.questions[0].split()), 3
    room = 16 - added - len(asked)
    readings = [reading for reading in read_spans(tiny_tokenizer(), ASKED, 16, stride) if reading.first == 0]
    starts, expected = list(range(0, len(words), stride)), []
    for start in starts:
        expected.append(words[start : start + room])
        if start + room >= len(words):
            break
    shown = [[PASSAGE[first:last] for first, last in reading.characters if first >= 0] for reading in readings]
    assert shown == expected


@pytest.mark.parametrize(("window", "stride"), [(40, 40), (16, 4), (14, 2)])
def test_gold_is_the_answer_where_a_window_holds_it_whole_and_else_the_first_subword(window, stride):
    found = {}
    for reading in read_spans(tiny_tokenizer(), ASKED, window, stride):
        first, last = reading.gold[0]
        whole = " ".join(PASSAGE[a:b] for a, b in reading.characters if a >= 0)
        answers = ASKED.answers(reading.first)
        if first:
            assert text_of(ASKED, reading, first, last) == answers[0]
            found[reading.first] = True
        elif reading.first != 1 and answers:
            assert answers[0] not in whole
    assert set(found) == {0, 1, 2}


def test_special_tokens_and_questions_hold_no_answer():
    for reading in read_spans(tiny_tokenizer(), ASKED):
        inside = reading.characters[:, 0] >= 0
        assert (reading.types[inside] == 1).all()
        assert inside.sum() == len(ASKED.contexts[reading.first].split())
        assert not reading.starts[~inside].any()


def test_a_long_question_is_cut_and_counted_once():
    long = questions(("cat " * 80, PASSAGE, "a dog"), ("cat", PASSAGE, "a dog"))
    readings = read_spans(tiny_tokenizer(), long, LONGEST_QUESTION + 3 + 8, 4)
    assert sum(reading.truncated for reading in readings) == 1
    assert all((reading.types[reading.own] == 0).sum() <= LONGEST_QUESTION for reading in readings)


def test_a_window_without_room_is_refused():
    with pytest.raises(ValueError, match=r"window=8 leaves no room .* of 4 subwords and 3 special tokens: use at"):
        read_spans(tiny_tokenizer(), ASKED, 8)
    with pytest.raises(ValueError, match="stride=0 never comes to an end"):
        read_spans(tiny_tokenizer(), ASKED, 40, 0)


def batches(window=16, stride=4, size=3, examples=ASKED):
    return batch_examples(read_spans(tiny_tokenizer(), examples, window, stride), size, 0, CPU)


def brute_force(logits, batch, longest):
    """(sum, first, last) of the best span of each window, by trying all."""
    wide = torch.full((*batch.mask.shape, 2), -torch.inf)
    wide[batch.rows, batch.positions] = logits
    for row, characters in enumerate(batch.characters):
        inside = [position for position, (begin, _) in enumerate(characters) if begin >= 0]
        yield max(
            (float(wide[row, a, 0] + wide[row, b, 1]), a, b)
            for a, b in product(inside, inside)
            if a <= b < a + longest and batch.starts[row, a]
        )


@pytest.mark.parametrize("longest", [1, 2, 5, 30])
def test_the_best_span_of_a_window_is_that_of_a_search_through_all(longest):
    for seed, batch in enumerate(batches()):
        logits = torch.randn(2, len(batch.rows), 2, generator=torch.Generator().manual_seed(seed))
        value, first, last = best_spans(batch.spread(logits), batch, longest)
        for head in range(2):
            expected = list(brute_force(logits[head], batch, longest))
            assert value[head].tolist() == pytest.approx([one[0] for one in expected])
            assert [(a, b) for _, a, b in expected] == list(zip(first[head].tolist(), last[head].tolist(), strict=True))


@pytest.mark.parametrize("no_answer", [False, True])
def test_the_answer_is_the_best_span_of_all_windows(no_answer):
    random = torch.Generator().manual_seed(7)
    said = [(torch.randn(3, len(batch.rows), 2, generator=random), batch) for batch in batches()]
    found = best_answers(said, len(ASKED), no_answer).reshape(3, -1, 2)
    for head, number in product(range(3), range(len(ASKED))):
        spans, nulls = [], []
        for logits, batch in said:
            for row, (value, first, last) in enumerate(brute_force(logits[head], batch, 30)):
                if batch.numbers[row] == number:
                    spans.append((value, batch.characters[row, first, 0], batch.characters[row, last, 1]))
                    nulls.append(float(batch.spread(logits)[head, row, 0].sum()))
        value, begin, end = max(spans)
        assert tuple(found[head, number]) == ((0, 0) if no_answer and min(nulls) > value else (begin, end))


def test_nothing_to_answer_is_an_error():
    with pytest.raises(ValueError, match="no windows to answer from"):
        best_answers([], 1, False)


def test_the_loss_is_the_mean_over_starts_and_ends_of_windows():
    batch = batches(size=4)[0]
    logits = torch.randn(2, len(batch.rows), 2)
    for head, loss in enumerate(batch.losses(logits)):
        parts = []
        for row, gold in enumerate(batch.gold):
            own = logits[head][batch.rows == row]
            parts += [functional.cross_entropy(own[:, end][None], gold[end][None]) for end in range(2)]
        torch.testing.assert_close(loss, torch.stack(parts).mean())


PLANS = [*(HeadSpec("dlfa", layer, weight, 0) for layer in (1, 2) for weight in ("literal", "gate"))]
PLANS += [HeadSpec(name, None, None, 0) for name in ("last", "scalar_mix", "extra")] + [HeadSpec("concat", 1, None, 0)]


def heads_of():
    return StackedHeads(PLANS, True, hidden_size=24, n_layers=3, n_labels=2)


def test_a_few_heads_at_a_time_learn_what_all_at_once_learn(encoder, monkeypatch):
    whole, few = heads_of(), heads_of()
    passes = Passes(encoder, batches(), whole.states)
    for heads, memory in ((whole, 2**32), (few, 1)):
        monkeypatch.setattr(stacked, "PART_MEMORY", memory)
        training = HeadTraining(heads, 1e-2, 100)
        losses = [training.step(states, batch) for batch, states in passes.over()]
        if heads is whole:
            expected = losses
        assert len(list(heads.parts(*reversed(next(passes.over()))))) == (len(PLANS) if memory == 1 else 6)
    torch.testing.assert_close(losses, expected, atol=CLOSE, rtol=CLOSE)


def test_a_task_model_says_and_loses_what_a_stacked_head_does(encoder, tmp_path):
    heads = StackedHeads([HeadSpec("dlfa", 2, "gate", 0)], True, hidden_size=24, n_layers=3, n_labels=2)
    model = DlfaForQuestionAnswering.from_encoder(
        encoder.name, ("start", "end"), layer=2, weight="gate", no_answer=True
    )
    model.head.load_state_dict(heads.state_of(0))
    model.save_pretrained(tmp_path)
    encoder.tokenizer.save_pretrained(tmp_path)
    loaded, tokenizer = load_task_model(str(tmp_path))
    assert isinstance(loaded, DlfaForQuestionAnswering)
    assert loaded.config.no_answer
    batch = pad_readings(read_spans(tokenizer, ASKED, 20, 6), 0)
    (_, states), *_ = Passes(encoder, [batch], heads.states).over()
    logits = heads.logits(states, batch)
    with torch.no_grad():
        said = loaded(batch.ids, batch.mask, batch.types, labels=batch.gold)
    torch.testing.assert_close(said.logits[batch.rows, batch.positions], logits[0], atol=CLOSE, rtol=CLOSE)
    torch.testing.assert_close(said.loss, batch.losses(logits)[0], atol=CLOSE, rtol=CLOSE)
    assert "question-answering" in (tmp_path / "README.md").read_text("utf-8")
