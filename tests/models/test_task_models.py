import shutil

import pytest
import torch
import transformers
from torch.nn import functional
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoModelForTokenClassification

from dlfa_core.models import (
    FUSIONS,
    DlfaConfig,
    DlfaForSequenceClassification,
    DlfaForTokenClassification,
    Encoder,
    ModelError,
)
from tests.models.tiny import CLOSE, CONFIGS, FAMILIES, SIZES, save_checkpoint

CLASSES = [DlfaForSequenceClassification, DlfaForTokenClassification]
EACH = [(DlfaForSequenceClassification, "dlfa"), *((DlfaForTokenClassification, name) for name in FUSIONS)]
LABELS = ["entailment", "neutral", "contradiction"]
IDS = torch.tensor([[2, 7, 8, 9, 10, 3], [2, 11, 12, 3, 0, 0]])
MASK = (torch.arange(6) < torch.tensor([6, 4])[:, None]).long()


def start(kind, checkpoint, **settings):
    torch.manual_seed(0)
    return kind.from_encoder(checkpoint, LABELS, **{"layer": 1, "dropout": 0.0, **settings})


@pytest.fixture(params=CLASSES)
def kind(request):
    """Both task models in turn."""
    return request.param


@pytest.fixture
def bert(checkpoints):
    """The folder of a tiny BERT with 3 blocks; read only."""
    return checkpoints["bert"]


def logits(model, ids=IDS, mask=MASK, **more):
    with torch.inference_mode():
        return model(ids, mask, **more).logits


def assert_same(model, other):
    """Weights are equal bit by bit; answers but for rounding, as products round by where weights lie in memory."""
    assert model.state_dict().keys() == other.state_dict().keys()
    for name, weight in other.state_dict().items():
        assert torch.equal(model.state_dict()[name], weight), name
    torch.testing.assert_close(logits(model), logits(other), atol=CLOSE, rtol=0)


def parameters_missed(model):
    """Names of parameters that a step of training would not move."""
    labels = IDS % 3 if isinstance(model, DlfaForTokenClassification) else IDS[:, 1] % 3
    model(IDS, MASK, labels=labels).loss.backward()
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    missed = {name for name, p in trained.items() if p.grad is None or p.grad.abs().max() == 0}
    return {name for name in missed if not name.endswith("key.bias")}  # it shifts all scores alike: softmax is blind


def test_states_are_those_of_the_encoder(kind, checkpoint):
    """The second route: transformers' own `output_hidden_states`."""
    model = start(kind, checkpoint, fusion="scalar_mix")
    reference = transformers.AutoModel.from_pretrained(checkpoint).eval()
    expected = reference(IDS, attention_mask=MASK, output_hidden_states=True).hidden_states
    for state, other in zip(model.states(IDS, MASK), expected, strict=True):
        torch.testing.assert_close(state[MASK.bool()], other[MASK.bool()], atol=CLOSE, rtol=0)


@pytest.mark.parametrize(
    ("kind", "plain"),
    [
        (DlfaForSequenceClassification, transformers.BertForSequenceClassification),
        (DlfaForTokenClassification, transformers.BertForTokenClassification),
    ],
)
def test_the_last_layer_alone_is_the_plain_baseline_of_transformers(kind, plain, bert):
    """The pooler of the checkpoint is kept, and both types of a pair are read."""
    model, reference = start(kind, bert, fusion="last"), plain.from_pretrained(bert, num_labels=3).eval()
    reference.classifier.load_state_dict(model.head.classifier.state_dict())
    types = torch.tensor([[0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 0, 0]])
    expected = reference(IDS, attention_mask=MASK, token_type_ids=types).logits
    torch.testing.assert_close(logits(model, token_type_ids=types), expected, atol=CLOSE, rtol=0)


@pytest.mark.parametrize(("family", "changes"), [("distilbert", {}), ("xlm-roberta", {"type_vocab_size": 1})])
def test_types_are_left_out_where_the_encoder_knows_one_only(family, changes, tmp_path):
    model = start(DlfaForTokenClassification, save_checkpoint(tmp_path, family, **changes))
    left_out = logits(model, token_type_ids=torch.ones_like(IDS))
    assert torch.equal(left_out, logits(model))  # the same operations on the same numbers


