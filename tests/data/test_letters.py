"""Scripts of texts."""

import pytest

from dlfa_core.data.letters import can_write, has_letters, is_unspaced, likely_language, script_of
from dlfa_core.languages import LANGUAGES


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("capital", "Latn"),
        ("город", "Cyrl"),
        ("हैं", "Deva"),
        ("家", "Hans"),
        ("커피", "Hang"),
        ("قهوة", "Arab"),
        ("กาแฟ", "Thai"),
    ],
)
def test_the_script_of_letters(text, script):
    assert script_of(text) == script


@pytest.mark.parametrize("text", ["", "12", "!?", "aя"])
def test_no_one_script(text):
    assert script_of(text) is None


def test_a_language_writes_its_own_letters_and_what_all_share():
    assert can_write("deu", "größer-12!")
    assert can_write("jpn", "コーヒーを飲む")
    assert not can_write("cmn", "コーヒー")
    assert not can_write("rus", "city")


def test_letters_and_spaces():
    assert has_letters("1a")
    assert not has_letters("1 .")
    assert is_unspaced("กา")
    assert not is_unspaced("커피")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("كان الطعام لذيذا.", "arb"),
        ("खाना अच्छा था।", "hin"),
        ("饭很好吃。", "cmn"),
        ("อาหารอร่อยมาก", "tha"),
        ("Еда была вкусной.", "rus"),
        ("The food was good.", "eng"),
        ("Das Essen 饭", None),
        ("2 + 2", None),
    ],
)
def test_the_likeliest_language_is_the_largest_of_its_letters(text, code):
    assert likely_language(text) == code


def test_every_script_has_a_likeliest_language_that_can_write_it():
    for language in LANGUAGES.values():
        found = likely_language(language.own_name)
        assert found is None or can_write(found, language.own_name)
