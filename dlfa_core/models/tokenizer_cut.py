"""Fewer subwords for a tokenizer that otherwise stays as it is.

A text whose subwords are all kept is cut into the same ones. In a Unigram tokenizer the best segmentation of a text
stays the best when others become impossible; in a WordPiece tokenizer the longest match stays the longest.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerBase

from dlfa_core.models.source import ModelError

KINDS = ("Unigram", "WordPiece")
WORD_START = "▁"  # stands for a space in Unigram vocabularies made by SentencePiece
BYTE = re.compile("<0x[0-9A-F]{2}>")  # subwords that spell what no other can, where a tokenizer has them


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """What a fast tokenizer knows.

    Attributes:
        spec: the content of its `tokenizer.json`.
        subwords: id -> subword, of the tokenizer's model and of tokens that were added on top of it.
        special: ids of all that stand for no text: added and named tokens, the unknown one.
    """

    spec: dict[str, Any]
    subwords: dict[int, str]
    special: frozenset[int]

    @classmethod
    def of(cls, name: str, tokenizer: PreTrainedTokenizerBase) -> "Vocabulary":
        """Read the tokenizer of a model.

        Args:
            name: of the model, for messages.
            tokenizer: a fast one.

        Raises:
            ModelError: it is of another kind than `KINDS`.
        """
        spec = json.loads(tokenizer.backend_tokenizer.to_str())
        if (kind := spec["model"]["type"]) not in KINDS:
            raise ModelError(
                f"The tokenizer of {name!r} is of the kind {kind}, whose subwords cannot be dropped one by one: choose "
                f"a model with a {' or '.join(KINDS)} tokenizer: mBERT, LaBSE, XLM-R, multilingual E5, mDeBERTa."
            )
        added = {token["id"]: token["content"] for token in spec["added_tokens"]}
        subwords = added | dict(_numbered(spec["model"]))
        special = {*added, *tokenizer.all_special_ids, *tokenizer.backend_tokenizer.encode("", "").ids}
        if spec.get("padding"):
            special.add(spec["padding"]["pad_id"])
        return cls(spec, subwords, frozenset(special | {_unknown(spec["model"])} - {None}))

    @property
    def is_unigram(self) -> bool:
        """Tell whether the tokenizer is Unigram; else it is WordPiece."""
        return self.spec["model"]["type"] == "Unigram"

    @property
    def unknown(self) -> int | None:
        """The id that stands for what the tokenizer does not know."""
        return _unknown(self.spec["model"])

    @property
    def length(self) -> int:
        """One more than the largest id."""
        return max(self.subwords) + 1

    def tokenizer(self) -> Tokenizer:
        """A tokenizer that neither cuts texts off nor pads them."""
        return Tokenizer.from_str(json.dumps(self.spec | {"truncation": None, "padding": None}))

    def characters(self, counts: np.ndarray) -> Counter[str]:
        """Count how often each character occurs in texts as the tokenizer's model sees them, after normalisation.

        Args:
            counts: (length,) how often each subword occurs.
        """
        found: Counter[str] = Counter()
        for number in np.flatnonzero(counts):
            if number not in self.special:
                for character in self._spelt(self.subwords[number]):
                    found[character] += int(counts[number])
        return found

    def required(self, characters: Iterable[str]) -> set[int]:
        """Ids that every smaller tokenizer keeps: what is special, and what spells given characters.

        With them no character that was known becomes unknown. A Unigram tokenizer also keeps its subword of the lowest
        score: the score of an unknown character is counted from there, so it stays the same.

        Args:
            characters: as they stand in texts, before normalisation and after it.
        """
        wanted = set(characters)
        kept = {number for number, subword in self.subwords.items() if self._spelt(subword) in wanted} | self.special
        if self.is_unigram:
            kept |= self._foundation(kept)
        return kept | self._spelling(sorted(wanted), kept)

    def cut(self, keep: Iterable[int]) -> tuple["Vocabulary", np.ndarray]:
        """A vocabulary of fewer subwords.

        Args:
            keep: ids; what is special is kept with them.

        Returns:
            The smaller vocabulary, and int64 (n,) the old id of each of its subwords: first what is special in its old
            order, then the others in theirs, then what had been added on top of the tokenizer's model, whose ids the
            `tokenizers` library wants there.
        """
        model, kept = self.spec["model"], set(keep) | self.special
        numbered = dict(_numbered(model))
        inside = sorted(kept & numbered.keys(), key=lambda number: (number not in self.special, number))
        old = [*inside, *sorted(kept - numbered.keys())]
        new = {number: index for index, number in enumerate(old)}
        if self.is_unigram:
            unknown = None if self.unknown is None else new[self.unknown]
            model = model | {"vocab": [model["vocab"][number] for number in inside], "unk_id": unknown}
        else:
            model = model | {"vocab": {numbered[number]: new[number] for number in inside}}
        added = sorted((token | {"id": new[token["id"]]} for token in self.spec["added_tokens"]), key=itemgetter("id"))
        spec = self.spec | {"model": model, "added_tokens": added}
        spec["post_processor"] = _renumbered(self.spec["post_processor"], new)
        if padding := self.spec["padding"]:
            spec["padding"] = padding | {"pad_id": new[padding["pad_id"]]}
        subwords = {index: self.subwords[number] for number, index in new.items()}
        return Vocabulary(spec, subwords, frozenset(new[number] for number in self.special)), np.array(old)

    def encoded(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text, without special tokens around it."""
        return [found.ids for found in self.tokenizer().encode_batch_fast(texts, add_special_tokens=False)]

    def _spelt(self, subword: str) -> str:
        """The text of a subword, without the mark that says where in a word it stands."""
        if self.is_unigram:
            return subword.replace(WORD_START, "")
        return subword.removeprefix(self.spec["model"]["continuing_subword_prefix"])

    def _foundation(self, kept: set[int]) -> set[int]:
        """Return what Unigram needs whatever the text: the mark of a word's start, bytes, the lowest score."""
        scores = [score for _, score in self.spec["model"]["vocab"]]
        bytes_too = self.spec["model"]["byte_fallback"]
        needed = {
            number
            for number, subword in _numbered(self.spec["model"])
            if subword == WORD_START or (bytes_too and BYTE.fullmatch(subword))
        }
        lowest = min(scores)
        if lowest not in (scores[number] for number in kept | needed if number < len(scores)):
            needed.add(scores.index(lowest))
        return needed

    def _spelling(self, characters: list[str], kept: set[int]) -> set[int]:
        """The subwords of characters that would be unknown without them, such as those that normalisation rewrites."""
        smaller = self.cut(kept)[0]
        both = zip(self.encoded(characters), smaller.encoded(characters), strict=True)
        lost = [ids for ids, fewer in both if smaller.unknown in fewer and self.unknown not in ids]
        return {number for ids in lost for number in ids}