@pytest.mark.parametrize(("kind", "fusion"), EACH)
def test_neither_padding_nor_batch_mates_change_a_text(kind, bert, fusion):
    model = start(kind, bert, fusion=fusion)
    together = logits(model)
    for row, length in enumerate(MASK.sum(1)):
        alone = logits(model, IDS[row : row + 1, :length], MASK[row : row + 1, :length])[0]
        torch.testing.assert_close(together[row][: len(alone)], alone, atol=CLOSE, rtol=0)


def test_without_a_mask_all_tokens_are_real(kind, bert):
    model = start(kind, bert)
    torch.testing.assert_close(model(IDS).logits, model(IDS, torch.ones_like(IDS)).logits, atol=CLOSE, rtol=0)


@pytest.mark.parametrize(("kind", "fusion"), EACH)
def test_saving_and_loading_changes_nothing(kind, bert, fusion, tmp_path):
    model = start(kind, bert, fusion=fusion, norm="layer", weight="gate", reduction=2, frozen_blocks=2)
    model.save_pretrained(tmp_path)
    loaded = kind.from_pretrained(tmp_path)
    assert_same(loaded, model)
    assert not loaded.training
    assert {n for n, p in loaded.named_parameters() if p.requires_grad} == {
        n for n, p in model.named_parameters() if p.requires_grad
    }
    assert {path.name for path in tmp_path.iterdir()} == {"config.json", "model.safetensors", "README.md"}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_survives_training_saving_and_loading(family, checkpoints, tmp_path):
    model = start(DlfaForTokenClassification, checkpoints[family], norm="batch").train()
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    model(IDS, MASK, labels=IDS % 3).loss.backward()
    optimiser.step()
    model.eval().save_pretrained(tmp_path)
    assert_same(DlfaForTokenClassification.from_pretrained(tmp_path), model)


@pytest.mark.parametrize(("norm", "weight"), [(None, "literal"), ("layer", "gate"), ("batch", "gate")])
def test_the_configuration_keeps_every_choice(norm, weight, bert, tmp_path):
    settings = {"fusion": "dlfa", "layer": 2, "norm": norm, "weight": weight, "reduction": 8, "dropout": 0.2}
    more = {"frozen_blocks": 1, "trained_on": "XNLI", "scores": {"accuracy": 0.5}, "encoder_name": str(bert)}
    model = start(
        DlfaForSequenceClassification, bert, **settings, **{k: v for k, v in more.items() if k != "encoder_name"}
    )
    model.save_pretrained(tmp_path)
    config = DlfaConfig.from_pretrained(tmp_path)
    assert {key: getattr(config, key) for key in settings | more} == settings | more
    assert config.id2label == dict(enumerate(LABELS))
    assert config.label2id["neutral"] == 1
    assert config.encoder.to_dict() == model.config.encoder.to_dict()


@pytest.mark.parametrize(
    ("kind", "auto"),
    [
        (DlfaForSequenceClassification, AutoModelForSequenceClassification),
        (DlfaForTokenClassification, AutoModelForTokenClassification),
    ],
)
def test_auto_classes_find_a_saved_model(kind, auto, bert, tmp_path):
    start(kind, bert).save_pretrained(tmp_path)
    assert isinstance(AutoConfig.from_pretrained(tmp_path), DlfaConfig)
    assert isinstance(auto.from_pretrained(tmp_path), kind)


def test_the_loss_is_the_mean_over_what_is_labelled(bert):
    model = start(DlfaForTokenClassification, bert)
    labels = torch.tensor([[-100, 0, 1, 2, -100, -100], [-100, 2, -100, -100, -100, -100]])
    output = model(IDS, MASK, labels=labels)
    asked = labels != -100
    assert output.loss.item() == pytest.approx(
        functional.cross_entropy(output.logits[asked], labels[asked]).item(), abs=CLOSE
    )
    assert model(IDS, MASK, labels=torch.full_like(IDS, -100)).loss == 0


def test_the_loss_of_texts_is_their_mean_cross_entropy(bert):
    model = start(DlfaForSequenceClassification, bert)
    output = model(IDS, MASK, labels=torch.tensor([0, 2]))
    expected = -output.logits.log_softmax(-1)[[0, 1], [0, 2]].mean()
    torch.testing.assert_close(output.loss, expected, atol=CLOSE, rtol=0)


