"""A table that a visitor brings: kept when it is good, explained when it is not, never in the way."""

import gzip

import pytest

from dlfa_core.runtime import store
from tests.app.conftest import PAGES, html, open_app, opened
from ui import limits

GOOD = "eng\tdeu\the\n" + "".join(f"Sentence {i}.\tSatz {i}.\tמשפט {i}.\n" for i in range(30))
BAD = {
    "empty": b"",
    "one column": b"eng\nHello.\nGoodbye.\n",
    "broken UTF-8": "eng\tdeu\nHello.\tGrüße.\n".encode("latin-1") + b"\xff\xfe\xfa\n",
    "unknown language": b"eng\tklingonisch\nHello.\tnuqneH.\n",
    "repeated ids": b"id\teng\tdeu\n1\tHello.\tHallo.\n1\tBye.\tAde.\n",
    "gaps": b"eng\tdeu\nHello.\t\nBye.\t\n",
}


def upload(app, name: str, content: bytes):
    return app.file_uploader(key="upload").upload(name, content, "text/plain").run()


@pytest.mark.parametrize("page", PAGES)
def test_bad_tables_are_explained_and_nothing_is_lost(page):
    app = opened(page)
    before, explained = html(app), set()
    for wrong, content in BAD.items():
        upload(app, "table.tsv", content)
        assert not app.exception, wrong
        said = app.error[0].value.replace("\\", "")
        assert said.count(". ") >= 1, wrong  # what is wrong, and what to do
        assert said.endswith((".", "?")), wrong
        assert html(app) == before, wrong
        explained.add(said)
    assert len(explained) == len(BAD)  # each is of the table that was brought last


def test_a_good_table_is_chosen_and_offered(layers):
    upload(layers, "mine.tsv", GOOD.encode())
    assert not layers.exception
    assert layers.selectbox(key="corpus").value == "mine.tsv"
    assert "30 sentences of “mine” in 3 languages" in layers.main.markdown[0].value.replace("\\", "")


def test_languages_of_which_a_table_has_one_alone_give_way_to_all_of_its_own(layers):
    layers.multiselect(key="languages").set_value(["deu", "hin"]).run()
    upload(layers, "mine.tsv", GOOD.encode())
    assert not layers.error
    assert layers.multiselect(key="languages").value == []
    layers.multiselect(key="languages").set_value(["eng", "deu"]).run()
    layers.selectbox(key="corpus").set_value("sample").run()
    assert layers.multiselect(key="languages").value == ["eng", "deu"]


def test_a_packed_translation_memory_is_read_as_a_table_is(layers):
    units = "".join(
        f'<tu><tuv xml:lang="en"><seg>Sentence {i}.</seg></tuv><tuv xml:lang="de"><seg>Satz {i}.</seg></tuv></tu>'
        for i in range(30)
    )
    upload(layers, "mine.tmx.gz", gzip.compress(f'<tmx version="1.4"><body>{units}</body></tmx>'.encode()))
    assert not layers.exception
    assert layers.selectbox(key="corpus").value == "mine.tmx.gz"
    assert "30 sentences of “mine” in 2 languages" in layers.main.markdown[0].value.replace("\\", "")


def test_a_table_that_cannot_be_kept_is_explained(layers, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DLFA_HOME", str(tmp_path / "file"))
    upload(layers, "mine.tsv", GOOD.encode())
    assert not layers.exception
    assert "DLFA_HOME is " in layers.error[0].value.replace("\\", "")


def test_on_ones_own_machine_a_table_is_found_again_by_its_link(layers):
    upload(layers, "mine.tsv", GOOD.encode())
    other = open_app()
    other.query_params["corpus"] = "mine.tsv"
    other.run()
    assert other.selectbox(key="corpus").value == "mine.tsv"
    assert other.selectbox(key="corpus").options == ["Bundled sentences", "mine.tsv"]


@pytest.mark.parametrize("public", [True, False])
def test_a_link_to_a_table_that_is_not_here_says_so_alone(monkeypatch, public, layers):
    if public:
        monkeypatch.setenv("DLFA_DEMO", "1")
        upload(layers, "theirs.tsv", GOOD.encode())
    other = open_app().switch_page("pages/1_Layers.py")
    other.query_params["corpus"] = "theirs.tsv"
    other.run()
    assert not other.exception
    said = [error.value.replace("\\", "") for error in other.error]
    assert said == [
        "The table theirs.tsv is not here: what somebody uploads, nobody else can open. Upload it yourself."
    ]
    assert ('<p class="answer">' in html(other)) == public  # there the bundled sentences are shown
    assert not other.info


def test_a_table_that_is_too_large_says_how_to_read_it_all_the_same(layers, monkeypatch):
    monkeypatch.setattr(limits, "_OWN_MACHINE", limits._OWN_MACHINE._replace(upload_bytes=100))
    upload(layers, "mine.tsv", GOOD.encode())
    said = layers.error[0].value.replace("\\", "")
    assert said.startswith("mine.tsv has 0.0 MB, but uploads may have up to")
    assert "type its path into “Corpus”, as table:FILE" in said
    assert "own machine" not in said


def test_the_newest_of_two_tables_with_one_name_is_meant(layers):
    upload(layers, "mine.tsv", GOOD.encode())
    upload(layers, "mine.tsv", GOOD.replace("deu", "fra").encode())
    assert layers.selectbox(key="corpus").options == ["Bundled sentences", "mine.tsv"]
    assert "French" in layers.multiselect(key="languages").options


def test_nobody_is_offered_the_table_of_another(layers):
    upload(layers, "mine.tsv", GOOD.encode())
    assert open_app().run().selectbox(key="corpus").options == ["Bundled sentences"]


def test_a_link_cannot_reach_outside_the_tables(layers):
    app = open_app()
    app.query_params["corpus"] = "../../../../etc/passwd-00000000000000000000"
    app.run()
    assert not app.exception


def test_the_same_table_twice_is_one(layers):
    upload(layers, "mine.tsv", GOOD.encode())
    upload(layers, "mine.tsv", GOOD.encode())
    assert len(list((store.home() / "corpora").iterdir())) == 1


@pytest.mark.parametrize(
    ("name", "tame"),
    [
        ("../<b>*x*</b>.tsv", "b.tsv"),
        ("../../x y.tsv", "x-y.tsv"),
        ("文.csv", "文.csv"),
        (".tsv", "table.tsv"),
        ("*.txt", "table.txt"),
    ],
)
def test_a_name_becomes_tame(layers, name, tame):
    upload(layers, name, GOOD.encode())
    assert not layers.exception
    assert layers.selectbox(key="corpus").value == tame
    assert [path.parent.parent for path in store.home().rglob(tame)] == [store.home() / "corpora"]


def test_sentences_of_a_table_are_escaped(layers, desk, profile_result):
    content = "eng\tdeu\n" + "<script>alert(1)</script> {i}\t<b>Satz</b> {i}\n" * 30
    upload(layers, "mine.tsv", content.encode())
    layers.button(key="compute").click().run()
    job = desk[0]
    result = {**vars(profile_result), "meta": {**profile_result.meta, "languages": ["eng", "deu"]}}
    store.save(job.experiment, job.spec, job.experiment.Result(**result))
    layers.run()
    assert not layers.exception
    assert "&lt;script&gt;alert(1)" in html(layers)
    assert "<script>" not in html(layers)
