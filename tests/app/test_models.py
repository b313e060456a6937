"""The model of the sidebar: offered where there is something to see, shown on every page, kept in the address."""

from dataclasses import replace
from pathlib import Path

import huggingface_hub
import pytest

from dlfa_core import encoders, models
from dlfa_core.experiments import attribute, augment, gates, lexicon, profile, project, recommend, train
from dlfa_core.models import source
from dlfa_core.runtime import jobs, store
from tests.app.conftest import PAGES, html, open_app, opened
from tests.augmented import small_augmentation
from tests.conftest import small_projection
from tests.explained import small_explained, small_lexicon
from tests.looked import small_gates
from tests.models.tiny import save_checkpoint
from tests.recommended import small_recommendation

EVERYWHERE = ["app.py", *PAGES]


def first_line(app) -> str:
    """What stands above the question."""
    return next(element.body for element in app.get("html") if 'class="eyebrow"' in element.body)


@pytest.fixture
def other(tmp_path) -> str:
    """A user's own encoder, a folder; nothing is stored of it."""
    return str(save_checkpoint(tmp_path / "encoders" / "mine"))


@pytest.fixture
def tagger(other) -> str:
    """A task model on it, where `train` would have put it."""
    return save_task_model(encoders.training(other, "pos", "pos:ud-pos").out, other)


def save_task_model(folder: str, encoder: str) -> str:
    """What pages look at of a task model: that it is there, and what it stands on."""
    Path(folder).mkdir(parents=True)
    (Path(folder) / "config.json").write_text(f'{{"encoder_name": "{encoder}"}}')
    (Path(folder) / "model.safetensors").touch()
    return folder


@pytest.fixture
def built(other, tagger, profile_result) -> str:
    """That encoder with results as `python -m dlfa_core.bundle --model` stores them; its best layers are others."""
    store.save(profile, profile.Spec(model=other), profile.Result(**vars(profile_result)))
    store.save(project, project.Spec(model=other), project.Result(**vars(small_projection())))
    store.save(recommend, recommend.Spec(model=other), small_recommendation(peak=3))
    store.save(gates, gates.Spec(models=(tagger,)), _looked(tagger, other))
    store.save(lexicon, lexicon.Spec(model=other), small_lexicon())
    sentiment = save_task_model(encoders.from_sample(other).out, other)
    asked = attribute.Spec(model=sentiment, target="positive", against="negative", limit=20)
    store.save(attribute, asked, small_explained())
    store.save(augment, augment.Spec(model=other, held_out=("tha", "arb")), small_augmentation())
    return other


def _looked(tagger: str, encoder: str) -> gates.Result:
    look = small_gates()
    name = look.meta["models"][0]["name"]
    frames = {
        field: getattr(look, field).replace({"model": {name: tagger}})
        for field in ("words", "means", "shares", "close", "correlations")
    }
    about = look.meta["models"][0] | {"name": tagger, "encoder": encoder}
    return replace(look, **frames, meta=look.meta | {"models": [about]})


@pytest.mark.parametrize("page", EVERYWHERE)
def test_every_page_shows_what_is_stored_of_the_model_that_a_link_names(page, built):
    app = opened(page, model="mine")
    assert not app.exception
    assert not app.error
    assert "mine, 0.0 M parameters" in first_line(app)
    assert app.selectbox(key="model").value == built
    if page in (
        "pages/7_Lens.py",
        "pages/8_Lessons.py",
    ):  # nothing is stored for the one, and nothing asked by the other
        return
    assert '<p class="answer">' in html(app)
    asked = [button.key for button in app.button if button.label == "Compute"]
    assert asked == (["compute_probes"] if page == "pages/0_Evidence.py" else [])


@pytest.mark.parametrize("page", [page for page in EVERYWHERE if "Lessons" not in page])  # it shows none
def test_a_model_that_is_not_there_is_named_on_every_page(page, monkeypatch):
    def nowhere(spec):
        raise ValueError(f"There is no folder {spec.model!r}: check the path.")

    for experiment in (profile, project, recommend, lexicon, augment):
        monkeypatch.setattr(experiment, "inputs", nowhere)
    app = opened(page, model="/no/such*folder*")
    assert not app.exception
    assert r"There is no folder \'\/no\/such\*folder\*\'\: check the path" in app.error[0].value
    assert "· /no/such*folder*" in first_line(app)


def test_models_are_offered_by_name_with_what_ships_first_and_results_next(built):
    offered = open_app().run().selectbox(key="model").options
    shipped = len(encoders.bundled())
    assert offered[0] == "Bundled encoder"
    assert offered[shipped : shipped + 2] == ["mine", "bert-base-multilingual-cased"]
    assert len(offered) == len(set(offered))


