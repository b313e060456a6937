"""One everyday sentence in the languages that made-up results are in."""

SENTENCES = {
    "eng": "The train is late again.",
    "deu": "Der Zug hat wieder Verspätung.",
    "fra": "Le train est encore en retard.",
    "rus": "Поезд снова опаздывает.",
    "hin": "ट्रेन फिर से देर से चल रही है।",
    "arb": "القطار متأخر مرة أخرى.",
    "cmn": "火车又晚点了。",
    "tur": "Tren yine geç kaldı.",
    "tha": "รถไฟมาช้าอีกแล้ว",
}
