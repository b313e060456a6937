"""Notes of stored results as a reader sees them."""

import json
import re

import pytest

from dlfa_core.figures.sentences.notes import readable
from dlfa_core.languages import LANGUAGES
from dlfa_core.shipped import ASSETS


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        (
            "the training or dev set: eng 34 of 1,000, ekk 128 of 2,077. They are tested all the same; "
            "drop_duplicates leaves them out.",
            "the training or dev set: English 34 of 1,000, Estonian 128 of 2,077. They are tested all the same; "
            "the command leaves them out with --drop-duplicates.",
        ),
        ("over 11 languages; not here: ekk, hat, tha.", "over 11 languages; not here: Estonian, Haitian Creole, Thai."),
        ("with a training pair in eng; the pairs differ.", "with a training pair in English; the pairs differ."),
        ("is frozen here; mode=finetune has it.", "is frozen here; fine-tuning (--mode finetune) has it."),
        ("tom 3 of 4, and the dan of it.", "tom 3 of 4, and the dan of it."),
    ],
)
def test_codes_and_arguments_are_said_in_words(stored, shown):
    assert readable(stored) == shown
    assert readable(shown) == shown


def test_no_note_of_a_bundled_result_names_a_code_or_an_argument():
    for path in ASSETS.glob("results/*/*/values.json"):
        for note in json.loads(path.read_text())["meta"].get("warnings", []):
            said = readable(note)
            assert not re.search(r"drop_duplicates|mode=", said)
            assert not {*re.findall(r"\b[a-z]{3}(?= \d+ of|, [a-z]{3}\b)", said)} & LANGUAGES.keys(), said
