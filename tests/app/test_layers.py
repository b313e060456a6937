"""The Layers page: choose, submit, show."""

import re
from functools import partial

import pytest

from dlfa_core import encoders
from dlfa_core.experiments import profile, retrieve
from dlfa_core.figures.sentences import retrieve as found
from dlfa_core.runtime import jobs, store
from tests.app.conftest import html, opened
from tests.retrieved import small_retrieval
from ui import limits

at = partial(opened, "pages/1_Layers.py")


def test_another_measure_gives_another_answer(layers):
    layers.multiselect(key="measures").set_value(["anc"]).run()
    assert not layers.exception
    assert "Languages meet at layer 8 (ANC): 0." in html(layers)


def test_the_first_measure_speaks(layers):
    layers.multiselect(key="measures").set_value(["retrieval_csls", "cka"]).run()
    assert "Languages meet at layer 7 (Retrieval, CSLS): 0." in html(layers)


def test_no_measure_asks_for_one(layers):
    layers.multiselect(key="measures").set_value([]).run()
    assert not layers.exception
    assert "at least one measure" in layers.info[0].value


def test_the_slider_starts_at_the_best_layer(layers):
    assert layers.slider(key="layer").value == 6


def test_the_slider_goes_with_the_best_layer_until_it_is_moved(layers, desk, profile_result):
    layers.multiselect(key="languages").set_value(["deu", "tur"]).run()
    layers.button(key="compute").click().run()
    means = profile_result.means.assign(layer=(profile_result.means["layer"] + 1) % 13)
    best = profile_result.best.assign(layer=profile_result.best["layer"] + 1)
    store.save(profile, desk[0].spec, profile.Result(**vars(profile_result) | {"means": means, "best": best}))
    desk[0].now = jobs.Status("done", 1.0)
    layers.run()
    assert not layers.exception
    assert "Languages meet at layer 7" in html(layers)
    assert layers.slider(key="layer").value == 7
    layers.slider(key="layer").set_value(3).run()
    layers.multiselect(key="measures").set_value(["anc"]).run()
    assert layers.slider(key="layer").value == 3


def test_the_table_has_a_row_per_measure_with_its_share(layers):
    table = next(element.body for element in layers.get("html") if 'class="best"' in element.body)
    assert table.count("<tr>") == 1 + 6
    assert "70 %" in table


def test_what_others_published_is_shown_on_request_and_by_link(layers):
    assert not layers.toggle(key="published").value
    assert "published for mBERT" not in html(layers)
    app = at({"published": "true"})
    assert not app.exception
    assert app.toggle(key="published").value
    assert "others published for mBERT" in html(app)


def test_what_explains_is_folded(layers):
    shown = html(layers)
    assert shown.count("<summary>How to read this</summary>") == 2
    assert "<summary>How it was computed</summary>" in shown
    beside = re.findall(r'<p class="aside">(.*?)</p>', re.sub(r"<details.*?</details>", "", shown))
    assert all(text.count(". ") <= 1 for text in beside), "two sentences"


def test_warnings_stand_below_the_picture(layers):
    assert "240 sentences are few for 192 dimensions" in layers.warning[0].value.replace("\\", "")


def test_sentences_carry_their_language_and_direction(layers):
    shown = html(layers)
    assert '<dd lang="ar" dir="rtl">القطار متأخر مرة أخرى. 0</dd>' in shown
    assert '<dd lang="zh-Hans" dir="ltr">火车又晚点了。 0</dd>' in shown


def test_the_command_rebuilds_the_result(layers):
    assert "python -m dlfa_core profile</code>" in html(layers)


def test_a_link_reopens_the_view():
    app = at({"layer": "3", "measures": ["ANC", "CKA, debiased"], "sentence": "7"})
    assert not app.exception
    assert app.slider(key="layer").value == 3
    assert "Languages meet at layer 8 (ANC)" in html(app)
    assert "The train is late again. 6" in html(app)


@pytest.mark.parametrize("query", [{"layer": "99"}, {"measures": "nonsense"}, {"pooling": "<b>"}, {"limit": "-5"}])
def test_a_broken_link_falls_back_to_what_there_is(query):
    app = at(query)
    assert not app.exception
    assert "Languages meet at layer 6 (CKA, debiased)" in html(app)


