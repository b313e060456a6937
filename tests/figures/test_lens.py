"""What is drawn and said of what each layer would say."""

from dataclasses import replace

import pytest

from dlfa_core.figures import lens as drawn
from dlfa_core.figures.sentences import lens as said
from dlfa_core.figures.sentences import readout as loss_said
from dlfa_core.figures.sentences import summary
from tests.lensed import N_STATES, RANKS, small_lens, small_readout


@pytest.fixture
def result():
    return small_lens()


@pytest.mark.parametrize(
    ("ranks", "expected"),
    [
        (RANKS, "From layer 9 on, “on” is among the 5 likeliest of 40,000 subwords; the last layer ranks it 1."),
        ([9] * 12 + [2], "Only at the last layer, 12, “on” is among the 5 likeliest"),
        ([1] * 13, "From layer 0 on, “on” is among"),
        ([9] * 6 + [3] + [9] * 6, "“on” is among the 5 likeliest of 40,000 subwords at layer 6, but the last layer"),
        ([9] * 6 + [3, 3] + [9] * 5, "at layers 6 and 7, but the last layer ranks it 9."),
        ([900] * 5 + [8] + [900] * 7, "“on” is at no layer among the 5 likeliest; layer 5 ranks it 8 of 40,000"),
    ],
)
def test_the_answer_says_where_the_word_is_found(ranks, expected):
    assert expected in said.answer(small_lens(ranks=ranks))


def test_the_languages_of_the_middle_layers_are_counted(result):
    assert said.middle_said(result) == (
        "Of the 25 likeliest subwords at layers 4 to 8, 10 are of several languages and 5 are Persian; the language "
        "of 5 in Latin letters is unknown."
    )


def test_the_languages_of_the_middle_layers_may_be_unknown_altogether(result):
    of_letters = replace(result, words=result.words[result.words["how"] == "letters"])
    expected = "Of the 5 likeliest subwords at layers 4 to 8, the language of 5 in Latin letters is unknown."
    assert said.middle_said(of_letters) == expected
    of_several = replace(result, words=result.words[result.words["how"] == "several"])
    expected = "Of the 5 likeliest subwords at layers 4 to 8, 5 are of several languages."
    assert said.middle_said(of_several) == expected
    assert said.middle_said(replace(result, words=result.words[result.words["how"] == "none"])) == ""


def test_several_subwords_are_told_apart_from_one(result):
    assert "one mask takes its place" in said.hidden_said(result)
    parts = replace(result, meta={**result.meta, "word": "onto", "subwords": ["on", "‑to"]})
    assert "“onto” is 2 subwords, “on” and “‑to”: each is behind a mask of its own" in said.hidden_said(parts)
    assert "“on”, the first part of “onto”, is among" in said.answer(parts)


def test_whose_weights_made_the_fused_state_is_said(result):
    text = said.fused_said(result, "Tagger")
    assert "“Tagger” fuses layer 6 with the last; read through the same head, its fused state ranks “on” 70" in text
    assert "its own last layer before fusing 7. Blocks 9 to 12 of its encoder were trained for its task" in text
    frozen = replace(result, meta={**result.meta, "fusion": {**result.meta["fusion"], "shares": True}})
    assert "Its encoder is this one, unchanged" in said.fused_said(frozen, "Tagger")
    assert said.fused_said(small_lens(fusion=""), "") == ""


def test_nearest_sentences_are_said_with_their_languages(result):
    assert "At layer 3 the 2 nearest sentences of “Sample” are in English and Arabic" in said.near_said(result, 3)
    assert said.near_said(result, 99) == ""


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (8, "Only layer 8 and those above can be read"),
        (0, "Every layer can be"),
        (12, "Only the last layer, 12, can be"),
    ],
)
def test_which_layers_can_be_believed(first, expected):
    losses = small_readout(first)
    assert loss_said.first_readable(losses) == first
    assert expected in loss_said.readable_said(losses)


def test_a_last_layer_whose_interval_holds_zero_is_not_believed():
    losses = small_readout(13)
    assert loss_said.first_readable(losses) is None
    assert "no layer's words should be believed" in loss_said.readable_said(losses)


def test_held_out_sentences_are_said_to_be_so_only_where_that_is_known():
    losses = small_readout()
    assert "written for this project" in loss_said.held_out_said(losses)
    other = replace(losses, meta={**losses.meta, "corpus": "table:mine.tsv", "corpus_name": "mine"})
    assert "Nobody can tell here whether the model was trained on “mine”" in loss_said.held_out_said(other)


def test_the_figure_has_a_row_for_every_state_and_one_layer_axis(result):
    figure = drawn.strips(result, small_readout())
    heat = [trace for trace in figure.data if trace.type == "heatmap"]
    assert [len(trace.z) for trace in heat] == [N_STATES, 2]
    assert list(figure.layout.yaxis.ticktext)[:2] == ["embeddings, 0", "1"]
    assert figure.layout.yaxis.ticktext[-1] == "fused, 6"
    assert {trace.yaxis for trace in figure.data} == {None}  # all share the axis of layers
    assert figure.layout.xaxis3.title.text == "masked-word loss, nats"
    assert [shape.y0 for shape in figure.layout.shapes] == [7.5]  # below layer 8


def test_words_are_escaped_isolated_and_named(result):
    heat = drawn.strips(result).data[0]
    assert heat.text[0][0].startswith("<span style='font-size:13px'>\u2068&lt;b&gt;\u2069</span><br>")
    assert heat.text[0][1].startswith("<span style='font-size:13px'>\u2068کتاب\u2069</span><br>")
    assert "Persian" in heat.text[0][1]
    assert "English +1" in heat.text[0][2]
    assert "Latin?" in heat.text[0][3]
    assert "several" in heat.text[0][4]
    assert "too rare in the sentences" in heat.hovertext[0][3]


def test_without_fusion_and_losses_those_parts_are_left_out():
    figure = drawn.strips(small_lens(fusion=""))
    assert [trace.type for trace in figure.data] == ["heatmap", "scatter"]
    assert not figure.layout.shapes


def test_the_command_line_says_the_same(result):
    text = summary("lens", result)
    assert said.answer(result) in text
    assert "fused with layer 6: <b>" in text
    assert "nats at layer 0" in summary("readout", small_readout())
