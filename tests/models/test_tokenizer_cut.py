"""Tokenizers with fewer subwords."""

import json
from itertools import pairwise

import numpy as np
import pytest
import transformers
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from dlfa_core.models import ModelError
from dlfa_core.models.tokenizer_cut import Vocabulary, save_tokenizer
from tests.models.tiny_subwords import STRINGS, TEXTS, TOKENIZERS, unigram, wordpiece

VOCABULARIES = {name: Vocabulary.of(name, make()) for name, make in TOKENIZERS.items() if name != "distilbert"}
each_kind = pytest.mark.parametrize("full", VOCABULARIES.values(), ids=VOCABULARIES)
texts = st.text("abcx -🙂ａ", max_size=30)  # x is unknown, the last one becomes a


def required(full, text):
    """What spells the characters of a text."""
    counts = np.bincount(full.encoded([text])[0], minlength=full.length)
    return full.required({*text, *full.characters(counts)})


def some(full, numbers):
    """Subwords chosen by numbers of any size."""
    ids = sorted(full.subwords)
    return {ids[number % len(ids)] for number in numbers}


@each_kind
@given(text=texts, others=st.lists(st.integers(0, 10**6), max_size=40))
def test_a_text_whose_subwords_are_kept_is_cut_into_the_same_ones(full, text, others):
    smaller, keep = full.cut({*full.encoded([text])[0], *full.required(""), *some(full, others)})
    assert keep[smaller.encoded([text])[0]].tolist() == full.encoded([text])[0]


@each_kind
@given(text=texts, others=st.lists(st.integers(0, 10**6), max_size=10))
def test_no_character_of_a_text_becomes_unknown(full, text, others):
    """Neither alone nor inside the text, whatever else is kept; two dashes are known together only."""
    smaller, _ = full.cut(required(full, text) | some(full, others))
    for character in text:
        before, after = full.encoded([character])[0], smaller.encoded([character])[0]
        assert (smaller.unknown in after) == (full.unknown in before)
    if full.unknown not in full.encoded([text])[0] and "-" not in text:
        assert smaller.unknown not in smaller.encoded([text])[0]


@each_kind
@given(others=st.sets(st.integers(0, 10**6), max_size=30))
def test_ids_are_numbered_anew_in_their_old_order(full, others):
    smaller, keep = full.cut(some(full, others))
    assert [smaller.subwords[number] for number in range(len(keep))] == [full.subwords[old] for old in keep]
    library = smaller.tokenizer()
    assert library.get_vocab() == {subword: number for number, subword in smaller.subwords.items()}
    inside = [old for old in keep if old not in full.special]
    assert inside == sorted(inside)


def test_special_subwords_come_first_in_their_old_order():
    smaller, _ = VOCABULARIES["bert"].cut([20, 21])
    assert list(smaller.subwords.values())[:5] == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    smaller, _ = VOCABULARIES["xlm-roberta"].cut([20, 21])
    assert list(smaller.subwords.values())[:5] == ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    assert smaller.special == {0, 1, 2, 3, 4}


def test_a_token_that_was_added_on_top_stays_on_top():
    full = VOCABULARIES["deberta-v2"]
    assert full.subwords[full.length - 1] == "<mask>"
    smaller, _ = full.cut([20, 21])
    assert list(smaller.subwords.values())[-1] == "<mask>"
    assert smaller.tokenizer().token_to_id("<mask>") == 6
    assert smaller.tokenizer().encode("ab<mask>").tokens[-2] == "<mask>"


def test_unknown_is_remapped_and_scores_stay():
    full = Vocabulary.of("it", unigram(first=("<s>", "<pad>", "</s>")))
    smaller, keep = full.cut(full.required("ab"))
    assert smaller.subwords[smaller.unknown] == "<unk>"
    scores = [score for _, score in smaller.spec["model"]["vocab"]]
    assert scores == [full.spec["model"]["vocab"][old][1] for old in keep]


def test_whole_and_continuing_forms_of_a_character_are_kept():
    full = VOCABULARIES["bert"]
    assert {full.subwords[number] for number in full.required("a")} == {
        *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
        *("a", "##a"),
    }


