"""What the browser is given: read back here as the script reads it."""

import json
import re
from dataclasses import fields, replace
from types import SimpleNamespace

import numpy as np
import pytest

from dlfa_core import figures
from dlfa_core import languages as lang
from dlfa_core.experiments import land, project
from dlfa_core.figures import point_map
from tests.conftest import small_projection


def unpack(packed: bytes):
    """Header, what was typed, and arrays; a second reader of the layout that `payload.js` reads."""
    header_length, landed_length = np.frombuffer(packed, "<u4", 2)
    header = json.loads(packed[8 : 8 + header_length])
    out_of_sample = json.loads(packed[8 + header_length :][:landed_length])
    origin = 8 + header_length + landed_length
    arrays = {
        name: np.frombuffer(packed, each["type"], each["count"], origin + each["start"])
        for name, each in header["arrays"].items()
    }
    assert origin % 4 == 0
    return header, out_of_sample, arrays


def without(projection, **changes):
    return SimpleNamespace(**{**vars(projection), **changes})


def test_coordinates_come_back_to_within_half_a_step(projection):
    header, _, arrays = unpack(figures.pack(projection))
    far = np.abs(projection.coordinates).max()
    shape = (header["states"], header["points"], header["dims"])
    again = arrays["coordinates"].reshape(shape) / point_map.STEPS * far
    assert np.abs(again - projection.coordinates).max() <= 0.51 * far / point_map.STEPS


def test_nearly_all_points_lie_within_the_first_view_wherever_they_are(projection):
    far_off = without(projection, coordinates=projection.coordinates + np.float32([5, -3]))
    header, _, arrays = unpack(figures.pack(far_off))
    coordinates = arrays["coordinates"].reshape(-1, 2) / point_map.STEPS
    shares = (np.abs(coordinates - header["centre"]) <= np.array(header["extent"]) + 1e-3).mean(axis=0)
    assert ((shares >= 0.99) & (shares < 1)).all()
    assert max(header["extent"]) < 0.6


def test_every_point_finds_its_sentence_language_and_class(projection):
    header, _, arrays = unpack(figures.pack(projection))
    points = projection.points
    assert [header["ids"][i] for i in arrays["sentence"]] == points["id"].tolist()
    assert [header["languages"][i]["code"] for i in arrays["language"]] == points["language"].tolist()
    assert header["texts"] == points["text"].tolist()
    expected = {
        "family": [lang.find(code).family for code in points["language"]],
        "language": [lang.find(code).name for code in points["language"]],
        "topic": points["topic"].tolist(),
        "sentiment": points["sentiment"].tolist(),
    }
    for colouring in header["colourings"]:
        if colouring["key"] != "script":
            names = [colouring["classes"][i]["name"] for i in arrays[f"by_{colouring['key']}"]]
            assert names == expected[colouring["key"]]


def test_neighbours_are_those_of_the_result(projection):
    _, _, arrays = unpack(figures.pack(projection))
    np.testing.assert_array_equal(arrays["neighbours"], projection.neighbours.ravel())
    assert arrays["neighbours"].dtype == np.uint16


def test_many_points_send_fewer_neighbours_and_still_the_nearest(projection, monkeypatch):
    monkeypatch.setattr(point_map, "NEIGHBOURS_SENT", 4 * projection.neighbours[:, :, 0].size)
    _, _, arrays = unpack(figures.pack(projection))
    np.testing.assert_array_equal(arrays["neighbours"], projection.neighbours[:, :, :4].ravel())


def test_a_corpus_without_topics_offers_no_such_colours(projection):
    header, _, _ = unpack(figures.pack(without(projection, points=projection.points.assign(topic="", sentiment=""))))
    assert [each["key"] for each in header["colourings"]] == ["family", "language", "script"]


def test_a_class_beyond_the_255th_is_one_of_the_others():
    result = small_projection(n=40)
    result.points["topic"] = [f"topic {i:03}" for i in range(len(result.points))]
    header, _, arrays = unpack(figures.pack(result))
    classes = next(each["classes"] for each in header["colourings"] if each["key"] == "topic")
    assert len(classes) == 256
    assert classes[arrays["by_topic"][300]]["name"] == "others"


@pytest.mark.parametrize("key", ["family", "language"])
def test_no_two_classes_look_alike(key):
    """Colour and symbol together tell families apart, and with the family's symbol languages of the sample."""
    codes = (
        *("eng", "deu", "fra", "spa", "rus", "hin", "pes", "ell", "fin", "tur"),
        *("arb", "heb", "cmn", "jpn", "kor", "ind", "vie", "swh", "tam", "tha"),
    )
    header, _, _ = unpack(figures.pack(small_projection(n=2, languages=codes)))
    classes = next(each["classes"] for each in header["colourings"] if each["key"] == key)
    looks = {(each["colour"], each.get("familySymbol", each["symbol"])) for each in classes}
    assert len(looks) == len(classes)
    assert len({each["symbol"] for each in classes}) == len(classes)


def test_what_was_typed_leaves_the_digest_of_the_map_alone(projection):
    point = {"text": "Ein Satz.", "note": "", "coordinates": projection.coordinates[:, 0], "neighbours": [[1]] * 13}
    plain, _, _ = unpack(figures.pack(projection))
    header, out_of_sample, _ = unpack(figures.pack(projection, [point]))
    assert header == plain
    far = np.abs(projection.coordinates).max()
    np.testing.assert_allclose(np.array(out_of_sample[0]["coordinates"]) * far, projection.coordinates[:, 0], atol=1e-4)
    moved = without(projection, coordinates=projection.coordinates[::-1])
    assert unpack(figures.pack(moved))[0]["digest"] != plain["digest"]


def test_the_header_begins_with_the_digest(projection):
    """`digestOf` in payload.js reads it from there, without parsing the texts."""
    packed = figures.pack(projection)
    assert re.match(rb'\{"digest": "[0-9a-f]{32}"', packed[8:])


def test_three_dimensions_are_packed_as_three(projection):
    header, _, arrays = unpack(figures.pack(small_projection(n=5, dims=3)))
    assert header["dims"] == 3
    assert len(header["extent"]) == 3
    assert arrays["coordinates"].size == 13 * header["points"] * 3


def test_the_spec_of_a_landing_is_that_of_its_map_and_texts():
    assert [field.name for field in fields(land.Spec)] == [*(field.name for field in fields(project.Spec)), "texts"]
    assert replace(land.Spec(), texts=("a",)).method == project.Spec().method