def test_a_model_is_offered_once_something_is_stored_of_it(other, profile_result):
    assert "mine" not in open_app().run().selectbox(key="model").options
    store.save(profile, profile.Spec(model=other), profile.Result(**vars(profile_result)))
    assert "mine" in open_app().run().selectbox(key="model").options


def test_folders_that_are_called_alike_are_told_apart(built, tmp_path, profile_result):
    twin = str(save_checkpoint(tmp_path / "elsewhere" / "mine"))
    hub = str(save_checkpoint(tmp_path / "xlm-roberta-base"))
    for name in (twin, hub):
        store.save(profile, profile.Spec(model=name), profile.Result(**vars(profile_result)))
    offered = open_app().run().selectbox(key="model").options
    assert {built, twin, hub, "xlm-roberta-base"} <= set(offered)
    assert "mine" not in offered


def test_an_encoder_with_random_weights_is_called_untrained(built, profile_result):
    for name in (f"untrained:{built}", "untrained:demo"):
        store.save(profile, profile.Spec(model=name), profile.Result(**vars(profile_result)))
    assert {"mine (untrained)", "Bundled encoder (untrained)"} <= set(open_app().run().selectbox(key="model").options)
    app = opened("pages/1_Layers.py", model="mine (untrained)")
    assert not app.exception
    assert "mine (untrained), 0.0 M parameters" in first_line(app)
    assert "Languages meet at layer 6" in html(app)
    assert "mine (untrained): Languages meet at layer 6" in html(opened("pages/1_Layers.py", beside="mine (untrained)"))
    assert "xlm-roberta-base (untrained)" in first_line(opened("pages/1_Layers.py", model="untrained:xlm-roberta-base"))


def test_models_that_are_not_on_this_machine_are_named(built, tmp_path, monkeypatch):
    here = str(tmp_path / "snapshot" / "config.json")
    found = {"xlm-roberta-base": here}
    monkeypatch.setattr(huggingface_hub, "try_to_load_from_cache", lambda name, file: found.get(name))
    sidebar = open_app().run().selectbox(key="model").help
    beside = opened("pages/0_Evidence.py").multiselect(key="others").help
    for said in (sidebar, beside):
        absent = said.split("Not on this machine, so fetched from the hub first: ")[1].rstrip(".").split(", ")
        assert "bert-base-multilingual-cased" in absent
        assert not {"Bundled encoder", "mine", "xlm-roberta-base"} & {*absent}


def test_a_choice_goes_on_to_the_next_page(built):
    app = open_app().run()
    app.selectbox(key="model").set_value(built).run()
    app.switch_page("pages/3_Fusion.py").run()
    assert "Fuse layer 3 with the last" in html(app)


def test_the_address_of_a_view_opens_it_again_and_names_the_model_as_the_sidebar_does(built):
    app = opened("pages/3_Fusion.py", model=built)
    assert app.query_params["model"] == "mine"
    again = opened("pages/3_Fusion.py", **app.query_params)
    assert "Fuse layer 3 with the last" in html(again)
    assert again.query_params["model"] == "mine"


@pytest.mark.parametrize("called", ["{}", "{}/", "{}/../mine"])
def test_a_folder_is_found_however_it_is_called(called, built):
    app = opened("pages/1_Layers.py", model=called.format(built))
    assert not app.exception
    assert "Languages meet at layer 6" in html(app)


def test_an_old_link_to_a_hub_model_names_it_still(desk):
    app = opened("pages/1_Layers.py", model="bert-base-multilingual-cased")
    app.button(key="compute").click().run()
    assert desk[0].spec == profile.Spec(model="bert-base-multilingual-cased")


def test_a_name_that_papers_use_means_what_the_hub_calls_otherwise():
    app = opened("pages/1_Layers.py", model="LaBSE")
    assert "sentence-transformers/LaBSE would read 240 sentences" in app.main.markdown[0].value.replace("\\", "")


def test_the_second_model_is_another_one(built):
    app = opened("pages/1_Layers.py", beside="mine")
    assert "mine: Languages meet at layer 6" in html(app)
    assert "Bundled encoder" not in app.selectbox(key="beside").options