def test_what_is_not_stored_is_offered_not_started(layers, desk):
    layers.segmented_control(key="pooling").set_value("cls").run()
    assert "Not computed yet" in layers.main.markdown[0].value
    assert "with cls pooling" in layers.main.markdown[0].value.replace("\\", "")
    assert not desk


def test_a_job_is_for_what_was_chosen(layers, desk):
    layers.multiselect(key="languages").set_value(["deu", "tur"]).run()
    layers.button(key="compute").click().run()
    spec = desk[0].spec
    assert (spec.model, spec.corpus, spec.languages) == ("demo", "sample", ("deu", "tur"))
    assert desk[0].visitor


def test_an_unusual_measure_is_added_to_the_usual_ones(layers, desk):
    layers.multiselect(key="measures").set_value(["svcca"]).run()
    layers.button(key="compute").click().run()
    assert {"svcca", "cka", "retrieval_csls"} <= set(desk[0].spec.measures)


@pytest.fixture
def waiting(layers, desk):
    """A page whose visitor has asked for mBERT."""
    layers.selectbox(key="model").set_value("bert-base-multilingual-cased").run()
    layers.button(key="compute").click().run()
    return layers


def progress(app) -> str:
    return app.get("progress")[0].proto.text.replace("\\", "")


def test_a_waiting_job_tells_its_place(waiting):
    assert "place 2 in the queue" in progress(waiting)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (jobs.Status("queued", position=2, seconds=130), "Waiting: place 2 in the queue, at most about 2 minutes."),
        (jobs.Status("queued", message="Waiting for its turn", position=1, seconds=3), "turn, at most a few seconds"),
        (jobs.Status("running", 0.4, "Encoding Hindi", seconds=41), "Encoding Hindi, about 40 seconds left"),
    ],
)
def test_a_job_tells_the_time_where_it_is_known(waiting, desk, status, said):
    desk[0].now = status
    waiting.run()
    assert progress(waiting).endswith(said)


def test_the_offer_tells_how_long_the_like_took(layers, monkeypatch):
    monkeypatch.setattr(jobs, "expected", lambda experiment, spec: 200.0)
    layers.selectbox(key="model").set_value("bert-base-multilingual-cased").run()
    assert layers.main.markdown[0].value.endswith("The like took about 3 minutes here.")


def test_nothing_is_said_of_time_where_nothing_was_measured(layers):
    layers.selectbox(key="model").set_value("bert-base-multilingual-cased").run()
    assert "took" not in layers.main.markdown[0].value


@pytest.mark.parametrize("limit", ["jobs", "jobs_of_all"])
def test_who_waits_for_much_cannot_start_more(waiting, desk, monkeypatch, limit):
    monkeypatch.setattr(limits, "_OWN_MACHINE", limits._OWN_MACHINE._replace(**{limit: 1}))
    monkeypatch.setattr(jobs, "unfinished", lambda: 1)
    waiting.selectbox(key="model").set_value("xlm-roberta-base").run()
    assert not [button for button in waiting.button if button.label == "Compute"]
    said = waiting.error[0].value.replace("\\", "")
    who = {"jobs": "You have", "jobs_of_all": "This app has"}[limit]
    assert said.startswith(f"{who} 1 unfinished computation")
    desk[0].now = jobs.Status("done")
    monkeypatch.setattr(jobs, "unfinished", lambda: 0)
    waiting.run().button(key="compute").click().run()
    assert len(desk) == 2


def test_a_running_job_tells_how_far_it_is(waiting, desk):
    desk[0].now = jobs.Status("running", 0.4, "Encoding Hindi, 3 of 8")
    waiting.run()
    assert progress(waiting) == "Encoding Hindi, 3 of 8"
    assert waiting.get("progress")[0].proto.value == 40


def test_a_finished_job_shows_its_result(waiting, desk, profile_result):
    job = desk[0]
    store.save(job.experiment, job.spec, job.experiment.Result(**vars(profile_result)))
    job.now = jobs.Status("done", 1.0)
    waiting.run()
    assert not waiting.exception
    assert "Languages meet at layer 6" in html(waiting)


def test_a_job_can_be_cancelled_and_asked_for_again(waiting, desk):
    waiting.button(key="cancel").click().run()
    assert "Cancelled" in waiting.info[0].value
    waiting.button(key="again").click().run()
    waiting.button(key="compute").click().run()
    assert len(desk) == 2


