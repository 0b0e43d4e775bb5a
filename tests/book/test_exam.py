"""The exam on the pages is that of the files in ``trials``."""

import pytest
from browser import HTML, need
from bs4 import BeautifulSoup
from exam import read_exam


@pytest.mark.parametrize("chapter", range(1, 6))
def test_each_chapter_has_ten_questions_with_answer_and_marking(chapter):
    said, questions = read_exam(chapter)
    assert said.strip()
    assert [one["number"] for one in questions] == [f"{chapter}.{n}" for n in range(1, 11)]


def test_the_pages_have_all_of_them():
    need((HTML / "pages" / "exam.html").exists(), "the book is not built: make book")
    exam, marking = (
        BeautifulSoup((HTML / "pages" / f"{name}.html").read_text("utf-8"), "html.parser")
        for name in ("exam", "marking")
    )
    labels = [f"exam-{chapter}-{n}" for chapter in range(1, 6) for n in range(1, 11)]
    assert [one["id"] for one in exam.select("[id^=exam-]")] == labels
    links = [one["href"] for one in marking.select("a[href^='exam.html#exam-']")]
    assert links == [f"exam.html#{label}" for label in labels]
    article = exam.select_one(".bd-article").get_text()
    assert "Model answer" not in article
    assert "Marking." not in article