def test_a_character_that_normalisation_rewrites_keeps_what_spells_it():
    """`…` becomes three dots, which are known only together."""
    vocabulary = [("<unk>", 0.0), ("▁", -2.0), ("...", -3.0), ("▁...", -4.0), ("a", -5.0)]
    tokenizer = unigram().backend_tokenizer
    tokenizer.model = models.Unigram(vocabulary, unk_id=0, byte_fallback=False)
    tokenizer.post_processor = processors.TemplateProcessing(single="$A", pair="$A $B", special_tokens=[])
    full = Vocabulary.of("it", PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>"))
    kept = {full.subwords[number] for number in full.required("…")}
    assert full.encoded(["…"]) == [[3]]
    assert "▁..." in kept


def test_unknown_characters_cost_as_much_as_before():
    """Their score is counted from the lowest one: without that subword, guessing `unknown` would become too cheap."""
    vocabulary = [("<unk>", 0.0), ("▁", -1.0), ("▁abc", -15.0), ("d", -15.0), ("▁a", -1.0), ("cd", -1.0), ("zz", -40.0)]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=0, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    full = Vocabulary.of("it", PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>"))

    def cut_by(vocabulary):
        return [vocabulary.subwords[number] for number in vocabulary.encoded(["abcd"])[0]]

    careful, _ = full.cut(full.required("") | {2, 3, 4, 5})
    careless, _ = full.cut({2, 3, 4, 5})
    assert cut_by(full) == cut_by(careful) == ["▁abc", "d"]
    assert cut_by(careless) == ["▁a", "<unk>", "cd"]
    assert "zz" in careful.subwords.values()


def test_bytes_that_spell_all_else_are_kept():
    vocabulary = [("<unk>", 0.0), ("▁", -1.0), ("a", -2.0), *((f"<0x{byte:02X}>", -9.0) for byte in range(256))]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=0, byte_fallback=True))
    full = Vocabulary.of("it", PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>"))
    assert len(full.cut(full.required(""))[1]) == 258
    assert len(full.cut(full.required("a"))[1]) == 259


@pytest.mark.parametrize(
    "processor",
    [
        processors.BertProcessing(("</s>", 2), ("<s>", 0)),
        processors.RobertaProcessing(("</s>", 2), ("<s>", 0)),
        processors.Sequence([processors.BertProcessing(("</s>", 2), ("<s>", 0))]),
        processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]),
        None,
    ],
    ids=["bert", "roberta", "sequence", "template", "none"],
)
def test_whatever_puts_special_tokens_around_a_text_names_the_new_ids(processor):
    tokenizer = unigram(first=("<s>", "<unk>", "</s>"))
    if processor is not None:
        tokenizer.backend_tokenizer.post_processor = processor
    full = Vocabulary.of("it", tokenizer)
    smaller, keep = full.cut(full.encoded(["abc"])[0])
    for text in ("abc", ""):
        before, after = (vocabulary.tokenizer().encode(text) for vocabulary in (full, smaller))
        assert after.tokens == before.tokens
        assert keep[after.ids].tolist() == before.ids


def test_padding_that_the_file_asks_for_names_the_new_id():
    tokenizer = unigram(first=("<s>", "</s>", "<unk>"))
    tokenizer.backend_tokenizer.enable_padding(pad_id=tokenizer.pad_token_id, pad_token="<pad>")
    smaller, _ = Vocabulary.of("it", tokenizer).cut([])
    assert smaller.subwords[smaller.spec["padding"]["pad_id"]] == "<pad>"


def test_texts_are_counted_whole_although_the_file_cuts_and_pads_them():
    tokenizer = unigram()
    tokenizer.backend_tokenizer.enable_padding(length=50)
    tokenizer.backend_tokenizer.enable_truncation(3)
    whole = Vocabulary.of("it", unigram())
    assert Vocabulary.of("it", tokenizer).encoded(TEXTS) == whole.encoded(TEXTS)


def test_another_kind_of_tokenizer_is_refused():
    tokenizer = Tokenizer(models.BPE({"a": 0, "b": 1, "ab": 2}, [("a", "b")]))
    with pytest.raises(ModelError, match=r"tokenizer of 'it' is of the kind BPE, .* Unigram or WordPiece tokenizer"):
        Vocabulary.of("it", PreTrainedTokenizerFast(tokenizer_object=tokenizer))


@pytest.mark.parametrize("make", [wordpiece, unigram, TOKENIZERS["deberta-v2"]], ids=["WordPiece", "Unigram", "on top"])
def test_transformers_reads_what_is_written(make, tmp_path):
    before = make()
    full = Vocabulary.of("it", before)
    smaller, keep = full.cut({number for ids in full.encoded(TEXTS) for number in ids})
    save_tokenizer(smaller, before, tmp_path)
    after = AutoTokenizer.from_pretrained(tmp_path)
    assert json.loads(after.backend_tokenizer.to_str()) == smaller.spec
    assert after.special_tokens_map == before.special_tokens_map
    assert after.model_max_length == before.model_max_length
    for left, right in pairwise(TEXTS):
        old, new = before(left, right), after(left, right)
        assert new.keys() == old.keys()
        assert keep[new["input_ids"]].tolist() == old["input_ids"]
        assert new.get("token_type_ids") == old.get("token_type_ids")


def test_a_mask_takes_the_space_before_it_as_it_did(tmp_path):
    full = Vocabulary.of("it", unigram())
    save_tokenizer(full.cut(full.required("abc"))[0], unigram(), tmp_path)
    assert AutoTokenizer.from_pretrained(tmp_path).tokenize("a <mask> b") == unigram().tokenize("a <mask> b")


def test_case_and_accents_are_read_as_before(tmp_path):
    vocabulary = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4, "e": 5, "##e": 6}
    lower = transformers.BertTokenizer(vocab=vocabulary, do_lower_case=True)
    smaller, _ = Vocabulary.of("it", lower).cut([5, 6])
    save_tokenizer(smaller, lower, tmp_path)
    assert AutoTokenizer.from_pretrained(tmp_path).tokenize("ÉE") == ["e", "##e"]
    assert wordpiece().tokenize("AB") == ["[UNK]"]
    assert len(STRINGS) == 39
