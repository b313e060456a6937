"""Language and split in a file's name, as people name files: train-en.tsv, en_ewt-ud-dev.conllu, de/test_2k.tsv."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from dlfa_core.data.files import unpacked_name
from dlfa_core.data.parallel import CorpusError
from dlfa_core.languages import code_of, find

SPLITS = {
    "train": "train",
    "training": "train",
    "dev": "dev",
    "val": "dev",
    "valid": "dev",
    "validation": "dev",
    "test": "test",
}
TREEBANK = re.compile(r"([a-z]{2,3}_[a-z0-9]+)-ud-")  # Universal Dependencies and Universal NER
NORWEGIAN = {"nynorsk": "nno", "bokm": "nob"}  # how treebanks whose code is `no` go on -> language
# codes that are English words besides: they say something beside the split only, and nothing beside another code there
_WORDS = (
    "ace am an as ban bar be bug cat fur he ice is it kin mad max may min my new no nor or pan run sin so sun to war"
)
WORDS = frozenset(_WORDS.split())


class _Found(NamedTuple):
    """A language in a name: its ISO 639-3 code, how it is written, and the parts that it takes."""

    code: str
    written: str
    start: int
    end: int


def language_in(path: Path) -> str:
    """The language in a file's name, as ISO 639-3: the code beside the split, or else the only one.

    train-en.tsv, por-MZ-test.tsv, my-data-train-de.tsv; where a name has none, the folder's name may be a code.

    Raises:
        CorpusError: no part of the name is the code of a language, or it may be either of two.
    """
    parts = _parts(path)
    treebank = TREEBANK.match(path.name)
    found = _languages(treebank[1].split("_"), most=1) if treebank else _languages(parts)
    candidates = _beside(found, _split_at(parts), len(parts))
    if not candidates:
        candidates = [one for one in found if treebank or one.written.casefold() not in WORDS]
    if len({one.code for one in candidates}) > 1:
        raise CorpusError(
            f"The name of {path.name} may mean {' or '.join(_named(candidates))}. Keep one code of a language in it, "
            f"next to the split, such as train-en.tsv; write a region in capitals, such as train-pt-BR.tsv."
        )
    if candidates:
        return candidates[0].code
    folder = path.resolve().parent.name
    above = [one for one in _languages(_cut(folder)) if (one.start, one.end) == (0, len(_cut(folder)))]
    if above:
        return above[0].code
    word = f" (unless {', '.join(_named(found))} is meant, which may be a word)" if found else ""
    raise CorpusError(
        f"The name of {path.name} has no language in it{word}. Name files by split and language code, such as "
        f"train-en.tsv."
    )


def split_in(path: Path) -> str:
    """The split in a file's name, or else its folder's name; "test" where there is none."""
    parts = _parts(path)
    index = _split_at(parts)
    named = path.resolve().parent.name if index is None else parts[index]
    return SPLITS.get(named.casefold(), "test")


def stem_of(path: Path) -> str:
    """The name of a file without its folder and its ending, if it has one."""
    return unpacked_name(path).rpartition(".")[0] or path.name


def _parts(path: Path) -> list[str]:
    return _cut(stem_of(path))


def _cut(name: str) -> list[str]:
    return [part for part in re.split(r"[\W_]+", name) if part]


def _split_at(parts: list[str]) -> int | None:
    """The index of the last part that names a split."""
    return next((index for index in reversed(range(len(parts))) if parts[index].casefold() in SPLITS), None)


def _languages(parts: list[str], most: int | None = None) -> list[_Found]:
    """The languages among the parts of a name, each with its script and region; the first ones if there is a most."""
    found: list[_Found] = []
    index = 0
    while index < len(parts) and (most is None or len(found) < most):
        code, end = _code(parts[index]), index + 1
        if code == "nob" and end < len(parts):
            variety = next((own for start, own in NORWEGIAN.items() if parts[end].casefold().startswith(start)), None)
            code, end = variety or code, end + (variety is not None)
        while (
            code
            and end < len(parts)
            and parts[end].casefold() not in SPLITS
            and _qualifies(parts[index:end], parts[end])
        ):
            end += 1
        if code:
            whole = "-".join(parts[index:end])
            code = code_of(whole) or code  # fa-AF is Dari
            found.append(_Found(code, whole, index, end))
        index = end
    return found


def _qualifies(code: list[str], part: str) -> bool:
    """Tell whether a part is a script or a region after a code: sr-Latn-RS, zh-cn, but not the en of as-en."""
    capital = part.isupper() and not code[0].isupper()
    region = len(part) == 2 and (capital or (code_of(part) is None and code[0].casefold() not in WORDS))
    return (len(part) == 4 or region or part.isdecimal()) and code_of("-".join((*code, part))) is not None


def _code(part: str) -> str | None:
    known = len(part) in (2, 3) and part.casefold() not in SPLITS
    return code_of(part) if known else None


def _beside(found: Iterable[_Found], split: int | None, end: int) -> list[_Found]:
    """Those that stand next to the split, or at the name's end if it has none, each with another code beside it.

    pt-br-train may be Portuguese or Breton, but as-en-train is English, because "as" is a word.
    """
    starts, ends = {one.start: one for one in found}, {one.end: one for one in found}
    before, after = ends.get(end if split is None else split), None if split is None else starts.get(split + 1)
    beside = [one for one in (before, after) if one]
    if before and before.start in ends and ends[before.start].written.casefold() not in WORDS:
        beside.insert(0, ends[before.start])
    if after and after.end in starts:
        beside.append(starts[after.end])
    return beside


def _named(found: Iterable[_Found]) -> list[str]:
    return list(dict.fromkeys(f"{find(one.code).name} ({one.written})" for one in found))
