"""How much labelled and unlabelled text a language has, as Joshi et al. (2020) class it.

Their classes go from 0, hardly any, to 5, most; they are of the resources of 2020, not of what a certain encoder has
read. The lists of 2 to 5 are whole but for what `languages.tsv` lacks. Of class 1, which has 222 languages, and class 0
only those of XTREME-R and of the bundled tasks are here; a language that no list has is not classed.

Reference: Joshi et al. (2020), The State and Fate of Linguistic Diversity and Inclusion in the NLP World; the list of
languages beside it, `lang2tax.txt`, names them in English.
"""

from dlfa_core.languages import code_of

_CLASSES = {
    5: "English, Spanish, German, Japanese, French, Arabic, Mandarin",
    4: (
        "Russian, Hungarian, Vietnamese, Dutch, Korean, Portuguese, Turkish, Italian, Polish, Swedish, Czech, Finnish, "
        "Persian, Hindi, Catalan, Croatian, Serbian, Basque"
    ),
    3: (
        "Indonesian, Ukrainian, Cebuano, Afrikaans, Hebrew, Greek, Thai, Bengali, Tamil, Urdu, Romanian, Bulgarian, "
        "Estonian, Latvian, Lithuanian, Slovak, Slovenian, Danish, Georgian, Kazakh, Galician, Belarusian, Bosnian, "
        "Malay, Tagalog, Uzbek, Latin, Egyptian Arabic"
    ),
    2: (
        "Zulu, Konkani, Lao, Maltese, Irish, Amharic, Tigrinya, Swahili, Yoruba, Wolof, Hausa, Xhosa, Tswana, "
        "Sanskrit, Marathi, Icelandic, Eastern Punjabi, Western Punjabi, Haitian Creole"
    ),
    1: (
        "Telugu, Welsh, Armenian, Javanese, Burmese, Quechua, Gujarati, Malayalam, Azerbaijani, Kannada, Nepali, "
        "Macedonian, Kinyarwanda, Igbo, Somali, Oromo, Albanian, Kyrgyz, Tajik, Tatar"
    ),
}


def _read() -> dict[str, int]:
    named = ((code_of(name), level) for level, names in _CLASSES.items() for name in names.split(", "))
    return {code: level for code, level in named if code}


LEVELS = _read()
