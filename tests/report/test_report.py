"""The report of the model that ships, put together from what ships with it."""

import re
import shlex
import tomllib
from types import SimpleNamespace

import pytest

from dlfa_core import bundle, encoders, report
from dlfa_core.__main__ import main
from dlfa_core.experiments import gates, lexicon, profile, retrieve
from dlfa_core.figures.sentences import summary
from dlfa_core.report import command
from dlfa_core.report.sections import differing, sections_of, slug
from dlfa_core.report.stored import Stored
from dlfa_core.runtime import runfile, store
from dlfa_core.runtime.experiment import name_of
from tests.looked import small_gates
from tests.retrieved import small_retrieval


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLFA_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="module")
def shipped(home) -> report.Report:
    return report.made("demo")


@pytest.fixture(scope="module")
def page(shipped) -> str:
    return report.html(shipped)


def test_all_that_ships_of_the_model_is_in_it_and_nothing_is_missing(shipped):
    shown = {(name_of(each.stored.experiment), each.stored.entry.spec) for each in shipped.sections}
    named = encoders.task_models("demo", shipped_only=True)
    listed = [*bundle.of_encoder("demo"), *bundle.of_task_models(named), *bundle.retrieved_of("demo", named)]
    names = {name for name, _ in shown}
    assert names == {
        "profile",
        "retrieve",
        "project",
        "structure",
        "recommend",
        "buckets",
        "gates",
        "lexicon",
        "augment",
    }
    assert shown == {(name_of(each.experiment), each.spec) for each in listed if name_of(each.experiment) in names}
    assert shipped.missing == ()


def test_names_of_files_and_anchors_are_told_apart(shipped):
    count = sum(len(each.content.figures) + len(each.content.tables) for each in shipped.sections)
    names = [*shipped.figures, *shipped.tables, *(each.name for each in shipped.sections)]
    assert len(set(names)) == len(names) == count + len(shipped.sections)
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in names)


def test_every_answer_is_one_that_the_command_line_gives(shipped):
    """Where both speak of the same measure and model, which is so of all but the lexicon."""
    for section in shipped.sections:
        name = name_of(section.stored.experiment)
        if name in ("profile", "recommend"):
            assert section.content.answer in summary(name, section.stored.result)


def test_the_page_loads_nothing_and_may_not(page):
    assert not re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=", page)
    assert len(re.findall(r"\* plotly\.js v", page)) == 1
    assert "default-src 'none'" in page.partition("<style>")[0]


def test_answers_settings_commands_and_versions_are_on_the_page(shipped, page):
    text = page.replace("&#39;", "'").replace("&#34;", '"').replace("&amp;", "&")
    for section in shipped.sections:
        assert f'id="{section.name}"' in page
        assert section.stored.entry.command in text
        assert section.stored.entry.key in text
        assert section.content.answer in text
        for fingerprint in section.stored.entry.inputs.values():
            assert fingerprint in text
    assert "<dt>torch</dt>" in page
    assert shipped.run_file in text


def test_the_same_store_gives_the_same_page(shipped, page):
    assert report.html(report.made("demo")) == page


def test_the_run_file_holds_every_run(shipped, tmp_path):
    (tmp_path / "all.toml").write_text(shipped.run_file, encoding="utf-8")
    experiments = {name_of(each.stored.experiment): each.stored.experiment for each in shipped.sections}
    runs = runfile.read(tmp_path / "all.toml", experiments, experiments.__getitem__)
    assert runs == [(each.stored.experiment, each.stored.entry.spec) for each in shipped.sections]


def test_what_is_not_stored_is_named_with_its_command(home, monkeypatch, tmp_path):
    monkeypatch.setattr(store, "BUNDLED", tmp_path / "nothing")
    empty = report.made("demo")
    assert empty.sections == ()
    assert "python -m dlfa_core profile" in empty.missing
    assert "python -m dlfa_core gates" in empty.missing
    assert not [each for each in empty.missing if "transfer" in each]
    page = report.html(empty)
    assert "What is not here" in page
    assert all(shlex.split(each)[3] in page for each in empty.missing)
    assert empty.run_file == ""


def test_an_encoder_without_a_task_model_is_told_how_to_get_one(home):
    """The bundled encoder with random weights has a profile and a sweep, and no task model."""
    made = report.made("untrained:demo")
    assert {section.name for section in made.sections} == {"profile", "recommend"}
    assert made.missing[-1].startswith("python -m dlfa_core train --out")


