"""The documents: links lead somewhere, code runs, commands are understood, and what is quoted is what ships."""

import re
import shlex
import subprocess
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import pytest

import ui
from dlfa_core import __main__ as commands
from dlfa_core.experiments import recommend
from dlfa_core.figures.sentences import evidence
from dlfa_core.runtime.store import BUNDLED, Store
from docs import screenshots
from ui.limits import _PUBLIC

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DOCUMENTS = (README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
TEXTS = {path: path.read_text(encoding="utf-8") for path in DOCUMENTS}
LINK = re.compile(r"\]\((?!https?:)([^)\s]+)\)|(?:src|srcset)=\"(?!https?:)([^\"]+)\"")


def named(cases) -> list:
    """Cases of (document, what is in it), each with a name that says where it is."""
    return [pytest.param(path, found, id=f"{path.name}: {' '.join(found.split())[:60]}") for path, found in cases]


def fenced(language: str = "") -> list[tuple[Path, str]]:
    """Every block of code in a language, with the document that has it."""
    block = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
    return [(path, code) for path, text in TEXTS.items() for name, code in block.findall(text) if name == language]


def commands_shown() -> list[tuple[Path, str]]:
    """Every line in a block of code that asks this program for something."""
    lines = [(path, line) for path, code in fenced() for line in code.replace("\\\n", " ").splitlines()]
    shown = [(path, line) for path, line in lines if "-m dlfa_core " in line]
    return [(path, line) for path, line in shown if "COMMAND" not in line and "…" not in line]


def anchors(text: str) -> set[str]:
    """Where a link into a document can lead: its headings, as a site and a repository's pages name them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), re.MULTILINE)
    return {re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower()) for heading in headings}


@pytest.mark.parametrize(("document", "code"), named(fenced("python")))
def test_python_in_a_document_runs(document, code, tmp_path, monkeypatch, capsys):
    """With the bundled encoder where a document takes one from the hub."""
    monkeypatch.setenv("DLFA_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    exec(code.replace('"bert-base-multilingual-cased"', '"demo"'), {})
    assert capsys.readouterr().out


def test_there_is_python_to_run():
    assert {path.name for path, _ in fenced("python")} >= {"README.md", "encoders.md", "researchers.md"}


@pytest.mark.parametrize(("document", "line"), named(commands_shown()))
def test_a_command_in_a_document_is_understood(document, line):
    name, *options = shlex.split(line.partition("-m dlfa_core ")[2], comments=True)
    if name in commands._commands():
        commands._parsed(commands._experiment(name), options)
    else:
        assert name in commands._ABOUT_RESULTS


def test_an_option_that_is_not_there_would_be_noticed(capsys):
    with pytest.raises(SystemExit):
        commands._parsed(commands._experiment("profile"), ["--layer", "7"])
    assert "--layer" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("document", "target"),
    named((path, "".join(pair)) for path, text in TEXTS.items() for pair in LINK.findall(text)),
)
def test_a_link_leads_somewhere(document, target):
    file, _, anchor = target.partition("#")
    path = (document.parent / file).resolve() if file else document
    assert path.exists()
    if anchor:
        assert anchor in anchors(path.read_text(encoding="utf-8"))


def test_a_document_of_the_site_links_to_nothing_outside_of_it():
    inside = ROOT / "docs"
    for path, text in TEXTS.items():
        if path.parent == inside:
            files = [file for pair in LINK.findall(text) if (file := "".join(pair).partition("#")[0])]
            assert all((inside / file).resolve().is_relative_to(inside) for file in files)


def test_the_readme_quotes_the_answer_of_the_evidence_page():
    quoted = " ".join(line.removeprefix("> ") for line in TEXTS[README].splitlines() if line.startswith("> "))
    answers = {}
    for entry in Store(BUNDLED).listing(recommend):
        spec = entry.spec
        if (spec.model, spec.task.partition(":")[0], spec.mode) == ("demo", "pos", "frozen"):
            answers[entry.key] = evidence.answer(Store(BUNDLED).read(recommend, entry.key))
    assert list(answers.values()) == [quoted]


def test_the_first_screen_of_the_readme_has_a_picture_and_two_commands():
    first = TEXTS[README].partition("![")[0]
    assert len(first.splitlines()) < 20
    block = re.search(r"^```\n(.*?)^```", first, re.DOTALL | re.MULTILINE)[1]
    assert len(block.splitlines()) == 2


@pytest.mark.parametrize(("document", "code"), named(fenced()))
def test_every_document_starts_the_app_in_one_way(document, code):
    started = re.findall(r"streamlit run (\S+)", code)
    assert set(started) <= {"serve.py"}


@pytest.mark.parametrize("page", [page.name for page in ui.pages()])
def test_the_table_of_questions_names_every_page(page):
    table = TEXTS[ROOT / "docs" / "index.md"].partition("## What it answers")[2].partition("\n## ")[0]
    assert page in re.findall(r"^\|[^|]*\| ([^|]+) \|", table, re.MULTILINE)


def test_the_table_of_questions_names_every_command():
    table = TEXTS[ROOT / "docs" / "index.md"].partition("## What it answers")[2].partition("\n## ")[0]
    told = set(re.findall(r"`([a-z]+)[ `]", table))
    assert told >= {*commands._commands(), *commands._ABOUT_RESULTS} - {"land"}  # of a map; the Map page asks it


def test_the_gallery_shows_the_pages_that_there_are():
    assert screenshots.gallery() == screenshots.GALLERY.read_text(encoding="utf-8"), "run `make docs`"


def test_the_pictures_are_small():
    tour = screenshots.IMAGES / "tour.webp"
    pictures = [path for path in screenshots.IMAGES.iterdir() if path != tour]
    assert sum(path.stat().st_size for path in pictures) < 2_000_000
    assert tour.stat().st_size <= screenshots.TOUR_BYTES


def test_no_picture_is_left_of_a_page_that_is_gone():
    names = {screenshots.file_name(name, t) for t in screenshots.THEMES for name in screenshots.names()}
    assert {path.name for path in screenshots.IMAGES.iterdir()} == {*names, "tour.webp", "icon.svg"}


def test_teachers_read_the_limits_that_hold():
    text = " ".join(TEXTS[ROOT / "docs" / "teachers.md"].split())
    limits = f"at most {_PUBLIC.characters} characters, uploads of at most {_PUBLIC.upload_bytes // 2**20} MB"
    assert f"{limits} and {_PUBLIC.sentences} sentences" in text


def test_teachers_find_every_lesson_and_how_long_it_takes():
    table = TEXTS[ROOT / "docs" / "teachers.md"].partition("## Lessons")[2].partition("\n## ")[0]
    told = re.findall(r"^\| (.+) \| (\d+) \|", table, re.MULTILINE)
    lessons = [tomllib.loads(path.read_text("utf-8")) for path in sorted((ROOT / "assets" / "lessons").glob("*.toml"))]
    assert told == [(lesson["title"], str(lesson["minutes"])) for lesson in lessons]


def test_addresses_for_a_class_are_of_pages():
    shown = re.findall(r"`/([A-Z]\w*)", TEXTS[ROOT / "docs" / "teachers.md"])
    assert shown
    assert set(shown) <= {page.name for page in ui.pages()}


@pytest.mark.parametrize("within", [".", "dlfa_core"])
def test_the_table_of_folders_names_all_of_them(within):
    listed = subprocess.run(["git", "ls-tree", "-d", "--name-only", "HEAD"], cwd=ROOT / within, capture_output=True)
    if listed.returncode:
        pytest.skip("this is no git checkout")
    folders = [name for name in listed.stdout.decode().split() if not name.startswith(".")]
    table = TEXTS[README].partition("## The map")[2].partition("## ")[0]
    told = set(re.findall(r"`([a-z_]+)[/`]", table))
    assert folders
    assert set(folders) <= told


class _Loads(HTMLParser):
    """Collects what a browser fetches for a page: all addresses but those of links to click on."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag != "a":
            self.found += [value or "" for name, value in attrs if name in ("src", "srcset", "href", "data", "poster")]


def loads(page: str) -> list[str]:
    """What a page loads, by the addresses in its HTML."""
    parser = _Loads()
    parser.feed(page)
    return parser.found


def test_what_a_page_loads_is_told_from_what_it_links_to():
    page = '<link href="https://a/b.css"><a href="https://c"></a><script src="d.js"></script><img srcset="e">'
    assert loads(page) == ["https://a/b.css", "d.js", "e"]


def test_the_site_has_every_document(site):
    assert {path.stem for path in site.glob("*.html")} - {"404"} == {path.stem for path in (ROOT / "docs").glob("*.md")}


def test_the_site_loads_nothing_from_elsewhere(site):
    elsewhere = re.compile(r"^(https?:)?//")
    for path in site.rglob("*.html"):
        assert not [address for address in loads(path.read_text(encoding="utf-8")) if elsewhere.match(address)]
    for path in site.rglob("*.css"):
        assert not re.search(r"(@import|url\()\s*[\"']?(https?:)?//", path.read_text(encoding="utf-8"))


def test_the_site_has_no_code(site):
    assert not list(site.rglob("*.py"))
