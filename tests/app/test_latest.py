"""Settings that nothing is computed for yet: the picture stays, greyed, under the offer."""

from dlfa_core.runtime import store
from tests.app.conftest import html, open_app

GREYED = "grayscale"


def offer(app) -> str:
    return next(part.value.replace("\\", "") for part in app.main.markdown if "Not computed yet" in part.value)


def test_the_last_picture_stays_until_the_new_one_is_there(layers, desk, profile_result):
    before = html(layers)
    assert GREYED not in before
    layers.segmented_control(key="pooling").set_value("max").run() if hasattr(
        layers, "segmented_control"
    ) else layers.button_group(key="pooling").set_value(["max"]).run()
    assert not layers.exception
    assert "Changed: one vector per sentence, from mean to max." in offer(layers)
    assert GREYED in html(layers)
    assert '<p class="answer">' in html(layers)
    assert len(layers.get("plotly_chart")) == 3
    layers.button(key="compute").click().run()
    assert GREYED in html(layers)
    (job,) = desk
    assert job.spec.pooling == "max"
    store.save(job.experiment, job.spec, job.experiment.Result(**vars(profile_result)))
    layers.run()
    assert GREYED not in html(layers)
    assert '<p class="answer">' in html(layers)


def test_what_is_taken_home_is_of_what_is_shown(layers):
    command = next(part for part in html(layers).splitlines() if "dlfa_core profile" in part)
    layers.number_input(key="limit").set_value(40).run()
    assert "Changed: sentences at most, from 1000 to 40." in offer(layers)
    assert command in html(layers)


def test_another_model_has_no_picture_yet(layers):
    layers.selectbox(key="model").set_value("xlm-roberta-base").run()
    assert GREYED not in html(layers)
    assert '<p class="answer">' not in html(layers)


def test_a_first_visit_to_settings_without_a_result_has_the_offer_alone():
    app = open_app().switch_page("pages/1_Layers.py")
    app.query_params["pooling"] = "max"
    app.run()
    assert "Changed" not in offer(app)
    assert GREYED not in html(app)
