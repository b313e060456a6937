"""Ways to spoil a file, each a function of its content and of a random stream."""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable
from random import Random

import pyarrow

MARKER = "dlfa.fuzz.ran"  # the audit event by which a script says that it ran
TOKENS = [  # what stands in cells, keys and lines that nobody thought of
    *("", " ", "\0", "\ufeff", "\u200f", "\u202e", "\u2028", "\x85", "\x1b[2J", "é", "e\u0301", "𝒳", "👩‍👩‍👧"),
    *("nan", "inf", "-inf", "1e999", "-0", "0x10", "1_000", "1,5", "50 %", "٣", "²", "9" * 5000, "-1", "1e-400"),
    *("null", "None", "true", "[]", "{}", "NULL", "N/A", "#REF!", "=1+1", "=cmd|' /C calc'!A0", "@SUM(1)"),
    *("eng", "EN", "zh-Hant", "id", "xx", "und", "no", "deu_Latn", "English", "tar", "train", "A", "B", "language"),
    *("B-PER", "I-LOC", "O", "B-", "NOUN", "1-2", "0", "3-1", "1.1", "positive", "entailment", "-DOCSTART-"),
    *("# sent_id =", "../../etc/passwd", "/", "~", "~nobody-here", "C:\\x", "file:///etc/passwd", "a" * 300, "%00"),
    *("%s%n", "{0.__class__}", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "${7*7}"),
    *("javascript:alert(1)", "' OR 1=1 --", "'", '"', '""', "|", ";", ",", "\t", "\\", "\r", "\n\n", "]]>", "-->"),
    *("&lol;", "&#0;", "\\ud800", "[[", "[x]", '"""'),
]  # fmt: skip
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "xz": lzma.compress,
    "bz2": bz2.compress,
    "zst": lambda data: bytes(pyarrow.compress(data, codec="zstd", asbytes=True)),
    "zz": zlib.compress,  # no format of files
}
SPECIAL = [
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xc3(",
    b"\r",
    b"\n",
    b"\t",
    b'"',
    b"\x1a",
    b"PK\x03\x04",
]
KINDS = ("UTF-16-LE", "UTF-16", "UTF-32", "latin-1", "UTF-8-sig", "cp1252", "UTF-7", "shift_jis", "cp037")


def spoilt(content: bytes, random: Random, others: list[bytes]) -> bytes:
    """Return the content changed in one to three ways; `others` are files of other kinds."""
    for _ in range(random.choice((1, 1, 2, 3))):
        content = random.choice(WAYS)(content, random, others)
    return content


def _flip(content: bytes, random: Random, others: list[bytes]) -> bytes:
    changed = bytearray(content or b" ")
    for _ in range(random.randint(1, 8)):
        changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def _cut(content: bytes, random: Random, others: list[bytes]) -> bytes:
    start, stop = sorted(random.randint(0, len(content)) for _ in range(2))
    return random.choice((content[:start], content[start:], content[start:stop], content[:start] + content[stop:]))


def _insert(content: bytes, random: Random, others: list[bytes]) -> bytes:
    at = random.randint(0, len(content))
    return content[:at] + random.choice(SPECIAL) * random.choice((1, 1, 2, 50)) + content[at:]


def _token(content: bytes, random: Random, others: list[bytes]) -> bytes:
    """Put one of `TOKENS` in the place of a cell, a key or a value."""
    for separator in random.sample((b"\t", b",", b" = ", b'"', b";", b">", b"\n"), 7):
        parts = content.split(separator)
        if len(parts) > 1:
            parts[random.randrange(len(parts))] = random.choice(TOKENS).encode()
            return separator.join(parts)
    return random.choice(TOKENS).encode()


def _lines(content: bytes, random: Random, others: list[bytes]) -> bytes:
    """Take a line out, repeat one, put the first one last, or put them in another order."""
    rows = content.split(b"\n")
    at = random.randrange(len(rows))
    return b"\n".join(
        random.choice(
            (
                rows[:at] + rows[at + 1 :],
                rows[: at + 1] + rows[at:],
                rows[:1] + rows,
                rows[1:] + rows[:1],
                random.sample(rows, len(rows)),
                [*rows[:at], b"", b" ", b"\t\t", *rows[at:]],
                rows[:1],
                [row + b"\t" for row in rows],
                [row + b" " if random.random() < 0.3 else row for row in rows],
            )
        )
    )


def _ends(content: bytes, random: Random, others: list[bytes]) -> bytes:
    end = random.choice((b"\r\n", b"\r", b"\n\n", b"\n\r", b"\x0b", "\u2028".encode(), b"\0", b""))
    return content.replace(b"\n", end)


def _separators(content: bytes, random: Random, others: list[bytes]) -> bytes:
    one, two = (
        random.choice((b"\t", b",", b";", b"|", b" ", b'"', b"'", b"=", b"[", b"{")),
        random.choice((b"\t", b",", b";", b"", b'"', b"]")),
    )
    return content.replace(one, two, random.choice((-1, 1, 3)))


def _recoded(content: bytes, random: Random, others: list[bytes]) -> bytes:
    return content.decode("utf-8", "replace").encode(random.choice(KINDS), "replace")


def _blank(content: bytes, random: Random, others: list[bytes]) -> bytes:
    return random.choice(
        (
            b"",
            b"\n",
            b" \n\t\n",
            b"\t\t\n\t\t\n",
            b'""\n',
            b"\xef\xbb\xbf",
            b"\0" * 20,
            b"sep=;\n",
            b"\r",
            b"\xc2\xa0\n",
            b",\n,\n",
            b"#\n",
        )
    )


def _large(content: bytes, random: Random, others: list[bytes]) -> bytes:
    """Grow one thing beyond measure: a cell, the columns, the depth of brackets, the digits of a number."""
    return random.choice(
        (
            lambda: content + b"x" * 140_000,
            lambda: content + b'"' + b"y" * 140_000 + b'"\n',
            lambda: b"\t".join(b"c%d" % i for i in range(100_000)) + b"\n" + b"x\t" * 100_000,
            lambda: b",".join([b"eng"] * 50_000) + b"\n" + content,
            lambda: b"[" * 50_000 + content,
            lambda: b'{"a":' * 5_000 + content,
            lambda: b'{"text": ' + b"[" * 20_000 + b"]" * 20_000 + b"}\n",
            lambda: b"x = " + b"[" * 2_000 + b"]" * 2_000 + b"\n" + content,
            lambda: b"x = " + b"{a=" * 800 + b"1" + b"}" * 800 + b"\n" + content,
            lambda: b".".join([b"a"] * 3_000) + b" = 1\n" + content,
            lambda: content.replace(b"1", b"1" * 5_000, 1),
            lambda: b"<tmx>" + b"<tu>" * 50_000 + content,
            lambda: content * 40,
        )
    )()


def _spliced(content: bytes, random: Random, others: list[bytes]) -> bytes:
    """Go on as a file of another kind does, or be one."""
    other = random.choice(others)
    return random.choice((other, content[: random.randint(0, len(content))] + other, other + content))


def _packed(content: bytes, random: Random, others: list[bytes]) -> bytes:
    packed = random.choice(list(PACKERS.values()))(content)
    return random.choice(
        (
            lambda: packed,
            lambda: packed,
            lambda: _flip(packed, random, others),
            lambda: _cut(packed, random, others),
            lambda: packed + content,
            lambda: gzip.compress(packed),
        )
    )()


def _bomb(content: bytes, random: Random, others: list[bytes]) -> bytes:
    """A small file that unpacks to a large one, or XML whose entities do."""
    return random.choice(
        (lambda: _BOMBS["gz"], lambda: _BOMBS["xz"], lambda: _BOMBS["bz2"], lambda: LAUGHS, lambda: OUTSIDE)
    )()


WAYS = [_flip, _flip, _cut, _cut, _insert, _insert, _token, _token, _token, _token, _lines, _lines, _lines]
WAYS += [_ends, _separators, _separators, _recoded, _blank, _large, _spliced, _packed, _packed]
RARE = [_bomb]
_ZEROS = bytes(1 << 20)
_BOMBS = {name: PACKERS[name](_ZEROS) * 3000 for name in ("gz", "xz", "bz2")}  # 3 GB each
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE tmx [<!ENTITY l "lol">'
    + "".join(f'<!ENTITY l{i} "{f"&l{i - 1 or str()};" * 10}">' for i in range(1, 10))
    + ']><tmx version="1.4"><body><tu><tuv xml:lang="en"><seg>&l9;</seg></tuv></tu></body></tmx>'
).encode()
OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE tmx [<!ENTITY x SYSTEM "http://127.0.0.1:9/x"><!ENTITY y SYSTEM "file:///etc/passwd">]>'
    b'<tmx version="1.4"><body><tu><tuv xml:lang="en"><seg>&x;&y;</seg></tuv></tu></body></tmx>'
)
