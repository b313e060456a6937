"""Notes of a result as a reader sees them: with the names of languages, and in today's words where it is older."""

import re

from dlfa_core.languages import code_of, find

_CODES = (  # where a note may have codes of languages
    re.compile(r"(?<=not here: )[a-z]{3}(?:, [a-z]{3})*"),
    re.compile(r"(?<=training pair in )[a-z]{3}\b"),
    re.compile(r"\b[a-z]{3}(?= [\d,]+ of [\d,]+[,.])"),
)
_TODAY = {
    "drop_duplicates leaves them out": "the command leaves them out with --drop-duplicates",
    "mode=finetune has it": "fine-tuning (--mode finetune) has it",
}


def readable(note: str) -> str:
    """Return a note of `meta["warnings"]` without codes of languages and names of arguments."""
    for pattern in _CODES:
        note = pattern.sub(lambda found: ", ".join(map(_name, found[0].split(", "))), note)
    for before, today in _TODAY.items():
        note = note.replace(before, today)
    return note


def _name(code: str) -> str:
    return find(code).name if code_of(code) else code
