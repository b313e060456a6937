"""The sheet on paper: questions without answers, then a page with them."""

from dataclasses import replace

import pytest

from dlfa_core import lessons
from tests.lessons.test_facts import SHIPPED, bundled


@pytest.fixture(params=SHIPPED, ids=lambda lesson: lesson.name)
def pages(request):
    """A lesson, and both pages of its sheet."""
    questions, answers = lessons.sheet(request.param, bundled).split('<section class="answers">')
    return request.param, questions, answers


def test_questions_are_on_both_pages_and_answers_on_the_second(pages):
    lesson, questions, answers = pages
    assert questions.count('class="question"') == answers.count('class="question"') == len(lesson.steps)
    for step in lesson.steps:
        begin = lessons.fill(step.answer, bundled)[:25].replace("'", "&#39;")
        assert not begin or begin not in questions
        assert begin in answers
        assert all(value in questions for _, value in step.view.query)
    assert lesson.teacher[0][:30] in answers
    assert lesson.teacher[0][:30] not in questions


def test_it_prints_on_a4_and_asks_nothing_of_the_network(pages):
    _, questions, answers = pages
    assert "size: A4" in questions
    assert "break-before: page" in questions
    assert "default-src 'none'" in questions
    assert "http" not in (questions + answers).replace("http-equiv", "")


def test_what_a_file_says_is_shown_as_text():
    page = lessons.sheet(replace(SHIPPED[0], title="<script>x</script>", aim="<b>"), bundled)
    assert "<script>" not in page
    assert "&lt;b&gt;" in page
