"""Made-up labelled tasks, in the words that the random models of `tests.models.tiny` know."""

import json
from itertools import product

ANIMALS, VERBS, PLACES = ("cat", "dog"), ("sees", "walks"), ("home", "over long hill", "a green hill", "the Haus")
TAGS = {"the": "DET", "a": "DET", "green": "ADJ", "long": "ADJ", "over": "ADP", "sees": "VERB", "walks": "VERB"}
SENTENCES = [f"{start} {a} {v} {p}" for start, a, v, p in product(("the", "a", "then the"), ANIMALS, VERBS, PLACES)]


def save_sentences(folder, languages=("eng", "deu", "hin"), leave_out=()):
    """Write sentences that speak of a cat or a dog, in three languages; 16 to train on, 8 and 24 held back."""
    folder.mkdir(exist_ok=True)
    splits = {"train": SENTENCES[0::3], "dev": SENTENCES[1::6], "test": SENTENCES[2::3] + SENTENCES[4::6]}
    for split, language in product(splits, languages):
        if (split != "test" and language != "eng") or f"{split}-{language}" in leave_out:
            continue
        rows = [f"{text} {language[0]}\t{'cat' if 'cat' in text else 'dog'}" for text in splits[split]]
        (folder / f"{split}-{language}.tsv").write_text("\n".join(["text\tlabel", *rows]), encoding="utf-8")
    return f"sentence:{folder}"


def save_pairs(folder, languages=("eng", "deu")):
    """Write pairs, of the same animal or not; 16 to train on, 8 and 24 held back."""
    folder.mkdir(exist_ok=True)
    splits = {"train": SENTENCES[0::3], "dev": SENTENCES[1::6], "test": SENTENCES[2::3] + SENTENCES[4::6]}
    for split, language in product(splits, languages):
        if split == "test" or language == "eng":
            seconds = [f"a {ANIMALS[index % 2]} {VERBS[index % 2]} ." for index in range(len(splits[split]))]
            rows = [
                f"{text}\t{second}\t{'same' if second.split()[1] in text else 'other'}"
                for text, second in zip(splits[split], seconds, strict=True)
            ]
            path = folder / f"{split}-{language}.tsv"
            path.write_text("\n".join(["premise\thypothesis\tlabel", *rows]), encoding="utf-8")
    return f"pair:{folder}"


def save_names(folder, languages=("eng", "deu")):
    """Write sentences in which places are names of one or of two words; 16 to train on, 8 and 24 held back."""
    folder.mkdir(exist_ok=True)
    splits = {"train": SENTENCES[0::3], "dev": SENTENCES[1::6], "test": SENTENCES[2::3] + SENTENCES[4::6]}
    tags = {"hill": "I-LOC", "Haus": "B-LOC", "green": "B-LOC", "long": "B-LOC", "dog": "B-PER"}
    for split, language in product(splits, languages):
        if split == "test" or language == "eng":
            blocks = ["\n".join(f"{word}\t{tags.get(word, 'O')}" for word in text.split()) for text in splits[split]]
            (folder / f"{split}-{language}.iob2").write_text("\n\n".join(blocks) + "\n\n", encoding="utf-8")
    return f"ner:{folder}"


def save_tags(folder, languages=("eng", "deu")):
    """Write sentences with parts of speech: 16 to train on, 8 and 24 held back."""
    folder.mkdir(exist_ok=True)
    splits = {"train": SENTENCES[0::3], "dev": SENTENCES[1::6], "test": SENTENCES[2::3] + SENTENCES[4::6]}
    for split, language in product(splits, languages):
        if split == "test" or language == "eng":
            blocks = [
                "\n".join(
                    f"{index}\t{word}\t_\t{TAGS.get(word, 'NOUN')}\t_\t_\t0\t_\t_\t_"
                    for index, word in enumerate(text.split(), start=1)
                )
                for text in splits[split]
            ]
            (folder / f"{language}_x-ud-{split}.conllu").write_text("\n\n".join(blocks) + "\n\n", encoding="utf-8")
    return f"pos:{folder}"


def save_questions(folder, languages=("eng", "deu"), lacking=False):
    """Write questions about who or where; 16 to train on, 8 and 24 held back; some have no answer if `lacking`."""
    folder.mkdir(exist_ok=True)
    splits = {"train": SENTENCES[0::3], "dev": SENTENCES[1::6], "test": SENTENCES[2::3] + SENTENCES[4::6]}
    for split, language in product(splits, languages):
        if split == "test" or language == "eng":
            paragraphs = [_paragraph(f"{split}{row}", text, row, lacking) for row, text in enumerate(splits[split])]
            whole = json.dumps({"version": "1.1", "data": [{"title": "t", "paragraphs": paragraphs}]})
            (folder / f"{split}-{language}.json").write_text(whole, encoding="utf-8")
    return f"qa:{folder}"


def _paragraph(name, text, row, lacking):
    animal = next(one for one in ANIMALS if one in text)
    answer = animal if row % 2 else text.split(" walks ")[-1].split(" sees ")[-1]
    question = "the cat dog sees" if row % 2 else "over home"
    qa = {"id": name, "question": question, "answers": [{"text": answer, "answer_start": text.rindex(answer)}]}
    if lacking:
        qa |= {"is_impossible": row % 4 == 0, **({"answers": []} if row % 4 == 0 else {})}
    return {"context": text, "qas": [qa]}