def test_gates_are_returned_when_asked(kind, bert):
    model = start(kind, bert, layer=2)
    assert model(IDS, MASK).gate is None
    output = model(IDS, MASK, output_gates=True)
    lower, last = model.states(IDS, MASK)
    assert ((output.gate > 0) & (output.gate < 1)).all()
    torch.testing.assert_close(output.weight, (lower + last) / 2 * output.gate, atol=CLOSE, rtol=0)
    assert start(kind, bert, fusion="last")(IDS, MASK, output_gates=True).gate is None


@pytest.mark.parametrize("frozen", [0, 1, 3])
def test_frozen_blocks_and_all_below_them_are_not_trained(kind, bert, frozen):
    model = start(kind, bert, frozen_blocks=frozen)
    trained = {name for name, p in model.named_parameters() if p.requires_grad}
    assert {n for n, _ in model.named_parameters() if n.startswith("head.")} <= trained
    for block in range(3):
        assert any(f"layer.{block}." in name for name in trained) == (block >= frozen)
    assert any("embeddings" in name for name in trained) == (frozen == 0)


def test_the_control_with_a_frozen_half_is_the_last_layer_with_half_of_the_blocks_trained(kind, bert):
    model, plain = start(kind, bert, fusion="half_frozen"), start(kind, bert, fusion="last", frozen_blocks=1)
    assert model.config.frozen_blocks == 1  # of 3
    assert_same(model, plain)
    trained, expected = ({n for n, p in one.named_parameters() if p.requires_grad} for one in (model, plain))
    assert trained == expected


@pytest.mark.parametrize(("kind", "fusion"), EACH)
def test_the_gradient_reaches_every_parameter(kind, bert, fusion):
    model = start(kind, bert, fusion=fusion, norm="layer").train()
    assert parameters_missed(model) == set()


def test_activation_checkpointing_changes_no_gradient(bert):
    model, twin = (start(DlfaForTokenClassification, bert).train() for _ in range(2))
    twin.activation_checkpointing_enable()
    for each in (model, twin):
        torch.manual_seed(1)  # of the encoder's dropout
        each(IDS, MASK, labels=IDS % 3).loss.backward()
    for ours, theirs in zip(model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad, atol=2 * CLOSE, rtol=2 * CLOSE)  # forth and back


def test_equal_seeds_give_equal_starts(kind, bert):
    assert_same(start(kind, bert), start(kind, bert))


def test_a_model_of_random_weights_is_built_from_its_configuration(kind):
    model = kind(DlfaConfig(encoder=CONFIGS["bert"](40), layer=1, num_labels=5)).eval()
    assert logits(model).shape[-1] == 5


def test_the_card_says_what_the_model_is_and_how_to_load_it(bert, tmp_path):
    model = start(DlfaForTokenClassification, bert, layer=2, frozen_blocks=1, trained_on="UD English, 2,000 sentences")
    model.config.scores = {"F1, German": 0.51234}
    model.save_pretrained(tmp_path)
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    for line in (
        "pipeline_tag: token-classification",
        "# DLFA of layer 2 for token classification",
        f"- Encoder: {bert} (bert, 3 layers)",
        "- Fusion: DLFA (`dlfa`; Chen et al. 2022)",
        "- Layer: 2, fused with the last, 3 (layer 0 is the embedding output)",
        "- Reduction: 4",
        "- Norm: batch",
        "- Weight: literal",
        "- Frozen: embeddings and the lower 1 blocks",
        "- Trained on: UD English, 2,000 sentences",
        "- Labels: entailment, neutral, contradiction",
        "from dlfa_core.models import DlfaForTokenClassification",
        'model = DlfaForTokenClassification.from_pretrained("path/to/this/folder")',
        "| F1, German | 0.5123 |",
    ):
        assert line in card.splitlines()


def test_the_card_of_a_control_leaves_out_what_plays_no_part(bert, tmp_path):
    start(DlfaForSequenceClassification, bert, fusion="last", layer=None).save_pretrained(tmp_path)
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "# Last layer for text classification" in card.splitlines()
    for word in ("- Layer", "- Weight", "- Norm", "## Results"):
        assert word not in card


