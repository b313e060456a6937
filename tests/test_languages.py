import csv
import itertools
import lzma
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from dlfa_core.languages import FAMILIES, LANGUAGES, Family, UnknownLanguage, by_family, family_order, find

SHARED = Path(__file__).parents[2] / "shared" / "data"
XTREME_R = """
    af ar az bg bn de el en es et eu fa fi fr gu he hi ht hu id it ja jv ka kk
    ko lt ml mr ms my nl pa pl pt qu ro ru sw ta te th tl tr uk ur vi wo yo zh
"""
WHITE, NEARLY_BLACK = "#FFFFFF", "#0E1117"

# Linear RGB as seen without one kind of cone: Machado, Oliveira and Fernandes (2009), severity 1.
VISION = {
    "trichromat": np.eye(3),
    "protanope": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranope": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanope": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def linear(colour: str) -> np.ndarray:
    """sRGB hex -> linear RGB in [0, 1]."""
    channels = np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of WCAG 2."""
    darker, lighter = sorted(linear(colour) @ [0.2126, 0.7152, 0.0722] for colour in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    """Linear RGB -> CIELAB under D65."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = to_xyz @ np.clip(rgb, 0, 1) / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_every_language_of_mbert_is_there():
    # google-research/bert lists 104; simplified and traditional Chinese are one language here.
    assert sum(language.in_mbert for language in LANGUAGES.values()) == 103


def test_every_language_of_xtreme_r_is_there():
    listed = {find(code).code for code in XTREME_R.split()}
    assert len(listed) == 50
    assert listed == {code for code, language in LANGUAGES.items() if language.in_xtreme_r}


def test_codes_and_tags_have_their_shape():
    for code, language in LANGUAGES.items():
        assert len(code) == 3
        assert code == language.code
        assert language.alpha2 is None or len(language.alpha2) == 2
        assert language.bcp47.split("-")[0] in {language.alpha2, code, "fa"}  # prs
        assert len(language.script) == 4
        assert language.name
        assert language.own_name


def test_two_letter_codes_are_unique():
    codes = [language.alpha2 for language in LANGUAGES.values() if language.alpha2]
    assert len(codes) == len(set(codes))


def test_own_names_read_in_the_direction_of_their_script():
    for language in LANGUAGES.values():
        first = next(letter for letter in language.own_name if letter.isalpha())
        from_right = unicodedata.bidirectional(first) in {"R", "AL"}
        assert from_right == (language.direction == "rtl"), language


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=lambda language: language.code)
def test_a_language_is_found_by_everything_it_is_called(language):
    spellings = [language.code, language.name, language.bcp47, *language.also, language.code.upper()]
    assert {find(spelling) for spelling in filter(None, [*spellings, language.alpha2])} == {language}


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("zho_Hans", "cmn"),
        ("sr-Latn", "srp"),
        ("sr-Latn-RS", "srp"),
        ("zho-CN", "cmn"),
        ("zh", "cmn"),
        ("ar", "arb"),
        ("fa", "pes"),
        ("sw", "swh"),
        ("por-BR", "por"),
        ("es-419", "spa"),
        ("aze-Latn", "azj"),
        ("azb", "azb"),
        ("no", "nob"),
        ("iw", "heb"),
        (" Deutsch ", "deu"),
        ("فارسی", "pes"),
    ],
)
def test_codes_of_corpora_and_own_names_are_understood(written, code):
    assert find(written).code == code


@pytest.mark.parametrize("column", ["id_text", "is_valid", "no_tokens"])
def test_a_heading_that_only_starts_like_a_code_is_no_language(column):
    with pytest.raises(UnknownLanguage):
        find(column)


@pytest.mark.parametrize(("written", "near"), [("Germn", r"German \(deu\)"), ("swx", "swe|swh|swg"), ("", "Nearest: ")])
def test_an_unknown_language_lists_near_matches_and_says_what_to_write(written, near):
    with pytest.raises(UnknownLanguage, match=near) as raised:
        find(written)
    assert repr(written) in str(raised.value)
    assert "Give an ISO 639 code such as deu or de" in str(raised.value)


def test_families_are_drawn_each_in_its_own_way():
    assert {language.family for language in LANGUAGES.values()} == set(FAMILIES)
    drawn = [(family.colour, family.symbol) for family in FAMILIES.values()]
    assert len(drawn) == len(set(drawn))


def test_the_eight_largest_families_share_neither_colour_nor_symbol():
    largest = list(FAMILIES.values())[:8]
    assert len({family.colour for family in largest}) == len({family.symbol for family in largest}) == 8


@pytest.mark.parametrize("family", FAMILIES.values(), ids=lambda family: family.name)
def test_family_colours_stand_out_on_light_and_dark_pages(family: Family):
    assert contrast(family.colour, WHITE) >= 3
    assert contrast(family.colour, NEARLY_BLACK) >= 3


@pytest.mark.parametrize("eyes", VISION)
def test_family_colours_differ_for_colour_blind_readers(eyes):
    seen = [lab(VISION[eyes] @ linear(colour)) for colour in {family.colour for family in FAMILIES.values()}]
    nearest = min(np.linalg.norm(one - other) for one, other in itertools.combinations(seen, 2))
    assert nearest > 10  # CIELAB units; 2.3 is just noticeable


def test_plotly_knows_every_symbol():
    go = pytest.importorskip("plotly.graph_objects")
    for family in FAMILIES.values():
        assert go.scatter.Marker(symbol=family.symbol).symbol == family.symbol


def test_languages_are_grouped_by_family_in_the_order_of_first_use():
    assert by_family(["tur", "eng", "hin", "fin"]) == {
        "Turkic": ["tur"],
        "Indo-European": ["eng", "hin"],
        "Uralic": ["fin"],
    }
    assert by_family([]) == {}


def test_family_order_puts_relatives_side_by_side():
    codes = ["jpn", "deu", "fin", "fra", "cmn", "eng", "hun", "spa"]
    assert family_order(codes) == ("eng", "deu", "fra", "spa", "cmn", "fin", "hun", "jpn")
    assert family_order(reversed(codes)) == family_order(codes)


def test_family_order_keeps_each_family_together():
    families = [LANGUAGES[code].family for code in family_order(LANGUAGES)]
    assert [family for family, _ in itertools.groupby(families)] == list(FAMILIES)


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the shared data beside the repository")
class TestSharedData:
    def test_every_code_of_the_parallel_corpora_is_known(self):
        for path in (SHARED / "parallel").glob("*.tsv.xz"):
            with lzma.open(path, "rt", encoding="utf-8") as stream:
                headings = stream.readline().split()
            for heading in headings:
                assert heading in {"row", "doc", "id", "split", "category"} or find(heading)

    def test_every_tatoeba_pair_is_known(self):
        assert all(find(path.name[:3]) for path in (SHARED / "tatoeba").glob("*-eng.tsv.xz"))

    def test_the_table_agrees_with_glottolog_and_wals(self):
        renamed = {"Artificial Language": "Constructed", "(isolate) Basque": "Basque (isolate)"}
        renamed["Otomanguean"] = "Oto-Manguean"
        with (SHARED / "languages" / "languages.tsv").open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream, delimiter="\t"):
                language = LANGUAGES[row["iso639_3"]]
                if language.code != "nqo":  # filed there as artificial; N'Ko is the written norm of Manding
                    assert language.family == renamed.get(row["family"], row["family"])
                assert language.genus == row["genus"]
