"""The languages that this project knows: codes, names, families, scripts, colours.

`languages.tsv` beside this module holds every language of mBERT (103 codes: its list of 104 counts
simplified and traditional Chinese apart), the 50 of XTREME-R, and those of the usual parallel corpora
(FLORES-200, NTREX-128, Tatoeba, PUD). One row a language, tab-separated, no quoting:

    code           ISO 639-3; a macro-language is filed under its main member (Chinese under cmn)
    alpha2         ISO 639-1, empty where there is none
    name           customary English name
    own_name       the language's name in itself
    family, genus  Glottolog 5.1 and WALS 2020.4 (both CC BY 4.0), with short names for isolates
    script         ISO 15924, as the language is mostly written in today's text collections
    bcp47          tag for `lang` attributes in HTML
    in_mbert, in_xtreme_r    0 or 1
    also           further codes and names by which `find` knows it, separated by "; "

Sources of the two flags: google-research/bert `multilingual.md`; Ruder et al. (2021), XTREME-R.
"""

import csv
import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

RIGHT_TO_LEFT = {"Arab", "Hebr", "Nkoo", "Thaa"}  # scripts of `languages.tsv` only


class UnknownLanguage(ValueError):
    """No language goes by this code or name; the message lists the nearest ones."""


@dataclass(frozen=True)
class Family:
    """A language family and how it is drawn.

    No colour is the only channel: `symbol` (a plotly marker) differs between the eight largest
    families wherever `colour` does, and no two families share both.
    """

    name: str
    colour: str
    symbol: str


@dataclass(frozen=True)
class Language:
    """One row of `languages.tsv`; the module's docstring explains the columns."""

    code: str
    alpha2: str | None
    name: str
    own_name: str
    family: str
    genus: str
    script: str
    bcp47: str
    in_mbert: bool
    in_xtreme_r: bool
    also: tuple[str, ...] = ()

    @property
    def direction(self) -> Literal["ltr", "rtl"]:
        """The side that a line starts from, for `dir` attributes in HTML."""
        return "rtl" if self.script in RIGHT_TO_LEFT else "ltr"


# Okabe and Ito's blue, vermilion, green and pink; Paul Tol's purple and forest green; a violet and an
# olive between them. Each has a contrast of 3:1 or more on white and on #0e1117, which leaves out the
# light half of both palettes; tests hold that, and the distances as a colour-blind reader sees them.
BLUE, VERMILION, GREEN, PINK = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
PURPLE, FOREST, VIOLET, OLIVE = "#AA3377", "#117733", "#8C6BE0", "#999933"

# Largest first: the order of legends and of heatmap rows.
FAMILIES: dict[str, Family] = {
    name: Family(name, colour, symbol)
    for name, colour, symbol in [
        ("Indo-European", BLUE, "circle"),
        ("Atlantic-Congo", VERMILION, "square"),
        ("Austronesian", GREEN, "diamond"),
        ("Afro-Asiatic", PINK, "triangle-up"),
        ("Turkic", PURPLE, "cross"),
        ("Sino-Tibetan", VIOLET, "star"),
        ("Uralic", FOREST, "triangle-down"),
        ("Dravidian", OLIVE, "x"),
        ("Tai-Kadai", VERMILION, "hourglass"),
        ("Austroasiatic", BLUE, "bowtie"),
        ("Japonic", PINK, "pentagon"),
        ("Koreanic", GREEN, "hexagram"),
        ("Kartvelian", PURPLE, "triangle-left"),
        ("Basque (isolate)", VIOLET, "triangle-right"),
        ("Mongolic-Khitan", OLIVE, "diamond-tall"),
        ("Quechuan", VERMILION, "star-square"),
        ("Nilotic", BLUE, "diamond-wide"),
        ("Mande", GREEN, "star-diamond"),
        ("Uto-Aztecan", FOREST, "star-triangle-up"),
        ("Saharan", PINK, "star-triangle-down"),
        ("Nakh-Daghestanian", VIOLET, "hexagon"),
        ("Hmong-Mien", PURPLE, "octagon"),
        ("Tupian", VERMILION, "triangle-ne"),
        ("Aymaran", BLUE, "triangle-se"),
        ("Arawakan", GREEN, "triangle-sw"),
        ("Chibchan", OLIVE, "triangle-nw"),
        ("Oto-Manguean", PINK, "hexagon2"),
        ("Pano-Tacanan", VIOLET, "square-cross"),
        ("Constructed", FOREST, "circle-x"),
    ]
}