def test_a_layer_that_the_encoder_lacks_names_those_it_has(kind, tmp_path):
    config = transformers.BertConfig(vocab_size=40, **{**SIZES, "num_hidden_layers": 4})
    with pytest.raises(ValueError, match=r"Layer 9 cannot be fused .* with 4 layers: choose a layer from 1 to 3\."):
        kind(DlfaConfig(encoder=config, layer=9))


@pytest.mark.parametrize("frozen", [4, -1])
def test_more_frozen_blocks_than_there_are_are_refused(kind, bert, frozen):
    with pytest.raises(ValueError, match=rf"frozen_blocks={frozen} but the encoder has 3 blocks: use a number from 0"):
        start(kind, bert, frozen_blocks=frozen)


def test_a_plain_encoder_is_no_saved_task_model(kind, bert):
    with pytest.raises(
        ModelError, match=r"checkpoint of a bert model .* start a fusion model from it with from_encoder"
    ):
        kind.from_pretrained(bert)


def test_a_model_of_texts_is_not_loaded_for_tokens(bert, tmp_path):
    start(DlfaForSequenceClassification, bert).save_pretrained(tmp_path)
    with pytest.raises(ModelError, match=r"unexpected keys head\.pooler.*saved as DlfaForSequenceClassification"):
        DlfaForTokenClassification.from_pretrained(tmp_path)


def test_a_model_of_tokens_is_not_loaded_for_texts(bert, tmp_path):
    start(DlfaForTokenClassification, bert).save_pretrained(tmp_path)
    with pytest.raises(ModelError, match=r"missing keys head\.pooler.*saved as DlfaForTokenClassification"):
        DlfaForSequenceClassification.from_pretrained(tmp_path)


def test_a_truncated_task_model_says_to_copy_it_again(kind, bert, tmp_path):
    start(kind, bert).save_pretrained(tmp_path)
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(ModelError, match=r"The task model .* cannot be read \(.+\): copy its folder again"):
        kind.from_pretrained(tmp_path)


def test_a_task_model_with_weights_that_are_no_numbers_is_refused(kind, bert, tmp_path):
    model = start(kind, bert)
    next(iter(model.head.parameters())).data.fill_(torch.nan)
    model.save_pretrained(tmp_path)
    with pytest.raises(ModelError, match=r"not all numbers: .* values of head\..* are NaN or infinite"):
        kind.from_pretrained(tmp_path)


@pytest.mark.parametrize("labels", [[], ["A"], ["A", "A"], "AB"])
def test_fewer_than_two_classes_are_refused(kind, bert, labels):
    with pytest.raises(ValueError, match=r"must list at least two classes, each once"):
        kind.from_encoder(bert, labels, layer=1)


def test_a_misspelt_setting_lists_those_known(kind, bert):
    with pytest.raises(ValueError, match=r"'layr' is no setting of a task model: use fusion, layer, reduction, norm, "):
        kind.from_encoder(bert, LABELS, layr=1)


def test_a_head_trained_apart_fits_into_a_model(kind, bert):
    model, other = start(kind, bert), start(kind, bert)
    for parameter in other.head.parameters():
        parameter.data += 1
    model.head.load_state_dict(other.head.state_dict())
    apart = other.head(*other.states(IDS, MASK), mask=MASK)
    torch.testing.assert_close(logits(model), apart, atol=CLOSE, rtol=0)


def test_an_absent_folder_says_so(kind, tmp_path):
    with pytest.raises(ModelError, match=r"There is no folder"):
        kind.from_pretrained(tmp_path / "absent")


def test_a_damaged_encoder_is_refused_as_for_encoding(kind, bert, tmp_path):
    folder = shutil.copytree(bert, tmp_path / "model")
    (folder / "model.safetensors").write_bytes(b"")
    with pytest.raises(ModelError, match=r"damaged or incomplete; copy or download it again"):
        start(kind, folder)


def test_the_encoder_that_a_model_starts_from_is_the_one_that_is_encoded(kind, checkpoint):
    model, encoder = start(kind, checkpoint), Encoder.from_pretrained(checkpoint, device="cpu", dtype="float32")
    for name, weight in encoder.model.state_dict().items():
        if not name.startswith("pooler."):
            assert torch.equal(model.encoder.state_dict()[name], weight)
