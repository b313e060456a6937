"""Small good files of every kind that the app and the commands read: what `fuzz` spoils."""

import json

WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
Files = dict[str, bytes]  # name below the folder -> content


def lines(*rows: str) -> bytes:
    """Rows as a file."""
    return "".join(f"{row}\n" for row in rows).encode()


def _parallel(separator: str) -> bytes:
    rows = (f"{i}|Sentence {word}.|Satz {word}.|Предложение {word}.|משפט {word}." for i, word in enumerate(WORDS))
    return lines(*(row.replace("|", separator) for row in ("id|eng|deu|rus|heb", *rows)))


def _tmx() -> bytes:
    units = (
        f'<tu><tuv xml:lang="en"><seg>A {word}.</seg></tuv><tuv xml:lang="de-DE"><seg>Ein {word}.</seg></tuv></tu>'
        for word in WORDS
    )
    return lines('<?xml version="1.0"?>', '<tmx version="1.4"><header/><body>', *units, "</body></tmx>")


def _treebank(mark: str, sentences: int = 4) -> bytes:
    """CoNLL-U with a fused word, an empty node and comments."""
    rows: list[str] = []
    for number in range(1, sentences + 1):
        rows += [
            f"# sent_id = n0100{number}",
            f"# text = Dog {mark}{number} sees.",
            f"1-2\tdog{mark}{number}\t_\t_\t_\t_\t_\t_\t_\t_",
            "1\tdog\tdog\tNOUN\tNN\tNumber=Sing\t3\tnsubj\t_\t_",
            f"2\t{mark}{number}\t_\tADP\t_\t_\t1\tcase\t_\t_",
            "2.1\tghost\t_\tVERB\t_\t_\t_\t_\t_\t_",
            "3\tsees\tsee\tVERB\tVB\t_\t0\troot\t_\tSpaceAfter=No",
            "4\t.\t.\tPUNCT\t.\t_\t3\tpunct\t_\t_",
            "",
        ]
    return lines(*rows)


def _names(mark: str) -> bytes:
    sentences = (f"Anna{mark}{i}\tB-PER\nsees\tO\nNew\tB-LOC\nYork\tI-LOC\n" for i in range(4))
    return lines(*sentences)


def _splits(header: str, row: str, labels: list[str], ending: str = "tsv") -> Files:
    """Training and dev set in English and a test set in German; `row` has places for a label, a set and a number."""
    return {
        f"{name}.{ending}": lines(*filter(None, [header]), *(row.format(label, name, i) for i, label in numbered))
        for name in ("train-en", "dev-en", "test-de")
        for numbered in [list(enumerate(labels * 2))]
    }


def _json_lines(labels: list[str]) -> Files:
    return {
        f"{name}.jsonl": lines(
            *(json.dumps({"id": f"{name}{i}", "text": f"{name} {i}", "label": each}) for i, each in enumerate(labels))
        )
        for name in ("train-en", "dev-en", "test-de")
    }


