"""Write the bundled causes and effects, `assets/choices`: everyday events that were made up.

    python -m demo_encoder.choice_sets

Files are in the formats of COPA, XCOPA and Social IQa. They are there to run multiple choice from end to end, and
measure no encoder as XCOPA would.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from unicodedata import normalize

import numpy as np

FOLDER = Path(__file__).parents[1] / "assets" / "choices"
LICENCE = "CC BY 4.0"
DRAWS = {"copa/train": 3, "copa/val": 1, "siqa/train": 3}  # wrong choices drawn for each event
TRAINED = (  # a cause and its effect
    ("The glass fell on the floor.", "It broke into pieces."),
    ("It rained all night.", "The streets were wet in the morning."),
    ("She studied hard for the exam.", "She got a good mark."),
    ("The battery was empty.", "The phone turned off."),
    ("He forgot his keys at work.", "He could not open his door."),
    ("The baby was hungry.", "It began to cry."),
    ("The sun shone on the snow.", "The snow melted."),
    ("The shop lowered its prices.", "Many people came to buy."),
    ("The road was closed.", "The bus took another way."),
    ("She ate too much cake.", "Her stomach hurt."),
    ("He trained every day.", "He won the race."),
    ("The wind opened the window.", "The papers flew off the desk."),
    ("The alarm did not ring.", "He came late to school."),
    ("She watered the plant every day.", "It grew tall."),
    ("The dog saw a cat.", "It began to bark."),
    ("The lamp was broken.", "The room stayed dark."),
    ("He told a funny story.", "Everyone laughed."),
    ("The soup was too hot.", "She waited before she ate."),
    ("The river rose after the storm.", "Water ran into the cellar."),
    ("He lost his ticket.", "He had to buy a new one."),
    ("She turned up the music.", "The neighbours complained."),
    ("The ice was thin.", "The children did not skate on it."),
    ("The team practised together.", "It played better."),
    ("The milk stood in the sun.", "It turned sour."),
)
TESTED = {  # the same events in all languages
    "en": (
        ("The man drank too much coffee.", "He could not sleep."),
        ("The car had no petrol.", "It stopped on the road."),
        ("The girl broke her leg.", "She went to hospital."),
        ("The teacher was ill.", "There was no lesson."),
        ("It became very cold.", "The lake froze."),
        ("The boy helped his sister.", "She thanked him."),
        ("The train was late.", "The travellers waited."),
        ("The cook burned the meat.", "The guests left hungry."),
        ("The woman won a prize.", "Her family celebrated."),
        ("The roof had a hole.", "Water dripped into the room."),
        ("The child touched the hot oven.", "It burned its hand."),
        ("The light went out.", "They lit a candle."),
    ),
    "de": (
        ("Der Mann trank zu viel Kaffee.", "Er konnte nicht schlafen."),
        ("Das Auto hatte kein Benzin.", "Es blieb auf der Straße stehen."),
        ("Das Mädchen brach sich das Bein.", "Es kam ins Krankenhaus."),
        ("Der Lehrer war krank.", "Der Unterricht fiel aus."),
        ("Es wurde sehr kalt.", "Der See fror zu."),
        ("Der Junge half seiner Schwester.", "Sie dankte ihm."),
        ("Der Zug hatte Verspätung.", "Die Reisenden warteten."),
        ("Der Koch ließ das Fleisch anbrennen.", "Die Gäste gingen hungrig nach Hause."),
        ("Die Frau gewann einen Preis.", "Ihre Familie feierte."),
        ("Das Dach hatte ein Loch.", "Wasser tropfte ins Zimmer."),
        ("Das Kind fasste den heißen Ofen an.", "Es verbrannte sich die Hand."),
        ("Das Licht ging aus.", "Sie zündeten eine Kerze an."),
    ),
    "es": (
        ("El hombre bebió demasiado café.", "No pudo dormir."),
        ("El coche no tenía gasolina.", "Se paró en la carretera."),
        ("La niña se rompió la pierna.", "Fue al hospital."),
        ("El profesor estaba enfermo.", "No hubo clase."),
        ("Hizo mucho frío.", "El lago se heló."),
        ("El niño ayudó a su hermana.", "Ella le dio las gracias."),
        ("El tren llegó tarde.", "Los viajeros esperaron."),
        ("El cocinero quemó la carne.", "Los invitados se fueron con hambre."),
        ("La mujer ganó un premio.", "Su familia lo celebró."),
        ("El tejado tenía un agujero.", "Goteaba agua en la habitación."),
        ("El niño tocó el horno caliente.", "Se quemó la mano."),
        ("Se fue la luz.", "Encendieron una vela."),
    ),
    "it": (
        ("L'uomo bevve troppo caffè.", "Non riuscì a dormire."),
        ("La macchina era senza benzina.", "Si fermò per strada."),
        ("La ragazza si ruppe una gamba.", "Andò in ospedale."),
        ("L'insegnante era malato.", "Non ci fu lezione."),
        ("Fece molto freddo.", "Il lago ghiacciò."),
        ("Il ragazzo aiutò sua sorella.", "Lei lo ringraziò."),
        ("Il treno era in ritardo.", "I viaggiatori aspettarono."),
        ("Il cuoco bruciò la carne.", "Gli ospiti andarono via affamati."),
        ("La donna vinse un premio.", "La sua famiglia festeggiò."),
        ("Il tetto aveva un buco.", "L'acqua gocciolava nella stanza."),
        ("Il bambino toccò il forno caldo.", "Si bruciò la mano."),
        ("Andò via la luce.", "Accesero una candela."),
    ),
    "zh": (
        ("男人喝了太多咖啡。", "他睡不着。"),
        ("汽车没有汽油了。", "它停在了路上。"),
        ("女孩摔断了腿。", "她去了医院。"),
        ("老师生病了。", "没有上课。"),
        ("天气变得很冷。", "湖水结冰了。"),
        ("男孩帮助了他的妹妹。", "她向他道谢。"),
        ("火车晚点了。", "旅客们等着。"),
        ("厨师把肉烧焦了。", "客人们饿着肚子走了。"),
        ("女人得了奖。", "她的家人庆祝了一番。"),
        ("屋顶有一个洞。", "水滴进了房间。"),
        ("孩子碰了热炉子。", "他烫伤了手。"),
        ("灯灭了。", "他们点了一支蜡烛。"),
    ),
}


def main() -> None:
    """Write all files, and the list of their licences."""
    split = {"copa/train": TRAINED[:12], "copa/val": TRAINED[18:], "siqa/train": TRAINED[12:18]}
    files: dict[str, list[dict]] = {}
    for name, events in split.items():
        files[name] = list((_copa if name.startswith("copa") else _siqa)(events, DRAWS[name]))
    for code, events in TESTED.items():
        files[f"xcopa/test.{code}"] = [{**row, "changed": False} for row in _copa(events, 1)]
    for name, rows in files.items():
        path = FOLDER / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        path.write_text(normalize("NFC", text) + "\n", encoding="utf-8")
    listed = "\n".join(f"{name}.jsonl\t{LICENCE}" for name in sorted(files))
    (FOLDER / "MANIFEST.tsv").write_text(f"path\tlicence\n{listed}\n", encoding="utf-8")


def _copa(events: tuple[tuple[str, str], ...], draws: int) -> Iterator[dict]:
    """Each event's effect, and its cause, beside those of others; the same choices in all languages."""
    rng, number = np.random.default_rng(0), 0
    for row, (cause, effect) in enumerate(events):
        for other in rng.choice([each for each in range(len(events)) if each != row], draws, replace=False):
            for asked, premise, right, wrong in (
                ("effect", cause, effect, events[other][1]),
                ("cause", effect, cause, events[other][0]),
            ):
                label = int(rng.integers(2))
                first, second = (wrong, right) if label else (right, wrong)
                yield {
                    "premise": premise,
                    "choice1": first,
                    "choice2": second,
                    "question": asked,
                    "label": label,
                    "idx": number,
                }
                number += 1


def _siqa(events: tuple[tuple[str, str], ...], draws: int) -> Iterator[dict]:
    rng = np.random.default_rng(1)
    for row, (cause, effect) in enumerate(events):
        for _ in range(draws):
            others = rng.choice([each for each in range(len(events)) if each != row], 2, replace=False)
            answers = [events[other][1] for other in others]
            label = int(rng.integers(3))
            answers.insert(label, effect)
            named = dict(zip(("answerA", "answerB", "answerC"), answers, strict=True))
            yield {"context": cause, "question": "What happens next?", **named, "label": str(label + 1)}


if __name__ == "__main__":
    main()
