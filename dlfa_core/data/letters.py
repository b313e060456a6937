"""What the letters of a text tell of its language."""

import regex

from dlfa_core.languages import LANGUAGES, find

_UNICODE = {  # scripts of `languages.tsv` that Unicode calls otherwise
    "Hans": ("Han",),
    "Hant": ("Han",),
    "Jpan": ("Hiragana", "Katakana", "Han"),
    "Kore": ("Hangul",),
}
_LARGEST = {"Latn": "eng", "Arab": "arb", "Deva": "hin", "Cyrl": "rus", "Hans": "cmn", "Hebr": "heb", "Beng": "ben"}
_LETTER = regex.compile(r"\p{L}")
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]")


def has_letters(text: str) -> bool:
    """Tell whether a text has a letter."""
    return _LETTER.search(text) is not None


def is_unspaced(text: str) -> bool:
    """Tell whether a text has a letter of a script that writes no spaces between words."""
    return _UNSPACED.search(text) is not None


def can_write(language: str, text: str) -> bool:
    """Tell whether all letters of a text are of the script of a language; `language` as for `languages.find`."""
    return _all_in(find(language).script, text)


def script_of(text: str) -> str | None:
    """Return the script of all letters of a text, as `languages.tsv` has it; None where there are several, or none."""
    known = dict.fromkeys(language.script for language in LANGUAGES.values())
    return next((script for script in known if _all_in(script, text)), None) if has_letters(text) else None


def likely_language(text: str) -> str | None:
    """Return the language, a code, with most speakers of those with the script of a text; None as `script_of`."""
    script = script_of(text)
    if script is None:
        return None
    return _LARGEST.get(script) or next(code for code, each in LANGUAGES.items() if each.script == script)


def _all_in(script: str, text: str) -> bool:
    own = "".join(rf"\p{{Script={name}}}" for name in _UNICODE.get(script, (script,)))
    return regex.fullmatch(rf"[{own}\p{{Common}}\p{{Inherited}}\P{{L}}]*", text) is not None