TABLES: dict[str, Files] = {
    "tsv": {"table.tsv": _parallel("\t")},
    "csv": {"table.csv": _parallel(",")},
    "semicolons": {"table.csv": b"sep=;\r\n" + _parallel(";").replace(b"\n", b"\r\n")},
    "tmx": {"table.tmx": _tmx()},
}
CORPORA: dict[str, Files] = {
    "folder": {"eng.txt": lines(*WORDS), "deu.txt": lines(*WORDS[::-1]), "x.zho-CN.txt": lines(*WORDS)},
    "moses": {"text.en": lines(*WORDS), "text.de": lines(*WORDS[::-1])},
    "pud": {"en_pud-ud-test.conllu": _treebank("a"), "de_pud-ud-test.conllu": _treebank("b")},
    "tatoeba": {"deu-eng.tsv": lines("text\tenglish", *(f"Ein {word}\tA {word}" for word in WORDS))},
    "tatoeba in two files": {
        "tatoeba.deu-eng.deu": lines(*WORDS),
        "tatoeba.deu-eng.eng": lines(*WORDS[::-1]),
    },
    "tmx": {"text.tmx": _tmx()},
}
_NLI = ["entailment", "neutral", "contradiction"]
_SIGNS = ["negative", "neutral", "positive"]
TASKS: dict[str, dict[str, Files]] = {
    "xnli": {
        "tsv": _splits("label\tpremise\thypothesis", "{0}\tIt rains {1} {2}.\tIt is wet {2}.", _NLI),
        "folds": {
            "nli.tsv": lines(
                "row\tfold\tlang\tlabel\tpremise\thypothesis",
                *(
                    f"{i}\t{'AB'[i % 2]}\t{code}\t{_NLI[i % 3]}\tIt rains {i} {code}.\tWet {i}."
                    for code in ("eng", "deu")
                    for i in range(12)
                ),
            )
        },
    },
    "pawsx": {"tsv": _splits("id\tsentence1\tsentence2\tlabel", "{1}{2}\tA {1} {2}.\tB {2}.\t{0}", ["0", "1"])},
    "pos": {"conllu": {f"{name}.conllu": _treebank(name) for name in ("train-en", "dev-en", "test-de")}},
    "ner": {"iob2": {f"{name}.iob2": _names(name) for name in ("train-en", "dev-en", "test-de")}},
    "sentiment": {
        "csv": _splits("label,text", '{0},"Good, {1} {2}."', _SIGNS, "csv"),
        "jsonl": _json_lines(_SIGNS),
    },
    "sentence": {"tsv": _splits("text\tlabel", "About {1} {2}\t{0}", ["sport", "news"])},
    "pair": {"tsv": _splits("text\ttext2\tlabel", "About {1} {2}\tOther {2}\t{0}", ["yes", "no"])},
    "tatoeba": {"pairs": {"deu-eng.tsv": CORPORA["tatoeba"]["deu-eng.tsv"]}},
}
LEXICONS: dict[str, dict[str, Files]] = {
    "table": {
        "long": {
            "words.tsv": lines(
                "language\tterm\tvalence\tconcept\tforms",
                *(
                    f"{code}\t{word}{code}\t{(-1) ** i * (i + 1) / 10}\t{i}\t{word}s"
                    for code in ("eng", "deu")
                    for i, word in enumerate(WORDS)
                ),
            )
        },
        "wide": {
            "words.csv": lines("concept,valence,eng,deu", *(f"{w},{(-1) ** i},{w},{w}er" for i, w in enumerate(WORDS)))
        },
        "labels": {"words-eng.csv": lines("word,label", *(f"{w},{_SIGNS[i % 3]}" for i, w in enumerate(WORDS)))},
    },
    "afinn": {"files": {"en.tsv": lines(*(f"{w}\t{i - 5}" for i, w in enumerate(WORDS)))}},
    "vader": {"file": {"vader.txt": lines(*(f"{w}\t{i - 3}.5\t0.8\t[1, 2]" for i, w in enumerate(WORDS[:7])))}},
    "sentiws": {
        "file": {
            "SentiWS_v2.0_Positive.txt": lines("Lob|NN\t0.37\tLobe,Lobes", "gut|ADJX\t0.5", "arg|ADJX\t-0.3\targe")
        }
    },
    "emolex": {
        "file": {"emolex.txt": lines(*(f"{w}\t{k}\t{i % 2}" for i, w in enumerate(WORDS) for k in ("positive", "joy")))}
    },
    "nrc-vad": {
        "file": {
            "vad.tsv": lines(
                "Word\tValence\tArousal\tDominance\tGerman Word",
                *(f"{w}\t0.{i}\t0.5\t0.5\t{w}er" for i, w in enumerate(WORDS)),
            )
        }
    },
    "nusax": {"file": {"ace.tsv": lines("indonesian\tacehnese", "baik\tgot", "buruk\tbrok", "bagus\tgot that")}},
}
TEXT: Files = {"en.txt": lines(*(f"The {w} dogs see." for w in WORDS)), "more/de.txt": lines(*WORDS)}
RUN_FILES: dict[str, Files] = {
    "one run": {"run.toml": lines("[profile]", 'model = "demo"', 'languages = ["eng", "deu"]', "limit = 100")},
    "several runs": {
        "run.toml": lines(
            *(
                "[[run]]",
                'experiment = "transfer"',
                'task = "sentiment:sample"',
                "layers = [1, 2]",
                "seeds = [3]",
                "lr = 1",
                "",
            ),
            *("[[run]]", 'experiment = "profile"', 'corpus = "sample"', "limit = 10"),
        )
    },
}
LESSON: Files = {
    "1-first.toml": lines(
        *('title = "First"', 'aim = "See layers."', "minutes = 20", 'teacher = """One.\n\nTwo."""', ""),
        *("[[step]]", 'view = "Layers?layer=7"', 'text = "See."', 'question = "What?"', 'predict = "pos"', ""),
        *("[[step]]", 'view = "Home"', 'text = "So."', 'question = "Why?"', 'answer = "{layers.best cka}"'),
        'reveal = "pos"',
    )
}
GLOSSARY: Files = {
    "glossary.toml": lines(
        *("[[term]]", 'term = "layer"', 'says = "A block."', 'from = "Textbooks"', 'also = ["layers"]', ""),
        *("[[term]]", 'term = "gate"', 'says = "A switch."', 'from = "Papers"'),
    )
}