def test_a_failed_job_says_why(waiting, desk):
    desk[0].now = jobs.Status("failed", error="The worker ran out of memory. Choose fewer sentences.")
    waiting.run()
    assert waiting.error[0].value.replace("\\", "") == "The worker ran out of memory. Choose fewer sentences."


def test_leaving_and_coming_back_finds_the_job(waiting):
    waiting.switch_page("app.py").run().switch_page("pages/1_Layers.py").run()
    assert "place 2 in the queue" in progress(waiting)


def test_a_second_model_has_its_own_job_while_the_first_is_shown(layers, desk):
    layers.selectbox(key="beside").set_value("xlm-roberta-base").run()
    assert "Languages meet at layer 6" in html(layers)
    layers.button(key="compute_beside").click().run()
    assert desk[0].spec.model == "xlm-roberta-base"


def test_a_model_that_is_not_there_is_named():
    app = at({"model": "no/such*model*"})
    assert not app.exception
    said = r"\'no\/such\*model\*\' is neither a folder nor a hub id\: hub ids look like \'owner\/model\'\."
    assert app.error[0].value == said


def test_a_corpus_that_is_not_there_is_named():
    app = at({"corpus": "pud:/nowhere"})
    assert not app.exception
    assert "/nowhere" in app.error[0].value.replace("\\", "")


def test_the_page_does_not_download_corpora():
    assert "from the command line" in at({"corpus": "hub:some/thing"}).error[0].value.replace("\\", "")


SHIPPED = encoders.task_models("demo", shipped_only=True)


@pytest.fixture
def retrieved():
    """The page, with the result of the bundled questions in its store."""
    models = tuple(SHIPPED.values())
    store.Store(store.BUNDLED).save(retrieve, retrieve.Spec(models=models), small_retrieval())
    return near(at({}))


def near(app):
    """The page once its visitor has come near to what stands far down."""
    app.session_state["visit"].seen |= {"pool_curves", "pool_heatmap"}
    return app.run()


def test_what_ships_of_a_pool_is_there_without_asking(retrieved):
    assert retrieved.selectbox(key="asked").value == "lareqa:sample"
    assert found.bias_said(small_retrieval(), "cosine") in html(retrieved).replace("&#39;", "'")
    assert not any("would look for answers" in text.value for text in retrieved.markdown)


def test_task_models_of_ones_own_do_not_hide_what_ships(retrieved, monkeypatch):
    monkeypatch.setattr(
        encoders,
        "task_models",
        lambda encoder, shipped_only=False: SHIPPED | ({} if shipped_only else {"qa-sample": "/somewhere/qa-sample"}),
    )
    retrieved.run()
    assert not retrieved.exception
    assert found.answer(small_retrieval(), "cosine") in html(retrieved).replace("&#39;", "'")


def test_nothing_is_retrieved_until_something_is_asked(layers):
    assert layers.selectbox(key="asked").value is None
    assert "choose questions" in html(layers)


def test_answers_from_a_pool_are_told_and_drawn(retrieved):
    assert not retrieved.exception
    page, offered = html(retrieved).replace("&#39;", "'"), found.scores_of(small_retrieval())
    assert found.answer(small_retrieval(), "cosine") in page
    assert found.highest_said(small_retrieval(), offered) in page
    retrieved.segmented_control(key="pool").set_value("own").run()
    assert not retrieved.exception
    assert found.answer(small_retrieval(), "cosine", "own") in html(retrieved).replace("&#39;", "'")


def test_the_first_score_speaks_of_answers(retrieved):
    retrieved.multiselect(key="ranked").set_value(["csls"]).run()
    assert not retrieved.exception
    assert "Ranked by “CSLS”, " in html(retrieved)


def test_what_was_not_retrieved_is_offered(layers):
    layers.selectbox(key="asked").set_value("mewslix:sample").run()
    assert not layers.exception
    assert any("would look for answers in the whole pool" in text.value for text in layers.markdown)


def test_one_language_alone_is_not_offered_but_asked_to_have_company():
    app = at({"languages": "German"})
    assert not app.exception
    assert not app.error
    assert app.info[0].value == "Languages are compared in pairs: choose at least one more."
    assert not [button for button in app.button if button.key == "compute"]
