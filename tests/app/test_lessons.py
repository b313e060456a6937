"""The Lessons page, the box of the lesson that runs on every page, and the marks of the glossary."""

import re
from functools import partial

import pytest

from dlfa_core import glossary, lessons
from tests.app.conftest import PAGES, html, open_app, opened

NAME = "5-which-layer-would-you-fuse"


at = partial(opened, "pages/1_Layers.py")


def links(app):
    return {link.label: link.proto for link in app.main.get("page_link")}


def test_every_lesson_is_listed_with_its_way_in_note_and_sheet():
    app = opened("pages/8_Lessons.py")
    assert not app.exception
    names = lessons.names()
    shown = html(app)
    assert f"{len(names)} lessons lead" in shown
    assert [link.label for link in app.main.get("page_link")] == ["Start"] * len(names)
    assert [button.label for button in app.get("download_button")] == ["Sheet to print"] * len(names)
    assert all(
        f"lesson={name}" in link.proto.query_string for name, link in zip(names, app.main.get("page_link"), strict=True)
    )
    assert shown.count("They stumble over") == len(names)


def test_a_broken_file_is_named_and_the_others_are_listed(tmp_path, monkeypatch):
    for name in lessons.names():
        (tmp_path / f"{name}.toml").write_bytes((lessons.FOLDER / f"{name}.toml").read_bytes())
    (tmp_path / "9-mine.toml").write_text('title = "T"\n', encoding="utf-8")
    count = len(lessons.names())
    monkeypatch.setattr(lessons.names, "__defaults__", (tmp_path,))
    monkeypatch.setattr(lessons.read, "__defaults__", (tmp_path,))
    app = opened("pages/8_Lessons.py")
    assert [error.value.replace("\\", "") for error in app.error] == ["9-mine.toml has no aim."]
    assert f"{count} lessons lead" in html(app)


def test_the_box_has_the_step_its_question_and_the_way_on():
    app = at(lesson="1-meeting-in-the-middle", step="2", measures="ANC")
    assert not app.exception
    shown = html(app)
    assert "<b>Meeting in the middle</b> · Step 2 of 6" in shown
    assert "<summary>Answer</summary>" in shown
    assert {"Previous", "Next"} <= links(app).keys()
    assert links(app)["Next"].query_string.endswith("layer=0&lesson=1-meeting-in-the-middle&step=3")
    assert app.multiselect(key="measures").value == ["anc"]


def test_the_lesson_goes_on_over_a_change_of_pages_and_ends_when_it_is_left():
    app = at(lesson="1-meeting-in-the-middle", step="2")
    app.switch_page("pages/4_Gates.py").run()
    assert not app.exception
    assert "Step 2 of 6" in html(app)
    assert links(app)["Back to step 2, on the Layers page"].query_string.startswith("measures=")
    assert app.query_params["step"] == "2"
    app.button(key="lesson_leave").click().run()
    assert "Step 2 of 6" not in html(app)
    assert "lesson" not in app.query_params
    app.switch_page(PAGES[0]).run()
    assert "Step 2 of 6" not in html(app)


def test_a_step_undoes_what_its_view_does_not_name():
    app = at(lesson="1-meeting-in-the-middle", step="1")
    app.slider(key="layer").set_value(2).run()
    app.query_params.clear()
    app.query_params.update({"lesson": "1-meeting-in-the-middle", "step": "2", "measures": "ANC"})
    app.run()
    assert not app.exception
    assert app.slider(key="layer").value != 2
    assert app.multiselect(key="measures").value == ["anc"]


@pytest.mark.parametrize("step", ["0", "99", "x", "²", ""])
def test_a_broken_step_falls_back_to_one_that_there_is(step):
    app = at(lesson=NAME, step=step)
    assert not app.exception
    assert re.search(r"Step [16] of 6", html(app))


@pytest.mark.parametrize("name", ["nowhere", "<b>", "../../README"])
def test_an_unknown_lesson_is_said_to_be_so_and_the_page_is_there(name):
    app = at(lesson=name)
    assert not app.exception
    assert len(app.error) == 1
    assert "Languages meet at" in html(app)
    assert "lesson" not in app.query_params


def test_the_class_predicts_before_it_goes_on(monkeypatch):
    _of_sentiment(monkeypatch)
    app = at(lesson=NAME, step="2")
    assert not app.exception
    assert links(app)["Next"].disabled
    assert "<summary>Answer</summary>" not in html(app)
    app.segmented_control(key=f"lesson_guess_{NAME}").set_value(3).run()
    assert not links(app)["Next"].disabled
    assert links(app)["Next"].query_string.endswith(f"lesson={NAME}&step=3&guess=3")


@pytest.mark.parametrize(
    ("guess", "said"), [("3", "You chose layer 3"), ("99", "No layer was chosen"), ("x", "No layer was chosen")]
)
def test_the_prediction_is_compared_with_what_came_out(monkeypatch, guess, said):
    _of_sentiment(monkeypatch)
    app = opened("pages/3_Fusion.py", lesson=NAME, step="3", guess=guess)
    assert not app.exception
    assert said in html(app)


def _of_sentiment(monkeypatch):
    """Have the lesson ask for the task that the small results have."""
    read = lessons.read

    def other(name, pages):
        lesson = read(name, pages)
        for step in lesson.steps:
            for key in ("predict", "reveal"):
                if getattr(step, key):
                    object.__setattr__(step, key, "sentiment")
        return lesson

    monkeypatch.setattr(lessons, "read", other)


@pytest.mark.parametrize("page", ["app.py", *PAGES])
def test_words_are_marked_once_a_page_and_each_has_its_card(page):
    app = open_app().run()
    if page != "app.py":
        app.switch_page(page).run()
    whole = "\n".join(element.body for element in app.get("html"))
    marks = re.findall(r'<abbr class="term" tabindex="0" data-card="[^"]+" aria-describedby="([^"]+)">', whole)
    assert marks
    assert len(set(marks)) == len(marks)
    assert sorted(re.findall(r'<span id="(card-[^"]+)" hidden>', whole)) == sorted(marks)
    assert "<abbr" not in "".join(re.findall(r"<abbr[^>]*>(.*?)</abbr>", whole))


def test_marked_text_is_escaped(monkeypatch):
    term = glossary.Term("CKA", '<img src=x onerror="a">', "b", ("CKA",))
    monkeypatch.setattr(glossary.split, "__defaults__", ((term,), ()))
    app = at()
    whole = "\n".join(element.body for element in app.get("html"))
    assert "&lt;img src=x onerror=&#34;a&#34;&gt;" in whole
    assert "<img src=x" not in whole


def test_the_headline_of_gates_explains_its_words():
    """And where AIF comes in, on the way into the details, it is spelt out."""
    app = opened("pages/4_Gates.py")
    assert "gate" in app.title[0].help
    whole = " ".join(element.body for element in app.get("html"))
    assert "attentional information fusion (AIF)" in re.sub("<[^>]*>", "", whole)


def test_the_glossary_lists_every_word():
    shown = html(opened("pages/8_Lessons.py"))
    assert all(f'<dt id="term-{term.slug}">' in shown for term in glossary.terms())