class TestWithoutTaskModels:
    PAGE = "pages/4_Gates.py"

    def test_one_is_offered_to_be_trained_and_then_looked_into(self, other, desk, profile_result):
        store.save(profile, profile.Spec(model=other), profile.Result(**vars(profile_result)))
        app = opened(self.PAGE, model=other)
        assert not app.exception
        said = app.main.markdown[0].value.replace("\\", "")
        assert "There is no fusion model on mine here. A sentiment model would learn from the bundled" in said
        assert "DLFA of layer 2, the head alone" in said
        app.button(key="compute_train").click().run()
        assert (desk[0].experiment, desk[0].spec) == (train, encoders.from_sample(other))
        save_task_model(desk[0].spec.out, other)
        desk[0].now = jobs.Status("done", 1.0)
        app.run()
        app.button(key="compute").click().run()
        assert desk[1].spec == gates.Spec(models=(desk[0].spec.out,))

    def test_a_trained_one_that_was_deleted_is_offered_again(self, other):
        spec = encoders.from_sample(other)
        nothing = train.Result(None, None, None, None, {"folder": spec.out})
        store.save(train, spec, nothing)
        assert opened(self.PAGE, model=other).button(key="compute_train").label == "Compute"

    def test_the_lexicon_offers_one_and_colours_what_heads_score(self, other, desk):
        store.save(lexicon, lexicon.Spec(model=other), small_lexicon())
        app = opened("pages/5_Lexicon.py", model=other)
        assert not app.exception
        assert "a positive word speaks more for" in html(app)
        app.button(key="compute_train").click().run()
        assert desk[0].spec == encoders.from_sample(other)

    def test_a_missing_model_is_named(self, monkeypatch):
        app = opened(self.PAGE, model="./nowhere")
        assert "There is no folder './nowhere': check the path" in app.error[0].value.replace("\\", "")

    def test_an_unknown_depth_says_what_to_do(self, monkeypatch):
        monkeypatch.setattr(models, "fingerprint", lambda name: "commit:" + "0" * 40)
        app = opened(self.PAGE, model="xlm-roberta-base")
        assert not app.exception
        said = app.error[0].value.replace("\\", "")
        assert "There is no fusion model on xlm-roberta-base here, and none can be trained yet: the number" in said
        assert "compute the Layers page first, which fetches it" in said


def test_fusion_models_belong_to_their_encoder(built, tagger):
    app = opened("pages/4_Gates.py")
    assert app.multiselect(key="fusions").value == ["demo-pos"]
    app.multiselect(key="fusions").set_value(["demo-sentiment"]).run()
    app.selectbox(key="model").set_value(built).run()
    assert not app.exception
    assert app.multiselect(key="fusions-mine").value == [tagger]
    assert app.multiselect(key="fusions-mine").options == [
        "Tagger (parts of speech), on mine",
        "Sentiment model from the bundled sentences, on mine",
    ]
    app.selectbox(key="model").set_value("demo").run()
    assert app.multiselect(key="fusions").value == ["demo-sentiment"]


def test_a_fusion_model_of_another_encoder_says_so(built, tagger):
    app = opened("pages/4_Gates.py", fusions=tagger)
    assert not app.exception
    said = "“Tagger (parts of speech), on mine” has mine as its encoder, not the model in the sidebar."
    assert said in html(app)


class TestInPublic:
    @pytest.fixture(autouse=True)
    def public(self, monkeypatch):
        monkeypatch.setenv("DLFA_DEMO", "1")

    @pytest.fixture
    def second(self, other, monkeypatch, profile_result):
        """Another encoder that ships, with one result and no task model."""
        monkeypatch.setitem(source.BUNDLED, "second", Path(other))
        store.Store(store.BUNDLED).save(profile, profile.Spec(model="second"), profile.Result(**vars(profile_result)))

    def test_what_ships_is_offered_and_nothing_else(self, built, second):
        app = opened("pages/1_Layers.py", model="second")
        options = app.selectbox(key="model").options
        assert (options[0], options[-1], len(options)) == ("Bundled encoder", "second", len(encoders.bundled()))
        assert "Languages meet at layer 6" in html(app)
        assert "second, 0.0 M parameters" in first_line(app)

    @pytest.mark.parametrize("page", EVERYWHERE)
    def test_a_link_cannot_name_another(self, page, built):
        app = opened(page, model="mine")
        assert not app.exception
        [said] = [error.value.replace("\\", "") for error in app.error]
        assert said.startswith("The address asks for model=“mine”, but here it can be “Bundled encoder”")
        assert said.endswith(": it is left out.")
        assert "Bundled encoder" in first_line(app)

    @pytest.mark.parametrize(
        ("page", "said"),
        [
            ("pages/3_Fusion.py", "There is no sweep of second here, and this public app trains nothing."),
            ("pages/4_Gates.py", "There is no fusion model on second here, and this public app trains nothing."),
            ("pages/6_Augmentation.py", "There is no comparison of second here, and this public app trains nothing."),
        ],
    )
    def test_what_is_missing_of_it_is_not_trained(self, page, said, second, desk):
        app = opened(page, model="second")
        assert not app.exception
        assert said in app.info[0].value.replace("\\", "")
        assert not app.button

    def test_texts_are_not_explained_without_a_sentiment_model(self, second):
        store.Store(store.BUNDLED).save(lexicon, lexicon.Spec(model="second"), small_lexicon())
        app = opened("pages/5_Lexicon.py", model="second")
        assert not app.exception
        assert "There is no sentiment model on second here" in app.info[0].value
        assert "a positive word speaks more for" in html(app)
