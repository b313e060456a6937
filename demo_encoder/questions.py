"""Write the bundled questions, `assets/questions`: short passages about people, museums and trains that were made up.

    python -m demo_encoder.questions

Each language says the same in sentences of its own, so that an id stands for one question in all of them. They are
there to run question answering from end to end, and measure no encoder as XQuAD would.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from unicodedata import normalize

import numpy as np

FOLDER = Path(__file__).parents[1] / "assets" / "questions"
PASSAGES = {"train": 24, "dev": 6, "test": 4}  # of each kind
LICENCE = "CC BY 4.0"

WORDS = {
    "en": {
        "name": "Anna Maria Sofia Laura Nadia Elena Clara Julia Sara Lina Marta Diana Rosa Irina Teresa Helena",
        "city": "Paris,London,Berlin,Madrid,Cairo,Delhi,Beijing,Lima,Rome,Tokyo,Moscow,Athens,Vienna,Lisbon,Havana,"
        "Nairobi",
        "subject": "chemistry,music,history,law,medicine,physics,geography,mathematics",
        "job": "a teacher,a doctor,a journalist,an engineer,a painter,a translator,a gardener,a pilot",
        "things": "coins clocks maps paintings carpets masks stamps books",
        "day": "Monday Tuesday Wednesday Thursday Friday",
    },
    "de": {
        "name": "Anna Maria Sofia Laura Nadia Elena Clara Julia Sara Lina Marta Diana Rosa Irina Teresa Helena",
        "city": "Paris,London,Berlin,Madrid,Kairo,Delhi,Peking,Lima,Rom,Tokio,Moskau,Athen,Wien,Lissabon,Havanna,"
        "Nairobi",
        "subject": "Chemie,Musik,Geschichte,Jura,Medizin,Physik,Geografie,Mathematik",
        "job": "Lehrerin,Ärztin,Journalistin,Ingenieurin,Malerin,Übersetzerin,Gärtnerin,Pilotin",
        "things": "Münzen Uhren Landkarten Gemälde Teppiche Masken Briefmarken Bücher",
        "day": "Montag Dienstag Mittwoch Donnerstag Freitag",
    },
    "es": {
        "name": "Anna Maria Sofía Laura Nadia Elena Clara Julia Sara Lina Marta Diana Rosa Irina Teresa Helena",
        "city": "París,Londres,Berlín,Madrid,El Cairo,Delhi,Pekín,Lima,Roma,Tokio,Moscú,Atenas,Viena,Lisboa,"
        "La Habana,Nairobi",
        "subject": "química,música,historia,derecho,medicina,física,geografía,matemáticas",
        "job": "profesora,médica,periodista,ingeniera,pintora,traductora,jardinera,piloto",
        "things": "monedas relojes mapas cuadros alfombras máscaras sellos libros",
        "day": "lunes martes miércoles jueves viernes",
    },
    "zh": {
        "name": "安娜 玛丽亚 索菲亚 劳拉 娜迪亚 叶莲娜 克拉拉 朱莉娅 萨拉 莉娜 玛尔塔 黛安娜 罗莎 伊琳娜 特蕾莎 海伦娜",
        "city": "巴黎,伦敦,柏林,马德里,开罗,德里,北京,利马,罗马,东京,莫斯科,雅典,维也纳,里斯本,哈瓦那,内罗毕",
        "subject": "化学,音乐,历史,法律,医学,物理,地理,数学",
        "job": "教师,医生,记者,工程师,画家,翻译,园丁,飞行员",
        "things": "硬币 钟表 地图 油画 地毯 面具 邮票 书籍",
        "day": "星期一 星期二 星期三 星期四 星期五",
    },
    "hi": {
        "name": "अन्ना मारिया सोफ़िया लौरा नादिया एलेना क्लारा जूलिया सारा लीना मार्टा डायना रोज़ा इरिना टेरेसा हेलेना",
        "city": "पेरिस,लंदन,बर्लिन,मैड्रिड,काहिरा,दिल्ली,बीजिंग,लीमा,रोम,टोक्यो,मॉस्को,एथेंस,वियना,लिस्बन,हवाना,नैरोबी",
        "subject": "रसायन विज्ञान,संगीत,इतिहास,क़ानून,चिकित्सा,भौतिकी,भूगोल,गणित",
        "job": "शिक्षिका,डॉक्टर,पत्रकार,इंजीनियर,चित्रकार,अनुवादक,माली,पायलट",
        "things": "सिक्कों घड़ियों नक़्शों चित्रों क़ालीनों मुखौटों टिकटों किताबों",
        "day": "सोमवार मंगलवार बुधवार गुरुवार शुक्रवार",
    },
    "ar": {
        "name": "آنا ماريا صوفيا لورا ناديا إيلينا كلارا جوليا سارة لينا مارتا ديانا روزا إيرينا تيريزا هيلينا",
        "city": "باريس,لندن,برلين,مدريد,القاهرة,دلهي,بكين,ليما,روما,طوكيو,موسكو,أثينا,فيينا,لشبونة,هافانا,نيروبي",
        "subject": "الكيمياء,الموسيقى,التاريخ,القانون,الطب,الفيزياء,الجغرافيا,الرياضيات",
        "job": "معلمة,طبيبة,صحفية,مهندسة,رسامة,مترجمة,بستانية,طيارة",
        "things": "العملات الساعات الخرائط اللوحات السجاد الأقنعة الطوابع الكتب",
        "day": "الاثنين الثلاثاء الأربعاء الخميس الجمعة",
    },
}

# kind -> language -> the passage, and questions with the answers that are right, the first as long as it should be
LIFE = {
    "en": (
        "{name} was born in {city} in {year}. She studied {subject} and later worked as {job} in {other}.",
        ("Where was {name} born?", "{city}", "in {city}"),
        ("In which year was {name} born?", "{year}"),
        ("What did {name} study?", "{subject}"),
        ("What did {name} work as?", "{job}"),
        ("In which city did {name} work later?", "{other}", "in {other}"),
    ),
    "de": (
        "{name} wurde {year} in {city} geboren. Sie studierte {subject} und arbeitete später als {job} in {other}.",
        ("Wo wurde {name} geboren?", "{city}", "in {city}"),
        ("In welchem Jahr wurde {name} geboren?", "{year}"),
        ("Was studierte {name}?", "{subject}"),
        ("Als was arbeitete {name}?", "{job}", "als {job}"),
        ("In welcher Stadt arbeitete {name} später?", "{other}", "in {other}"),
    ),
    "es": (
        "{name} nació en {city} en {year}. Estudió {subject} y más tarde trabajó como {job} en {other}.",
        ("¿Dónde nació {name}?", "{city}", "en {city}"),
        ("¿En qué año nació {name}?", "{year}"),
        ("¿Qué estudió {name}?", "{subject}"),
        ("¿De qué trabajó {name}?", "{job}", "como {job}"),
        ("¿En qué ciudad trabajó {name} más tarde?", "{other}", "en {other}"),
    ),
    "zh": (
        "{name}于{year}年出生在{city}。她学习了{subject}，后来在{other}当{job}。",
        ("{name}出生在哪里？", "{city}"),
        ("{name}是哪一年出生的？", "{year}年", "{year}"),
        ("{name}学习了什么？", "{subject}"),
        ("{name}后来做什么工作？", "{job}", "当{job}"),
        ("{name}后来在哪个城市工作？", "{other}", "在{other}"),
    ),
    "hi": (
        "{name} का जन्म {year} में {city} में हुआ था। उसने {subject} की पढ़ाई की और बाद में {other} में {job} के रूप में काम किया।",
        ("{name} का जन्म कहाँ हुआ था?", "{city}", "{city} में"),
        ("{name} का जन्म किस वर्ष हुआ था?", "{year}", "{year} में"),
        ("{name} ने किस विषय की पढ़ाई की?", "{subject}"),
        ("{name} ने किस रूप में काम किया?", "{job}", "{job} के रूप में"),
        ("{name} ने बाद में किस शहर में काम किया?", "{other}", "{other} में"),
    ),
    "ar": (
        "وُلدت {name} في {city} عام {year}. درست {subject} ثم عملت {job} في {other}.",
        ("أين وُلدت {name}؟", "{city}", "في {city}"),
        ("في أي عام وُلدت {name}؟", "{year}", "عام {year}"),
        ("ماذا درست {name}؟", "{subject}"),
        ("ما المهنة التي عملت بها {name}؟", "{job}"),
        ("في أي مدينة عملت {name} لاحقًا؟", "{other}", "في {other}"),
    ),
}
MUSEUM = {
    "en": (
        "The small museum in {city} opened in {year}. It shows old {things} and is closed on {day}. "
        "Its director is {name}.",
        ("When did the museum in {city} open?", "{year}", "in {year}"),
        ("What does the museum in {city} show?", "old {things}", "{things}"),
        ("On which day is the museum in {city} closed?", "{day}", "on {day}"),
        ("Who is the director of the museum?", "{name}"),
    ),
    "de": (
        "Das kleine Museum in {city} wurde {year} eröffnet. Es zeigt alte {things} und ist am {day} geschlossen. "
        "Die Direktorin heißt {name}.",
        ("Wann wurde das Museum in {city} eröffnet?", "{year}"),
        ("Was zeigt das Museum in {city}?", "alte {things}", "{things}"),
        ("An welchem Tag ist das Museum in {city} geschlossen?", "{day}", "am {day}"),
        ("Wie heißt die Direktorin des Museums?", "{name}"),
    ),
    "es": (
        "El pequeño museo de {city} abrió en {year}. Muestra una colección de {things} y cierra los {day}. "
        "Su directora se llama {name}.",
        ("¿Cuándo abrió el museo de {city}?", "{year}", "en {year}"),
        ("¿Qué muestra el museo de {city}?", "una colección de {things}", "{things}"),
        ("¿Qué día cierra el museo de {city}?", "{day}", "los {day}"),
        ("¿Cómo se llama la directora del museo?", "{name}"),
    ),
    "zh": (
        "{city}的小博物馆于{year}年开馆。馆内展出古老的{things}，每逢{day}闭馆。馆长名叫{name}。",
        ("{city}的博物馆是哪一年开馆的？", "{year}年", "{year}"),
        ("{city}的博物馆展出什么？", "古老的{things}", "{things}"),
        ("{city}的博物馆星期几闭馆？", "{day}", "每逢{day}"),
        ("博物馆的馆长叫什么名字？", "{name}"),
    ),
    "hi": (
        "{city} का छोटा संग्रहालय {year} में खुला। वहाँ पुराने {things} का संग्रह है और वह {day} को बंद रहता है। "
        "उसकी निदेशक {name} हैं।",
        ("{city} का संग्रहालय कब खुला?", "{year}", "{year} में"),
        ("{city} के संग्रहालय में किस चीज़ का संग्रह है?", "पुराने {things}", "{things}"),
        ("{city} का संग्रहालय किस दिन बंद रहता है?", "{day}", "{day} को"),
        ("संग्रहालय की निदेशक कौन हैं?", "{name}"),
    ),
    "ar": (
        "افتُتح المتحف الصغير في {city} عام {year}. يعرض مجموعة من {things} ويغلق يوم {day}. مديرته هي {name}.",
        ("متى افتُتح المتحف في {city}؟", "{year}", "عام {year}"),
        ("ماذا يعرض المتحف في {city}؟", "مجموعة من {things}", "{things}"),
        ("في أي يوم يغلق المتحف في {city}؟", "{day}", "يوم {day}"),
        ("من هي مديرة المتحف؟", "{name}"),
    ),
}
TRAIN = {
    "en": (
        "The night train from {city} to {other} leaves on {day} at {hour} o'clock. The journey takes {hours} hours, "
        "and a ticket costs {price} euros.",
        ("Where does the night train from {city} go?", "{other}", "to {other}"),
        ("At what time does the night train to {other} leave?", "{hour} o'clock", "at {hour} o'clock"),
        ("How long does the journey take?", "{hours} hours"),
        ("How much does a ticket cost?", "{price} euros"),
    ),
    "de": (
        "Der Nachtzug von {city} nach {other} fährt am {day} um {hour} Uhr ab. Die Fahrt dauert {hours} Stunden, "
        "und eine Fahrkarte kostet {price} Euro.",
        ("Wohin fährt der Nachtzug von {city}?", "{other}", "nach {other}"),
        ("Um wie viel Uhr fährt der Nachtzug nach {other} ab?", "{hour} Uhr", "um {hour} Uhr"),
        ("Wie lange dauert die Fahrt?", "{hours} Stunden"),
        ("Wie viel kostet eine Fahrkarte?", "{price} Euro"),
    ),
    "es": (
        "El tren nocturno de {city} a {other} sale el {day} a las {hour} horas. El viaje dura {hours} horas "
        "y un billete cuesta {price} euros.",
        ("¿Adónde va el tren nocturno de {city}?", "{other}", "a {other}"),
        ("¿A qué hora sale el tren nocturno a {other}?", "{hour} horas", "a las {hour} horas"),
        ("¿Cuánto dura el viaje?", "{hours} horas"),
        ("¿Cuánto cuesta un billete?", "{price} euros"),
    ),
    "zh": (
        "从{city}开往{other}的夜车{day}{hour}点发车。全程需要{hours}小时，一张车票{price}欧元。",
        ("从{city}出发的夜车开往哪里？", "{other}"),
        ("开往{other}的夜车几点发车？", "{hour}点"),
        ("全程需要多长时间？", "{hours}小时"),
        ("一张车票多少钱？", "{price}欧元"),
    ),
    "hi": (
        "{city} से {other} जाने वाली रात की ट्रेन {day} को {hour} बजे चलती है। "
        "यात्रा में {hours} घंटे लगते हैं और एक टिकट {price} यूरो का है।",
        ("{city} से चलने वाली रात की ट्रेन कहाँ जाती है?", "{other}"),
        ("{other} जाने वाली रात की ट्रेन कितने बजे चलती है?", "{hour} बजे"),
        ("यात्रा में कितना समय लगता है?", "{hours} घंटे"),
        ("एक टिकट कितने का है?", "{price} यूरो", "{price} यूरो का"),
    ),
    "ar": (
        "يغادر القطار الليلي من {city} إلى {other} يوم {day} في الساعة {hour}. تستغرق الرحلة {hours} ساعة، "
        "وثمن التذكرة {price} يورو.",
        ("إلى أين يذهب القطار الليلي من {city}؟", "{other}", "إلى {other}"),
        ("في أي ساعة يغادر القطار الليلي إلى {other}؟", "الساعة {hour}", "{hour}"),
        ("كم تستغرق الرحلة؟", "{hours} ساعة"),
        ("كم ثمن التذكرة؟", "{price} يورو"),
    ),
}
KINDS = {"life": LIFE, "museum": MUSEUM, "train": TRAIN}


def main() -> None:
    """Write one file for each language and split: the source language has all three, the others are tested in."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    for split, count in PASSAGES.items():
        drawn = {kind: [draw(rng) for _ in range(count)] for kind in KINDS}
        for language in WORDS if split == "test" else ("en",):
            paragraphs = list(paragraphs_of(drawn, language, split))
            whole = {"version": "1.1", "licence": LICENCE, "data": [{"title": "made up", "paragraphs": paragraphs}]}
            text = json.dumps(whole, ensure_ascii=False, indent=1) + "\n"
            (FOLDER / f"{split}-{language}.json").write_text(text, encoding="utf-8")