def test_typed_texts_stay_out(home, monkeypatch, tmp_path):
    monkeypatch.setenv("DLFA_HOME", str(tmp_path))
    store.save(gates, gates.Spec(texts=("eng:secret",)), small_gates())
    assert "secret" not in report.made("demo").run_file


def test_what_was_computed_here_is_in_it_unless_only_what_ships_is_asked_for(home, monkeypatch, tmp_path):
    monkeypatch.setenv("DLFA_HOME", str(tmp_path))
    spec = gates.Spec(limit=50)
    store.save(gates, spec, small_gates())
    own, public = (
        [each.stored.entry.spec for each in report.made("demo", bundled_only=only).sections] for only in (False, True)
    )
    assert spec in own
    assert spec not in public
    assert public == [each for each in own if each != spec]


def test_a_result_of_other_weights_is_left_out(shipped, monkeypatch):
    monkeypatch.setattr(profile, "inputs", lambda spec: {"model": "sha256:other", "corpus": "sha256:other"})
    names = [name_of(each.stored.experiment) for each in report.made("demo").sections]
    assert not {"profile", "recommend"} & set(names)
    assert "gates" in names


def test_a_figure_cannot_end_the_script_that_it_stands_in(page):
    scripts = re.findall(r'<script type="application/json">(.*?)</script>', page, flags=re.DOTALL)
    assert scripts
    assert not any("<" in script for script in scripts)


def test_settings_that_are_not_as_usual_are_named():
    assert differing(profile.Spec(model="other", pooling="cls", measures=("cka",))) == "pooling cls, measures cka"
    assert differing(lexicon.Spec(stem=False)) == "stem no"
    assert slug("Every pair, CKA (debiased), layer 7") == "every-pair-cka-debiased-layer-7"


def test_the_command_writes_page_run_file_and_tables(home, tmp_path, monkeypatch, capsys, page):
    monkeypatch.chdir(tmp_path)
    assert main(["report", "--run-file", "all.toml", "--tables", "tables"]) == 0
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == page
    assert tomllib.loads((tmp_path / "all.toml").read_text(encoding="utf-8"))["run"]
    assert (tmp_path / "tables" / "profile-best-layers.tex").exists()
    assert (tmp_path / "tables" / "profile-pairs.csv").exists()
    assert "Written to report.html" in capsys.readouterr().out


def test_the_command_draws_figures_as_it_is_asked(home, tmp_path, monkeypatch, shipped):
    asked = []
    monkeypatch.setattr(report, "write_figures", lambda *settings: asked.append(settings) or [])
    out = ["--out", str(tmp_path / "r.html"), "--figures", str(tmp_path)]
    assert main(["report", *out, "--format", "png", "pdf", "--columns", "1", "2"]) == 0
    assert main(["report", *out]) == 0
    assert [settings[1:] for settings in asked] == [
        (tmp_path, ("png", "pdf"), (1, 2)),
        (tmp_path, ("svg", "pdf"), (1,)),
    ]
    assert asked[0][0].keys() == shipped.figures.keys()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--model", "./nowhere"], "./nowhere"),
        (["--model", "untrained:demo-pos"], "Nothing is stored of untrained:demo-pos, so there is nothing to report."),
        (["--out", "no/report.html"], "no/report.html lies in a folder that does not exist: make no first."),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_1(home, options, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["report", *options]) == 1
    said = capsys.readouterr().err.strip()
    assert message in said
    assert "\n" not in said


def test_the_help_says_what_can_be_written(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["report", "--help"])
    said = capsys.readouterr().out
    assert all(f"--{name}" in said for name in ("model", "out", "run-file", "figures", "format", "columns", "tables"))
    assert command.Options.__doc__.splitlines()[0] in " ".join(said.split())


def test_retrieval_has_a_section_with_its_figures_and_tables():
    entry = SimpleNamespace(spec=retrieve.Spec(models=("demo-pos",), depth=10))
    (section,) = sections_of([Stored(retrieve, entry, small_retrieval())])
    assert section.content.label == "depth 10"
    assert section.content.answer in summary("retrieve", small_retrieval())
    assert [title for title, *_ in section.content.figures] == [
        "Answers at every layer",
        "Languages of questions and answers, layer 2",
    ]
    assert len(section.content.tables["Bias"]) == len(small_retrieval().bias)
