"""What a model learns from a teacher that reads with other subwords."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer, BertForMaskedLM

from dlfa_core.models import Choice, ModelError, Teacher, Text, continue_from, shrink
from dlfa_core.models.distillation import NOWHERE, number_spans, span_means, unexplained_variance
from dlfa_core.models.masked_rows import RowBuilder
from tests.models.tiny import CLOSE
from tests.models.tiny_subwords import TEXTS, save_subword_checkpoint
from tests.rounding import tolerance

FEW = Choice(size=14)  # special tokens, characters, and few more: nearly every word is cut into other subwords
BLOCKS = 2


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A checkpoint and one that was shrunk from it; read only."""
    root = tmp_path_factory.mktemp("distillation")
    save_subword_checkpoint(root / "full", "bert", "BertForMaskedLM")
    shrink(root / "full", [Text("deu", lambda: TEXTS)], root / "small", FEW)
    return root


@pytest.fixture
def student(folders):
    return Student(folders / "small")


class Student:
    """A model that is taught, and what it makes of texts."""

    def __init__(self, folder):
        self.model, self.tokenizer = continue_from(folder)
        self.model.eval()
        self.builder = RowBuilder.of(self.tokenizer)

    def taught_by(self, folder, blocks=BLOCKS):
        return Teacher.from_pretrained(folder, self.model, self.tokenizer, blocks)

    def rows(self, texts):
        cut = self.tokenizer.backend_tokenizer.encode_batch(texts, add_special_tokens=False)
        return self.builder.sentences([np.array(encoding.ids) for encoding in cut])

    def states(self, rows):
        return self.model.bert(rows.ids, attention_mask=rows.attention, output_hidden_states=True).hidden_states


def nothing(rows):
    return torch.zeros_like(rows.ids, dtype=torch.bool)


ends = st.lists(st.integers(1, 12), min_size=1, max_size=8).map(lambda steps: np.cumsum(np.array(steps) % 4))


@settings(max_examples=300, deadline=None)
@given(ends, ends, st.data())
def test_spans_lie_between_places_where_both_end_a_token(own, theirs, data):
    """Second route: the text between two places that both sides share, character by character."""
    hidden = np.array(data.draw(st.lists(st.booleans(), min_size=len(own), max_size=len(own))))
    ours, teachers, n = number_spans(own, theirs, hidden)
    shared = sorted(set(own.tolist()) & set(theirs.tolist()))
    between = [(before, end) for before, end in zip([-1, *shared], shared, strict=False)]
    inside = [[k for k, end in enumerate(own) if before < end <= after] for before, after in between]
    seen = [index for index, tokens in zip(between, inside, strict=True) if not hidden[tokens].any()]
    assert n == len(seen)
    for numbers, side in ((ours, own), (teachers, theirs)):
        expected = [next((k for k, (a, b) in enumerate(seen) if a < end <= b), NOWHERE) for end in side]
        assert numbers.tolist() == expected


def test_a_mean_is_over_the_tokens_of_its_span():
    states = torch.randn(2, 5, 3, generator=torch.Generator().manual_seed(0))
    spans = torch.tensor([[NOWHERE, 1, 1, 0, NOWHERE], [2, NOWHERE, 2, 2, 0]])
    means = span_means(states, spans, 3)
    expected = [torch.stack([states[i, j] for i in range(2) for j in range(5) if spans[i, j] == k]) for k in range(3)]
    for mean, own in zip(means, expected, strict=True):
        torch.testing.assert_close(mean, own.mean(0))


def test_what_is_unexplained_is_0_for_the_same_vectors_and_1_for_their_mean():
    target = torch.randn(40, 6, generator=torch.Generator().manual_seed(1))
    assert unexplained_variance(target, target).item() == 0
    mean = target.mean(0).expand_as(target)
    close = tolerance("float32", target.numel())
    assert unexplained_variance(mean, target).item() == pytest.approx(1, rel=close)
    half = unexplained_variance((target + mean) / 2, target).item()
    assert half == pytest.approx(0.25, rel=close)
    assert unexplained_variance(3 * mean, 3 * target).item() == pytest.approx(1, rel=close), "whatever the unit"


def test_nothing_is_unexplained_where_there_is_nothing_or_no_variance():
    none = torch.zeros(0, 4, requires_grad=True)
    unexplained_variance(none, torch.zeros(0, 4)).backward()
    assert none.grad.shape == (0, 4)
    same = torch.ones(3, 4)
    assert unexplained_variance(same + 1, same).item() == 4, "the squared distance itself"


def test_a_teacher_leaves_nothing_unexplained_in_itself(folders):
    student = Student(folders / "full")
    rows = student.rows(TEXTS)
    teacher = student.taught_by(folders / "full")
    lesson = teacher.prepare(TEXTS, rows, nothing(rows))
    assert torch.equal(lesson.rows.ids, rows.ids)
    assert torch.equal(lesson.taught, lesson.learnt)
    assert lesson.n_spans == int((~rows.special).sum()), "every token is a span"
    assert teacher.loss(lesson, student.states(rows)).item() < CLOSE