def draw(rng: np.random.Generator) -> dict[str, int]:
    """Return the numbers of the words that a passage speaks of, and the numbers in it."""
    city, other = rng.choice(16, size=2, replace=False)
    rows = {name: int(rng.integers(len(listed("en", name)))) for name in ("name", "subject", "job", "things", "day")}
    numbers = {"year": rng.integers(1901, 2000), "hour": rng.integers(19, 24), "hours": rng.integers(11, 19)}
    drawn = {**rows, **numbers, "price": 5 * rng.integers(6, 20), "city": city, "other": other}
    return {name: int(value) for name, value in drawn.items()}


def paragraphs_of(drawn: dict[str, list[dict[str, int]]], language: str, split: str) -> Iterator[dict]:
    """Yield passages of one language with their questions, as SQuAD has them."""
    for kind, passages in drawn.items():
        template, *questions = KINDS[kind][language]
        for number, numbers in enumerate(passages, start=1):
            words = {name: written(language, name, value) for name, value in numbers.items()}
            context = normalize("NFC", template.format(**words))
            asked = [
                {
                    "id": f"{split}-{kind}-{number}-{row}",
                    "question": normalize("NFC", question.format(**words)),
                    "answers": [answer(context, one.format(**words), template, one, words) for one in accepted],
                }
                for row, (question, *accepted) in enumerate(questions, start=1)
            ]
            yield {"context": context, "qas": asked}


def answer(context: str, text: str, template: str, slot: str, words: dict[str, str]) -> dict:
    """Return an answer where the template has it, and not where its words happen to stand besides."""
    start = len(normalize("NFC", template[: template.index(slot)].format(**words)))
    text = normalize("NFC", text)
    assert context[start : start + len(text)] == text
    return {"text": text, "answer_start": start}


def written(language: str, name: str, value: int) -> str:
    """Return the word of that number, or the number itself."""
    words = listed(language, "city" if name == "other" else name)
    return words[value] if words else str(value)


def listed(language: str, name: str) -> list[str]:
    """Return the words of one kind in a language, in the same order in all; none for numbers."""
    line = WORDS[language].get(name, "")
    return line.split("," if "," in line else " ") if line else []


if __name__ == "__main__":
    main()
