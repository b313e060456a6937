"""A made-up corpus for tests, in the words that the random models of `tests.models.tiny` know."""

from itertools import product

ROWS = [
    (f"the {animal} {verb} {ending}", f"{animal} Haus {ending} . {verb}", f"{verb} {animal} घर {ending} !")
    for animal, verb, ending in product(
        ("cat", "dog", "cat dog", "green dog"),
        ("sees", "walks", "and then walks"),
        ("home", "over long hill", "a green hill"),
    )
]


def save_corpus(path):
    """Write 36 sentences in English, German and Hindi, and return their source."""
    path.write_text("\n".join("\t".join(row) for row in [("eng", "deu", "hin"), *ROWS]), encoding="utf-8")
    return f"table:{path}"