def _read_table(path: Path) -> dict[str, Language]:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    for row in rows:
        row["alpha2"] = row["alpha2"] or None
        row["in_mbert"], row["in_xtreme_r"] = row["in_mbert"] == "1", row["in_xtreme_r"] == "1"
        row["also"] = tuple(filter(None, row["also"].split("; ")))
    return {row["code"]: Language(**row) for row in rows}


LANGUAGES: dict[str, Language] = _read_table(Path(__file__).with_name("languages.tsv"))


def _index() -> dict[str, Language]:
    """Every spelling that `find` accepts. Codes come first: "ido" is Ido, whatever else is called so."""
    index: dict[str, Language] = {}
    for field in ("code", "alpha2", "bcp47", "name", "also", "own_name"):
        for language in LANGUAGES.values():
            value = getattr(language, field) or ()
            for spelling in (value,) if isinstance(value, str) else value:
                index.setdefault(spelling.casefold(), language)
    return index


_INDEX = _index()
_SCRIPTS = {language.script for language in LANGUAGES.values()} | {"Kore", "Mtei"}
_TAGGED = re.compile(  # language, script, region; only real scripts, so that `id_text` is not Indonesian
    rf"([a-z]{{2,3}})(-({'|'.join(sorted(_SCRIPTS)).casefold()}))?(-([a-z]{{2}}|\d{{3}}))?"
)


def find(code_or_name: str) -> Language:
    """Look a language up by whatever a file, a visitor or a model card calls it.

    Args:
        code_or_name: ISO 639-1 or 639-3, a macro-language (`zh`, `ara`), a corpus code with script or
            region (`zho_Hans`, `por-BR`), an English name or the language's own name; case is ignored.

    Raises:
        UnknownLanguage: nothing goes by that name; the message lists the nearest ones.
    """
    wanted = _spelt(code_or_name)
    language = _looked_up(wanted)
    if language is None:
        raise UnknownLanguage(
            f"{code_or_name!r} is not a language in the table. Nearest: {_nearest(wanted)}. "
            f"Give an ISO 639 code such as deu or de, or a name such as German or Deutsch."
        )
    return language


def code_of(code_or_name: str) -> str | None:
    """Return the ISO 639-3 code of what `find` finds, or None, without a search for the nearest."""
    language = _looked_up(_spelt(code_or_name))
    return language.code if language else None


def _spelt(code_or_name: str) -> str:
    return code_or_name.strip().casefold().replace("_", "-")


def _looked_up(wanted: str) -> Language | None:
    tagged = _TAGGED.fullmatch(wanted)
    return _INDEX.get(wanted) or (_INDEX.get(tagged[1]) if tagged else None)


def _nearest(wanted: str) -> str:
    """Three languages whose code or name comes closest, most similar first."""
    matches = difflib.get_close_matches(wanted, _INDEX, n=9, cutoff=0.0)
    languages = dict.fromkeys(_INDEX[match] for match in matches)
    return ", ".join(f"{language.name} ({language.code})" for language in list(languages)[:3])


def by_family(codes: Iterable[str]) -> dict[str, list[str]]:
    """Codes under the name of their family, families in the order of first use."""
    families: dict[str, list[str]] = {}
    for code in codes:
        families.setdefault(find(code).family, []).append(code)
    return families


def family_order(codes: Iterable[str]) -> tuple[str, ...]:
    """Codes sorted by family (as in `FAMILIES`), in it by genus, in it by English name.

    Relatives end up side by side, so a matrix in this order shows families as blocks.
    """
    rank = {name: position for position, name in enumerate(FAMILIES)}

    def key(code: str) -> tuple[int, str, str]:
        language = find(code)
        return rank[language.family], language.genus, language.name

    return tuple(sorted(codes, key=key))
