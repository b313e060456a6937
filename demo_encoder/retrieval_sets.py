"""Write the bundled queries with their pools, `assets/retrieval`: towns that were made up, and everyday things.

    python -m demo_encoder.retrieval_sets

Files are in the formats of LAReQA (XQuAD-R) and Mewsli-X. They are there to run retrieval from end to end, and measure
no encoder as the published sets would.
"""

import json
from itertools import pairwise
from pathlib import Path
from unicodedata import normalize

FOLDER = Path(__file__).parents[1] / "assets" / "retrieval"
LICENCE = "CC BY 4.0"
DAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday",
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag",
    "es": "lunes martes miércoles jueves viernes",
    "ru": "понедельникам вторникам средам четвергам пятницам",
    "zh": "星期一 星期二 星期三 星期四 星期五",
    "hi": "सोमवार मंगलवार बुधवार गुरुवार शुक्रवार",
}
TOWNS = {
    "en": "Belmora Tarvin Lundo Kesra Montal Sarnia Velda Nadiro Rimona Olvek",
    "de": "Belmora Tarvin Lundo Kesra Montal Sarnia Velda Nadiro Rimona Olvek",
    "es": "Belmora Tarvin Lundo Kesra Montal Sarnia Velda Nadiro Rimona Olvek",
    "ru": "Бельмора Тарвин Лундо Кесра Монталь Сарния Велда Надиро Римона Олвек",
    "zh": "贝尔莫拉 塔尔文 伦多 凯斯拉 蒙塔尔 萨尼亚 维尔达 纳迪罗 里莫纳 奥尔维克",
    "hi": "बेलमोरा तारविन लुंडो केसरा मोंटाल सार्निया वेल्डा नादिरो रिमोना ओल्वेक",
}
THINGS = {
    "en": "glass bread clocks carpets honey paper cheese shoes furniture boats",
    "de": "Glas Brot Uhren Teppiche Honig Papier Käse Schuhe Möbel Boote",
    "es": "vidrio pan relojes alfombras miel papel queso zapatos muebles barcos",
    "ru": "стекло хлеб часы ковры мёд бумагу сыр обувь мебель лодки",
    "zh": "玻璃 面包 钟表 地毯 蜂蜜 纸 奶酪 鞋子 家具 船",
    "hi": "काँच रोटी घड़ियाँ क़ालीन शहद काग़ज़ पनीर जूते फ़र्नीचर नावें",
}
YEARS = (1712, 1745, 1768, 1803, 1821, 1846, 1874, 1899, 1923, 1951)
FACTS = {  # a sentence and the question that it answers, then a sentence that answers none
    "en": (
        ("The market in {town} is held on {day}.", "When is the market in {town} held?"),
        ("The bridge in {town} was built in {year}.", "When was the bridge in {town} built?"),
        ("The people of {town} make {thing}.", "What do the people of {town} make?"),
        ("Winters in {town} are long.", ""),
    ),
    "de": (
        ("Der Markt in {town} findet am {day} statt.", "Wann findet der Markt in {town} statt?"),
        ("Die Brücke in {town} wurde {year} gebaut.", "Wann wurde die Brücke in {town} gebaut?"),
        ("Die Leute in {town} stellen {thing} her.", "Was stellen die Leute in {town} her?"),
        ("Die Winter in {town} sind lang.", ""),
    ),
    "es": (
        ("El mercado de {town} se celebra el {day}.", "¿Cuándo se celebra el mercado de {town}?"),
        ("El puente de {town} se construyó en {year}.", "¿Cuándo se construyó el puente de {town}?"),
        ("La gente de {town} hace {thing}.", "¿Qué hace la gente de {town}?"),
        ("Los inviernos en {town} son largos.", ""),
    ),
    "ru": (
        ("Рынок в городе {town} работает по {day}.", "Когда работает рынок в городе {town}?"),
        ("Мост в городе {town} построили в {year} году.", "Когда построили мост в городе {town}?"),
        ("В городе {town} делают {thing}.", "Что делают в городе {town}?"),
        ("Зимы в городе {town} долгие.", ""),
    ),
    "zh": (
        ("{town}的集市在{day}举行。", "{town}的集市什么时候举行？"),
        ("{town}的桥建于{year}年。", "{town}的桥是哪一年建的？"),
        ("{town}的人们制作{thing}。", "{town}的人们制作什么？"),
        ("{town}的冬天很长。", ""),
    ),
    "hi": (
        ("{town} का बाज़ार {day} को लगता है।", "{town} का बाज़ार कब लगता है?"),
        ("{town} का पुल {year} में बना।", "{town} का पुल कब बना?"),
        ("{town} के लोग {thing} बनाते हैं।", "{town} के लोग क्या बनाते हैं?"),
        ("{town} में सर्दियाँ लंबी होती हैं।", ""),
    ),
}
ANSWERED_BY = ("day", "year", "thing")
ENTITIES = (  # what each is called, and a description in one language
    ("sun Sonne sol солнце 太阳", "en", "The star that gives the Earth light and warmth during the day."),
    ("moon Mond luna луна 月亮", "de", "Der Himmelskörper, der nachts scheint und die Erde in einem Monat umkreist."),
    ("river Fluss río река 河流", "es", "Corriente de agua dulce que baja de las montañas hasta el mar."),
    ("bridge Brücke puente мост 桥", "ru", "Сооружение, по которому люди переходят через воду или дорогу."),
    ("library Bibliothek biblioteca библиотека 图书馆", "zh", "人们可以在那里读书和借书的地方。"),
    ("school Schule escuela школа 学校", "hi", "वह जगह जहाँ बच्चे पढ़ना और लिखना सीखते हैं।"),
    ("horse Pferd caballo лошадь 马", "en", "A large animal with four legs that people ride."),
    ("bee Biene abeja пчела 蜜蜂", "de", "Ein kleines Insekt, das von Blüte zu Blüte fliegt und Honig macht."),
    ("rice Reis arroz рис 大米", "es", "Grano blanco que crece en campos con agua y se come en todo el mundo."),
    ("salt Salz sal соль 盐", "ru", "Белое вещество из моря или шахты, которое добавляют в еду."),
    ("gold Gold oro золото 黄金", "zh", "一种黄色的贵重金属，常用来做戒指。"),
    ("violin Geige violín скрипка 小提琴", "hi", "चार तारों वाला बाजा जिसे गज से बजाया जाता है।"),
    ("clock Uhr reloj часы 时钟", "en", "A device with hands that shows what time it is."),
    ("train Zug tren поезд 火车", "de", "Viele Wagen, die eine Lokomotive auf Schienen zieht."),
    ("ship Schiff barco корабль 轮船", "es", "Vehículo grande que cruza el mar con personas y mercancías."),
    ("mirror Spiegel espejo зеркало 镜子", "ru", "Гладкое стекло, в котором человек видит своё лицо."),
    ("snow Schnee nieve снег 雪", "zh", "冬天从天上落下来的白色晶体。"),
    ("desert Wüste desierto пустыня 沙漠", "hi", "रेत से भरी सूखी जगह जहाँ बहुत कम बारिश होती है।"),
    ("island Insel isla остров 岛屿", "en", "A piece of land with water on all sides."),
    ("forest Wald bosque лес 森林", "de", "Ein großes Stück Land, auf dem dicht an dicht Bäume wachsen."),
    ("bread Brot pan хлеб 面包", "es", "Alimento de harina, agua y sal que se cuece en el horno."),
    ("milk Milch leche молоко 牛奶", "ru", "Белый напиток, который дают коровы и козы."),
    ("glass Glas vidrio стекло 玻璃", "zh", "透明而易碎的材料，窗户用它做成。"),
    ("paper Papier papel бумага 纸", "hi", "लकड़ी से बनी पतली सफ़ेद चादर जिस पर लोग लिखते हैं।"),
)
SPOKEN = ("en", "de", "es", "ru", "zh")  # in which `ENTITIES` says what each is called
NEWS = {  # a sentence to begin with, and two with a mention
    "en": ("Yesterday was a fair.", "The riddle was about this word: {it}.", "A child drew a picture called “{it}”."),
    "de": ("Gestern war ein Fest.", "Im Rätsel ging es um dieses Wort: {it}.", "Ein Kind malte ein Bild: „{it}“."),
    "es": ("Ayer hubo una fiesta.", "El acertijo trataba de esta palabra: {it}.", "Un niño hizo un dibujo: «{it}»."),
    "ru": ("Вчера был праздник.", "Загадка была об этом слове: {it}.", "Ребёнок нарисовал картину «{it}»."),
    "zh": ("昨天有一个集会。", "谜语说的是这个词：{it}。", "一个孩子画了一幅画，叫“{it}”。"),
}


