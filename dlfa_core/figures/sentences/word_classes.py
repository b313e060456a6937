"""What classes of words and models are called in sentences and on axes."""

CLASSES = {
    "ADJ": "adjectives",
    "ADP": "adpositions",
    "ADV": "adverbs",
    "AUX": "auxiliaries",
    "CCONJ": "coordinating conjunctions",
    "DET": "determiners",
    "INTJ": "interjections",
    "NOUN": "nouns",
    "NUM": "numerals",
    "PART": "particles",
    "PRON": "pronouns",
    "PROPN": "names",
    "PUNCT": "punctuation",
    "SCONJ": "subordinating conjunctions",
    "SYM": "symbols",
    "VERB": "verbs",
    "X": "other words",
    "PER": "names of people",
    "LOC": "names of places",
    "ORG": "names of organisations",
    "O": "words outside of names",
    "word": "words with letters",
    "number": "numbers",
    "symbol": "symbols",
}


def class_name(word_class: str) -> str:
    """The class in the plural, such as "nouns" for NOUN; other tags as they are."""
    return CLASSES.get(word_class, word_class)
