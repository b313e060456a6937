"""Files of lessons: what they hold, and what is said of a broken one."""

import re
from pathlib import Path

import pytest

from dlfa_core import lessons

ROOT = Path(__file__).parents[2]
PAGES = tuple(path.stem.partition("_")[2] for path in sorted((ROOT / "pages").glob("[0-9]*.py")))
HEAD = 'title = "T"\naim = "A"\nminutes = 10\nteacher = "One.\\n\\nTwo\\nlines."\n'
STEP = '[[step]]\nview = "Layers?layer=0"\ntext = "See."\nquestion = "Why?"\nanswer = "So."\n'
PREDICT = '[[step]]\nview = "Layers"\ntext = "See."\nquestion = "Which?"\npredict = "pos"\n'


def read(tmp_path, text, name="1-mine"):
    (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    return lessons.read(name, PAGES, tmp_path)


def test_a_file_becomes_a_lesson(tmp_path):
    lesson = read(tmp_path, HEAD + STEP + STEP.replace("Layers?layer=0", "Home"))
    assert (lesson.title, lesson.minutes, lesson.teacher) == ("T", 10, ("One.", "Two lines."))
    assert [step.view.page for step in lesson.steps] == ["Layers", "Home"]
    assert lesson.steps[0].view.query == (("layer", "0"),)


@pytest.mark.parametrize(
    "written", ["Layers?measures=CKA, debiased&measures=ANC", "/Layers?measures=CKA%2C+debiased&measures=ANC"]
)
def test_a_view_is_read_as_typed_and_as_the_address_bar_has_it(tmp_path, written):
    view = read(tmp_path, HEAD + STEP.replace("Layers?layer=0", written) + STEP).steps[0].view
    assert view.query == (("measures", "CKA, debiased"), ("measures", "ANC"))
    assert str(view) == "Layers?measures=CKA%2C+debiased&measures=ANC"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = x\n" + STEP, "1-mine.toml: Invalid value (at line 1"),
        (HEAD.replace('"A"', "3") + STEP * 2, "1-mine.toml: aim is 3, but has to be text in quotes"),
        (HEAD.replace('aim = "A"\n', "") + STEP * 2, "1-mine.toml has no aim"),
        (HEAD.replace("10", '"ten"') + STEP * 2, "minutes is 'ten', but has to be a whole number"),
        (HEAD.replace("10", "0") + STEP * 2, "minutes is 0, but a lesson takes 1 to 300"),
        ("step = [1, 2]\n" + HEAD, "1-mine.toml, step 1 is 1, but a step is a part that begins with [[step]]"),
        (HEAD + STEP, "1-mine.toml has 1 steps, but a lesson has at least 2"),
        (HEAD + STEP + STEP.replace("question", "questoin"), "1-mine.toml, step 2: 'questoin' is not known. Known are"),
        (HEAD + STEP + STEP.replace('answer = "So."', ""), "1-mine.toml, step 2 has no answer"),
        (HEAD + STEP.replace("See.", " ") + STEP, "1-mine.toml, step 1: text is empty"),
        (
            HEAD + STEP.replace("Layers?", "Layer?") + STEP,
            "step 1: view names the page 'Layer'. Pages are Home, Evidence, Layers",
        ),
        (HEAD + STEP.replace("layer=0", "layer") + STEP, "step 1: view has 'layer' after the question mark"),
        (HEAD + STEP + STEP.replace("So.", "{layer.best cka}"), "step 2: answer has the field {layer.best cka}, which"),
        (HEAD + PREDICT.replace("pos", "poss") + STEP, "step 1: predict is 'poss', which is no task: take pos, ner"),
        (HEAD + STEP + STEP + 'reveal = "pos"\n', "step 2 reveals 'pos', but no step before has predict"),
    ],
)
def test_a_broken_file_gives_one_error_that_names_the_place(tmp_path, text, said):
    with pytest.raises(lessons.LessonError, match=re.escape(said)):
        read(tmp_path, text)


def test_a_prediction_is_revealed_later(tmp_path):
    first, second = read(tmp_path, HEAD + PREDICT + STEP + 'reveal = "pos"\n').steps
    assert (first.predict, first.answer, second.reveal) == ("pos", "", "pos")


@pytest.mark.parametrize("name", ["../secret", "A", "a b", ""])
def test_a_name_cannot_lead_out_of_the_folder(tmp_path, name):
    with pytest.raises(lessons.LessonError, match="is no name of a lesson"):
        lessons.read(name, PAGES, tmp_path)


def test_a_missing_file_and_one_that_is_no_text_are_said_to_be_so(tmp_path):
    with pytest.raises(lessons.LessonError, match=r"9-none\.toml cannot be read: No such file"):
        lessons.read("9-none", PAGES, tmp_path)
    (tmp_path / "bytes.toml").write_bytes(b"\xff")
    (tmp_path / "deep.toml").write_text("x = " + "[" * 2000)
    with pytest.raises(lessons.LessonError, match=r"deep\.toml cannot be read: its brackets are nested too deeply"):
        lessons.read("deep", (), tmp_path)
    with pytest.raises(lessons.LessonError, match=r"bytes\.toml cannot be read: it is not UTF-8"):
        lessons.read("bytes", PAGES, tmp_path)


def test_lessons_stand_in_the_order_of_their_numbers(tmp_path):
    for name in ("10-b", "2-c", "extra", "1-a"):
        (tmp_path / f"{name}.toml").touch()
    assert lessons.names(tmp_path) == ("1-a", "2-c", "10-b", "extra")


@pytest.mark.parametrize("name", lessons.names())
def test_what_ships_is_short(name):
    """At most three sentences a step, so that the page stays in sight."""
    for step in lessons.read(name, PAGES).steps:
        assert len(re.findall(r"[.?!](?:\s|$)", step.text)) <= 3
        assert len(step.text) < 330


def test_at_least_five_lessons_ship_on_five_pages():
    first = {lessons.read(name, PAGES).steps[-1].view.page for name in lessons.names()}
    assert len(lessons.names()) >= 5
    assert {"Layers", "Lexicon", "Gates", "Fusion"} <= first


def test_the_example_in_the_documentation_is_a_lesson(tmp_path):
    text = (ROOT / "docs" / "lessons.md").read_text(encoding="utf-8")
    lesson = read(tmp_path, re.search(r"```toml\n(.*?)```", text, flags=re.DOTALL)[1])
    assert len(lesson.steps) == 2
    listed = {field.partition(" ")[0] for field in re.findall(r"`\{([^}]*)\}`", text)}
    assert listed == set(lessons.FACTS)