def main() -> None:
    """Write both sets, and the list of their licences."""
    for folder in ("lareqa", "mewslix"):
        (FOLDER / folder).mkdir(parents=True, exist_ok=True)
    written = [f"lareqa/{code}.json" for code in FACTS]
    for code, name in zip(FACTS, written, strict=True):
        _write(FOLDER / name, json.dumps({"data": _articles(code)}, ensure_ascii=False, indent=1))
    for name, rows in (("candidate_set_entities", _entities()), ("wikinews_mentions-test", _articles_with_mentions())):
        written.append(f"mewslix/{name}.jsonl")
        _write(FOLDER / written[-1], "\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
    _write(FOLDER / "MANIFEST.tsv", "\n".join(["path\tlicence", *(f"{name}\t{LICENCE}" for name in sorted(written))]))


def _write(path: Path, text: str) -> None:
    path.write_text(normalize("NFC", text) + "\n", encoding="utf-8")


def _joined(sentences: list[str], code: str) -> tuple[str, list[list[int]]]:
    """Sentences as one text, and where each begins and ends."""
    space = "" if code == "zh" else " "
    ends = [0]
    for sentence in sentences:
        ends.append(ends[-1] + len(sentence) + len(space))
    return space.join(sentences), [[start, stop - len(space)] for start, stop in pairwise(ends)]


def _articles(code: str) -> list[dict]:
    found = []
    for row, town in enumerate(TOWNS[code].split()):
        days, things = DAYS[code].split(), THINGS[code].split()
        said = {"town": town, "day": days[row % 5], "year": str(YEARS[row]), "thing": things[row]}
        said = {name: normalize("NFC", word) for name, word in said.items()}
        sentences = [normalize("NFC", pattern.format(**said)) for pattern, _ in FACTS[code]]
        context, breaks = _joined(sentences, code)
        asked = []
        for number, kind in enumerate(ANSWERED_BY):
            start = breaks[number][0] + sentences[number].rindex(said[kind])
            answer = {"text": said[kind], "answer_start": start}
            question = FACTS[code][number][1].format(**said)
            asked.append({"id": f"town{row:02}-{kind}", "question": question, "answers": [answer]})
        paragraph = {"context": context, "qas": asked, "sentences": sentences, "sentence_breaks": breaks}
        found.append({"title": town, "paragraphs": [paragraph]})
    return found


def _entities() -> list[dict]:
    return [
        {
            "entity_id": f"Q{row}",
            "title": called.split()[0],
            "description": (text := normalize("NFC", description)),
            "description_url": "",
            "description_language": code,
            "sentence_spans": [{"start": 0, "end": len(text)}],
        }
        for row, (called, code, description) in enumerate(ENTITIES, start=1)
    ]


def _articles_with_mentions() -> list[dict]:
    """One article for every two entities, in each language."""
    found = []
    for column, code in enumerate(SPOKEN):
        for first in range(0, len(ENTITIES), 2):
            words = [ENTITIES[row][0].split()[column] for row in (first, first + 1)]
            opening, *patterns = NEWS[code]
            text, spans = _joined(
                [opening, *(pattern.format(it=word) for pattern, word in zip(patterns, words, strict=True))], code
            )
            mentions = []
            for number, word in enumerate(words):
                start = spans[number + 1][0] + patterns[number].index("{it}")
                mentions.append(
                    {
                        "example_id": f"{code}-{first + number + 1}",
                        "mention_span": {"start": start, "end": start + len(word), "text": word},
                        "entity_id": f"Q{first + number + 1}",
                    }
                )
            context = {
                "document_title": opening,
                "document_url": "",
                "document_id": f"{code}-{first // 2 + 1}",
                "language": code,
                "text": text,
                "sentence_spans": [{"start": start, "end": end} for start, end in spans],
                "section_title": "",
            }
            found.append({"context": context, "mentions": mentions})
    return found


if __name__ == "__main__":
    main()