def test_a_shrunk_model_is_compared_word_by_word_where_its_subwords_differ(folders, student):
    """Second route: each span's text, read off the offsets of both tokenizers."""
    full = AutoTokenizer.from_pretrained(folders / "full")
    rows = student.rows(TEXTS)
    lesson = student.taught_by(folders / "full").prepare(TEXTS, rows, nothing(rows))
    assert 0 < lesson.n_spans < int((~rows.special).sum()), "some spans have several subwords of the student"
    for row, text in enumerate(TEXTS):
        for number in set(lesson.learnt[row].tolist()) - {NOWHERE}:
            sides = ((student.tokenizer, lesson.learnt), (full, lesson.taught))
            said = [_read(tokenizer, text, spans[row] == number) for tokenizer, spans in sides]
            assert said[0] == said[1] != ""


def _read(tokenizer, text, chosen):
    offsets = tokenizer(text, return_offsets_mapping=True)["offset_mapping"]
    return "".join(text[slice(*offsets[index])] for index in np.flatnonzero(chosen.numpy()))


def test_hidden_words_are_hidden_from_the_teacher_and_not_compared(folders, student):
    rows = student.rows(TEXTS)
    teacher = student.taught_by(folders / "full")
    hidden = nothing(rows)
    hidden[:, 1] = True  # the first token of each sentence, and with it its span
    whole, lesson = (teacher.prepare(TEXTS, rows, of) for of in (nothing(rows), hidden))
    assert lesson.n_spans == whole.n_spans - len(TEXTS)
    first = whole.taught == whole.taught[:, 1:2]
    assert (lesson.rows.ids[first] == teacher.builder.mask).all()
    assert torch.equal(lesson.rows.ids[~first], whole.rows.ids[~first])
    assert (lesson.taught[first] == NOWHERE).all()


def test_what_the_student_does_not_read_is_not_read_to_it(folders, student):
    text = [" ".join(TEXTS)]
    rows = student.rows(text)
    cut = student.builder.sentences([rows.ids[0, 1:9].numpy()])
    lesson = student.taught_by(folders / "full").prepare(text, cut, nothing(cut))
    assert lesson.learnt.shape == cut.ids.shape
    assert lesson.rows.n_tokens < student.taught_by(folders / "full").prepare(text, rows, nothing(rows)).rows.n_tokens
    assert set(lesson.taught.unique().tolist()) == set(lesson.learnt.unique().tolist())


def test_the_distance_from_a_teacher_falls_when_it_is_descended(folders, student):
    teacher, rows = student.taught_by(folders / "full"), student.rows(TEXTS)
    lesson = teacher.prepare(TEXTS, rows, nothing(rows))
    optimiser = torch.optim.SGD(student.model.parameters(), lr=0.05)
    before = teacher.loss(lesson, student.states(rows))
    for _ in range(20):
        teacher.loss(lesson, student.states(rows)).backward()
        optimiser.step()
        optimiser.zero_grad()
    assert teacher.loss(lesson, student.states(rows)).item() < 0.7 * before.item()
    assert all(weight.grad is None for weight in teacher.model.parameters())


@pytest.mark.parametrize(
    ("changes", "kind", "blocks", "said"),
    [
        ({}, "BertForMaskedLM", 4, "teacher_blocks=4, but the teacher {name} has 3 blocks and the model 3: choose at"),
        ({}, "BertForMaskedLM", 0, "teacher_blocks=0, but the teacher {name} has 3 blocks and the model 3: choose at"),
        (
            {"hidden_size": 32},
            "BertForMaskedLM",
            2,
            "of the teacher {name} have 32 dimensions and the model's 24: choo",
        ),
    ],
)
def test_a_teacher_that_does_not_fit_is_refused(student, tmp_path, changes, kind, blocks, said):
    folder = save_subword_checkpoint(tmp_path / "teacher", "bert", kind, **changes)
    with pytest.raises(ModelError, match=re.escape(said.format(name=repr(str(folder))))):
        student.taught_by(folder, blocks)


def test_a_teacher_that_is_no_bert_is_refused(student, tmp_path):
    folder = save_subword_checkpoint(tmp_path / "teacher", "xlm-roberta")
    with pytest.raises(ModelError, match=r"A teacher has to be a BERT, but .* is of the type xlm-roberta"):
        student.taught_by(folder)


def test_only_the_blocks_that_teach_are_kept(folders, student):
    teacher = student.taught_by(folders / "full", 1)
    assert teacher.blocks == len(teacher.model.encoder.layer) == 1
    whole = BertForMaskedLM.from_pretrained(folders / "full").bert.encoder.layer[0].state_dict()
    assert all(torch.equal(weight, whole[name]) for name, weight in teacher.model.encoder.layer[0].state_dict().items())