def _numbered(model: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """Id and subword, for everything that a tokenizer's model holds."""
    if model["type"] == "Unigram":
        yield from ((number, subword) for number, (subword, _) in enumerate(model["vocab"]))
    else:
        yield from ((number, subword) for subword, number in model["vocab"].items())


def _unknown(model: dict[str, Any]) -> int | None:
    return model["unk_id"] if model["type"] == "Unigram" else model["vocab"].get(model["unk_token"])


def save_tokenizer(vocabulary: Vocabulary, like: PreTrainedTokenizerBase, folder: Path) -> None:
    """Write `tokenizer.json`, and a `tokenizer_config.json` that makes any version of transformers read just that.

    Args:
        vocabulary: what is written.
        like: the tokenizer that names special tokens, the longest input, and what a model is given.
        folder: an existing one.
    """
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",  # classes named after a model build parts of it anew
        **{name: str(token) for name, token in like.special_tokens_map.items() if name.endswith("_token")},
        "model_max_length": like.model_max_length,
        "model_input_names": list(like.model_input_names),
        "padding_side": like.padding_side,
        "truncation_side": like.truncation_side,
        "clean_up_tokenization_spaces": bool(like.clean_up_tokenization_spaces),
    }
    (folder / "tokenizer.json").write_text(json.dumps(vocabulary.spec, ensure_ascii=False), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(config, ensure_ascii=False, indent=2) + "\n", "utf-8")


def _renumbered(processor: dict[str, Any] | None, new: dict[int, int]) -> dict[str, Any] | None:
    """Return what puts special tokens around a text, with their new ids."""
    if processor is None:
        return None
    changed = dict(processor)
    if "processors" in processor:
        changed["processors"] = [_renumbered(part, new) for part in processor["processors"]]
    if tokens := processor.get("special_tokens"):
        changed["special_tokens"] = {
            name: token | {"ids": [new[number] for number in token["ids"]]} for name, token in tokens.items()
        }
    for side in ("sep", "cls"):
        if side in processor:
            token, number = processor[side]
            changed[side] = [token, new[number]]
    return changed
