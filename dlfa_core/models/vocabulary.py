"""A subword vocabulary for many languages, learnt from text."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tokenizers import BertWordPieceTokenizer
from transformers import BertTokenizerFast

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
ALPHABET = 6_000  # single characters that are kept, most frequent first: enough for Chinese and Japanese


def learn_vocabulary(texts: Iterable[str], size: int, min_frequency: int = 3) -> list[str]:
    """Subwords that spell the texts with few subwords, cut as multilingual BERT cuts: cased, accents kept, one subword
    for a Chinese character.

    Balance the languages in `texts`: a language with little text gets few whole words.

    Args:
        texts: sentences.
        size: subwords to learn, special tokens and single characters among them.
        min_frequency: pairs of subwords seen less often are never joined.

    Returns:
        At most `size` subwords in the order of their ids, special tokens first; the same ones for the same texts.

    Raises:
        ValueError: `size` does not hold the special tokens and the alphabet of the texts.
    """
    learner = BertWordPieceTokenizer(strip_accents=False, lowercase=False)
    words = _count_words(learner, texts)
    alphabet = _most_common(char for word, count in words.items() for char in word * count)
    continuing = sorted({f"##{char}" for word in words for char in word[1:]} & {f"##{char}" for char in alphabet})
    required = [*SPECIAL, *continuing]  # given ids up front: the learner would number `continuing` in random order
    if (needed := len(required) + len(alphabet)) > size:
        raise ValueError(
            f"A vocabulary of {size} subwords is too small: special tokens and single characters of these texts alone "
            f"are {needed}. Ask for more subwords or for fewer languages."
        )
    learner.train_from_iterator(
        (word for word, count in words.items() for _ in range(count)),
        vocab_size=size,
        min_frequency=min_frequency,
        initial_alphabet=alphabet,
        limit_alphabet=len(alphabet),
        special_tokens=required,
        show_progress=False,
    )
    ids = learner.get_vocab()
    return sorted(ids, key=ids.__getitem__)


def _count_words(learner: BertWordPieceTokenizer, texts: Iterable[str]) -> Counter[str]:
    cut, clean = learner.pre_tokenizer, learner.normalizer
    return Counter(word for text in texts for word, _ in cut.pre_tokenize_str(clean.normalize_str(text)))


def _most_common(characters: Iterable[str]) -> list[str]:
    """The `ALPHABET` most frequent ones, ties in the order of Unicode."""
    counts = Counter(characters)
    return sorted(sorted(counts, key=lambda char: (-counts[char], char))[:ALPHABET])


def cased_tokenizer(subwords: Iterable[str], max_length: int = 512) -> BertTokenizerFast:
    """A cased BERT tokenizer over the given subwords, such as the lines of a `vocab.txt`.

    Raises:
        ValueError: one of the five special tokens is missing from `subwords`.
    """
    ids = {subword: index for index, subword in enumerate(subwords)}
    if missing := [token for token in SPECIAL if token not in ids]:
        raise ValueError(f"The vocabulary lacks {', '.join(missing)}: a BERT vocabulary has {', '.join(SPECIAL)}.")
    return BertTokenizerFast(vocab=ids, do_lower_case=False, strip_accents=False, model_max_length=max_length)


def read_tokenizer(folder: str | Path) -> BertTokenizerFast:
    """The tokenizer that was saved in a folder."""
    return BertTokenizerFast.from_pretrained(folder)
