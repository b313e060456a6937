import pytest
import torch
from torch import nn

from dlfa_core.models import AIF, DLFA, FUSIONS, build_fusion, find_fusion
from dlfa_core.models.fusion.iterated import AllLayers
from dlfa_core.models.fusion.masked import MaskedBatchNorm
from dlfa_core.models.fusion.registry import NORMS, WEIGHTS
from tests.rounding import tolerance

E, L = 24, 4
LENGTHS = (7, 4, 1, 6)
LEARNT = [name for name in FUSIONS if FUSIONS[name].n_parameters(E, L, 4, None)]
MASK = torch.arange(7) < torch.tensor(LENGTHS)[:, None]


def make(name, norm="batch", weight="literal", seed=0):
    """A fusion in float64, in training mode, with no weight left at 0 or 1."""
    torch.manual_seed(seed)
    module = build_fusion(name, E, L, norm=norm, weight=weight).double()
    for parameter in module.parameters():
        parameter.data += 0.3 * torch.randn_like(parameter)
    return module


def states_for(name, layer=2, seed=1):
    """Random states (4, 7, 24), one for each that the fusion reads."""
    generator = torch.Generator().manual_seed(seed)
    shape = (len(LENGTHS), 7, E)
    return [torch.randn(shape, generator=generator).double() for _ in FUSIONS[name].needs(layer, L)]


@pytest.mark.parametrize("name", FUSIONS)
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("reduction", [1, 2, 4, 8, 24])
def test_as_many_parameters_as_declared(name, norm, reduction):
    module = build_fusion(name, E, L, reduction, norm)
    assert sum(p.numel() for p in module.parameters()) == FUSIONS[name].n_parameters(E, L, reduction, norm)


@pytest.mark.parametrize(("reduction", "n"), [(1, 2368512), (2, 1186560), (4, 595584), (8, 300096), (16, 152352)])
def test_dlfa_of_bert_size_is_as_large_as_computed_by_hand(reduction, n):
    assert sum(p.numel() for p in DLFA(768, reduction).parameters()) == n
    assert FUSIONS["extra"].n_parameters(768, 12, reduction, "batch") == n


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("reduction", [1, 4, 8])
@pytest.mark.parametrize(("name", "states"), [("mlp", 1), ("concat_mlp", 2)])
def test_an_mlp_is_as_large_as_dlfa_to_within_one_unit(name, states, reduction, norm):
    dlfa, mlp = (FUSIONS[other].n_parameters(384, 12, reduction, norm) for other in ("dlfa", name))
    assert 0 <= dlfa - mlp < (states + 1) * 384 + 1


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("name", FUSIONS)
def test_equal_states_give_themselves_back_exactly_if_declared(name, weight):
    states = states_for(name)[:1] * len(states_for(name))
    hidden = make(name, weight=weight)(*states, mask=MASK).hidden
    assert torch.allclose(hidden, states[0], atol=1e-12) == FUSIONS[name].identity


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("name", FUSIONS)
def test_lies_between_its_states_exactly_if_declared(name, weight):
    states = torch.stack(states_for(name))
    hidden = make(name, weight=weight)(*states, mask=MASK).hidden
    between = (states.amin(0) - 1e-12 <= hidden) & (hidden <= states.amax(0) + 1e-12)
    assert bool(between.all()) == (weight in FUSIONS[name].convex_with)


@pytest.mark.parametrize("name", FUSIONS)
def test_has_a_gate_in_the_open_unit_interval_exactly_if_declared(name):
    fused = make(name)(*states_for(name), mask=MASK)
    assert (fused.gate is not None) == FUSIONS[name].gated
    if fused.gate is not None:
        assert fused.gate.shape == fused.hidden.shape
        assert ((fused.gate > 0) & (fused.gate < 1)).all()


@pytest.mark.parametrize("name", FUSIONS)
def test_looks_at_other_tokens_exactly_if_it_has_a_gate(name):
    module, states = make(name), states_for(name)
    first = module(*(state[:, :1] for state in states), mask=MASK[:, :1]).hidden
    assert torch.allclose(first, module(*states, mask=MASK).hidden[:, :1]) != FUSIONS[name].gated


@pytest.mark.parametrize("name", FUSIONS)
def test_reads_a_lower_state_exactly_if_declared(name):
    assert (FUSIONS[name].needs(1, L) != FUSIONS[name].needs(2, L)) == FUSIONS[name].uses_lower


@pytest.mark.parametrize("name", FUSIONS)
def test_every_fusion_says_what_it_is_for(name):
    assert FUSIONS[name].name == name
    assert FUSIONS[name].explains.endswith((".", "?"))
    assert FUSIONS[name].label
    assert FUSIONS[name].source


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("name", FUSIONS)
def test_neither_padding_nor_batch_mates_change_a_sentence_in_evaluation(name, norm):
    module, states = make(name, norm), states_for(name)
    module(*states, mask=MASK)  # moves the running statistics
    module.eval()
    together = module(*states, mask=MASK).hidden
    for row, length in enumerate(LENGTHS):
        alone = module(*(s[row : row + 1, :length] for s in states), mask=MASK[row : row + 1, :length]).hidden
        torch.testing.assert_close(together[row, :length], alone[0], atol=1e-12, rtol=0)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", FUSIONS)
def test_what_stands_at_padding_never_counts(name, training):
    states = states_for(name)
    other = [torch.where(MASK[..., None], state, 1e3) for state in states]
    (module, twin) = (make(name).train(training) for _ in range(2))
    ours, theirs = module(*states, mask=MASK).hidden, twin(*other, mask=MASK.long()).hidden
    torch.testing.assert_close(ours[MASK], theirs[MASK], atol=1e-12, rtol=0)
    for (key, left), right in zip(module.state_dict().items(), twin.state_dict().values(), strict=True):
        torch.testing.assert_close(left, right, atol=1e-12, rtol=0, msg=key)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("name", LEARNT)
def test_the_gradient_reaches_every_parameter_in_evaluation(name, norm):
    module = make(name, norm).eval()
    module(*states_for(name), mask=MASK).hidden[MASK].square().sum().backward()
    assert all(p.grad.abs().max() > 1e-9 for p in module.parameters())


def test_in_training_the_gradient_misses_only_the_biases_that_a_batch_norm_takes_away():
    module = make("dlfa")
    module(*states_for("dlfa"), mask=MASK).hidden[MASK].square().sum().backward()
    missed = [name for name, p in module.named_parameters() if p.grad.abs().max() < 1e-9]
    assert missed == [
        f"aif.{side}_branch.{step}.bias" for side in ("global", "local") for step in ("squeeze", "expand")
    ]


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("name", ["dlfa", "se"])
def test_hidden_is_the_last_state_plus_a_weighted_step_to_the_lower(name, weight):
    lower, last = states_for(name)
    fused = make(name, weight=weight)(lower, last, MASK)
    torch.testing.assert_close(fused.hidden, last + fused.weight * (lower - last), atol=1e-6, rtol=0)
    torch.testing.assert_close(fused.hidden, lower * fused.weight + last * (1 - fused.weight), atol=1e-6, rtol=0)


def test_the_literal_weight_is_the_gate_times_the_mean_of_both_states():
    lower, last = states_for("dlfa")
    literal, gate = (make("dlfa", weight=weight)(lower, last, MASK) for weight in WEIGHTS)
    assert torch.equal(literal.gate, gate.gate)  # the same operations: how the gate is used comes after
    assert torch.equal(gate.weight, gate.gate)
    torch.testing.assert_close(literal.weight, (lower + last) / 2 * literal.gate)
    assert not torch.allclose(literal.hidden, gate.hidden)


@pytest.mark.parametrize("name", [name for name in FUSIONS if FUSIONS[name].gated])
def test_both_branches_together_make_the_gate(name):
    module, states = make(name), states_for(name)
    votes = module.branches(*states, mask=MASK)
    assert votes.global_logits.shape == (4, 1, E)
    total = votes.global_logits + (0 if votes.local_logits is None else votes.local_logits)
    torch.testing.assert_close(torch.sigmoid(total).expand(4, 7, E), module(*states, mask=MASK).gate)


def test_squeeze_and_excitation_is_dlfa_without_its_local_branch():
    lower, last = states_for("dlfa")
    dlfa, se = make("dlfa"), make("se")
    se.aif.global_branch.load_state_dict(dlfa.aif.global_branch.state_dict())
    expected = torch.sigmoid(dlfa.branches(lower, last, MASK).global_logits)
    torch.testing.assert_close(se(lower, last, MASK).gate, expected.expand(4, 7, E))


def test_extra_parameters_see_the_last_state_alone():
    (last,) = states_for("extra")
    extra = make("extra")
    torch.testing.assert_close(extra(last, MASK).hidden, last * extra.aif(last, MASK))


def test_a_scalar_mix_starts_as_the_mean_of_all_states():
    states = states_for("scalar_mix")
    assert len(states) == L + 1
    hidden = build_fusion("scalar_mix", E, L).double()(*states, mask=MASK).hidden
    torch.testing.assert_close(hidden, torch.stack(states).mean(0))


def branch_of_the_paper(branch):
    """The second route: width-1 convolutions and PyTorch's own batch norm, with a branch's weights."""
    layers = nn.Sequential(
        nn.Conv1d(E, E // 4, 1), nn.BatchNorm1d(E // 4), nn.ReLU(), nn.Conv1d(E // 4, E, 1), nn.BatchNorm1d(E)
    ).double()
    ours = (branch.squeeze, branch.squeeze_norm, branch.expand, branch.expand_norm)
    for theirs, module in zip((layers[0], layers[1], layers[3], layers[4]), ours, strict=True):
        for name, value in module.state_dict().items():
            getattr(theirs, name).data.copy_(value.view(getattr(theirs, name).shape))
    return layers


def test_without_padding_aif_equals_convolutions_and_batch_norms_as_drawn():
    torch.manual_seed(0)
    aif = AIF(E).double()
    whole, each = branch_of_the_paper(aif.global_branch), branch_of_the_paper(aif.local_branch)
    mask = torch.ones(5, 6)
    for _ in range(3):  # the running statistics move alike
        w = torch.randn(5, 6, E, dtype=torch.float64).mul(2).add(1)
        drawn = torch.sigmoid(whole(w.mT.mean(-1, keepdim=True)) + each(w.mT)).mT
        torch.testing.assert_close(aif(w, mask), drawn, atol=1e-10, rtol=0)
    for part in (aif, whole, each):
        part.eval()
    drawn = torch.sigmoid(whole(w.mT.mean(-1, keepdim=True)) + each(w.mT)).mT
    torch.testing.assert_close(aif(w, mask), drawn, atol=1e-10, rtol=0)


def test_aif_starts_like_a_convolution_of_width_one():
    torch.manual_seed(3)
    linear = AIF(E).global_branch.squeeze
    torch.manual_seed(3)
    convolution = nn.Conv1d(E, E // 4, 1)
    assert torch.equal(linear.weight, convolution.weight[..., 0])
    assert torch.equal(linear.bias, convolution.bias)


@pytest.mark.parametrize("mask", [[[1, 0, 0]], [[0, 0, 0]]])
def test_a_training_batch_of_one_token_is_normalised_as_in_evaluation(mask):
    norm, mask = MaskedBatchNorm(E), torch.tensor(mask).bool()
    norm.running_mean += 3
    before, x = norm.running_mean.clone(), torch.randn(1, 3, E)
    trained = norm(x, mask)
    assert torch.equal(trained, norm.eval()(x, mask))  # the same operations
    assert torch.equal(norm.running_mean, before)


def test_a_row_of_padding_alone_changes_nothing():
    lower, last = states_for("dlfa")
    mask = torch.cat([MASK, torch.zeros(1, 7, dtype=torch.bool)])
    longer = (torch.cat([state, 5 * torch.ones(1, 7, E)]) for state in (lower, last))
    torch.testing.assert_close(
        make("dlfa")(*longer, mask).hidden[:4][MASK], make("dlfa")(lower, last, MASK).hidden[MASK]
    )


def test_half_precision_states_are_normalised_in_the_precision_of_the_weights():
    torch.manual_seed(0)
    states = [torch.randn(4, 7, E) for _ in range(2)]
    module = DLFA(E)
    with torch.autocast("cpu", torch.bfloat16):
        fused = module(*(state.bfloat16() for state in states), MASK)
    assert fused.gate.dtype == torch.float32
    torch.testing.assert_close(
        fused.gate, DLFA.forward(module, *states, MASK).gate, atol=tolerance("bfloat16", 2), rtol=0
    )  # squeeze and expand


@pytest.mark.parametrize(
    "make_module", [AIF, DLFA, lambda *given, **named: build_fusion("extra", 24, 4, *given[1:], **named)]
)
def test_wrong_settings_say_what_to_use(make_module):
    with pytest.raises(ValueError, match=r"norm='group' is unknown: use 'batch', 'layer' or None\."):
        make_module(24, norm="group")
    for reduction in (0, 25):
        with pytest.raises(
            ValueError, match=rf"reduction={reduction} cannot squeeze 24 dimensions: use a number from 1"
        ):
            make_module(24, reduction=reduction)


def test_an_unknown_weight_says_what_to_use():
    with pytest.raises(ValueError, match=r"weight='soft' is unknown: use 'literal' or 'gate'\."):
        DLFA(24, weight="soft")


def test_an_unknown_fusion_lists_near_matches_or_all():
    with pytest.raises(ValueError, match=r"Unknown fusion 'dfla': did you mean dlfa"):
        find_fusion("dfla")
    with pytest.raises(ValueError, match=r"Unknown fusion 'zzz': choose from dlfa, last, average, "):
        build_fusion("zzz", E, L)


def test_dlfa_of_two_layers_is_dlfa_after_dlfa():
    lower, middle, last = states_for("dlfa_two")
    module, alone = make("dlfa_two"), make("dlfa_two")
    below = alone.first(lower, middle, MASK).hidden
    torch.testing.assert_close(module(lower, middle, last, MASK).hidden, alone.second(below, last, MASK).hidden)


def test_an_iterated_gate_looks_at_what_the_first_one_made_and_mixes_the_states_themselves():
    lower, last = states_for("iterated")
    module, alone = make("iterated"), make("iterated")
    first = alone.first(lower, last, MASK).hidden
    gate = alone.second.aif(first, MASK)
    weight = first * gate
    torch.testing.assert_close(module(lower, last, MASK).hidden, lower * weight + last * (1 - weight))


def test_dlfa_of_all_layers_climbs_from_the_first_to_the_last_with_one_aif():
    """In evaluation at the start, where all steps have the same running statistics."""
    states, module = states_for("dlfa_all"), make("dlfa_all").eval()
    aif, mixed = module.dlfa.aif, states[0]
    for state in states[1:]:
        gate = aif((mixed + state) / 2, MASK, 0)
        mixed = mixed * gate + state * (1 - gate)
    torch.testing.assert_close(module(*states, mask=MASK).hidden, mixed)


@pytest.mark.parametrize(("name", "shares"), [("dlfa_two", [1, 1, 2]), ("dlfa_all", [1, 1, 2, 4]), ("dlfa", [1, 1])])
def test_the_last_layer_keeps_half_where_all_gates_are_half_open(name, shares):
    module, states = build_fusion(name, E, L, norm=None, weight="gate").double(), states_for(name)
    for parameter in module.parameters():
        parameter.data.zero_()
    expected = sum(share * state for share, state in zip(shares, states, strict=True)) / sum(shares)
    torch.testing.assert_close(module(*states, mask=MASK).hidden, expected)


def test_a_norm_with_steps_is_a_norm_for_each_with_one_scale_and_shift():
    torch.manual_seed(0)
    norm, apart = MaskedBatchNorm(E, steps=3).double(), [MaskedBatchNorm(E).double() for _ in range(3)]
    for one in (norm, *apart):
        one.weight.data += torch.arange(E) / E
    for training in (True, True, False):
        for step, one in enumerate(apart):
            x = 10.0**step * (1 + torch.randn(4, 7, E, dtype=torch.float64))
            found = norm.train(training)(x, MASK, step)
            torch.testing.assert_close(found, one.train(training)(x, MASK), atol=1e-12, rtol=0)
    for name in ("running_mean", "running_var"):
        torch.testing.assert_close(getattr(norm, name), torch.stack([getattr(one, name) for one in apart]))


def test_steps_change_nothing_for_norms_without_statistics():
    states = states_for("dlfa_all")
    for norm in ("layer", None):
        assert not list(AllLayers(E, L, norm=norm).buffers())
        torch.testing.assert_close(
            make("dlfa_all", norm)(*states, mask=MASK).hidden, make("dlfa_all", norm).eval()(*states, mask=MASK).hidden
        )


@pytest.mark.parametrize("layer", [9, 4, 0, -1])
def test_a_layer_that_the_encoder_lacks_names_those_it_has(layer):
    with pytest.raises(
        ValueError, match=rf"Layer {layer} cannot be fused .* with 4 layers: choose a layer from 1 to 3"
    ):
        FUSIONS["dlfa"].needs(layer, 4)


def test_no_layer_and_no_lower_layer_are_told_apart():
    with pytest.raises(ValueError, match=r"DLFA fuses a lower layer with the last: choose a layer from 1 to 3"):
        FUSIONS["dlfa"].needs(None, 4)
    with pytest.raises(ValueError, match=r"Average fuses two blocks but the encoder has only 1: take a deeper encoder"):
        FUSIONS["average"].needs(1, 1)


def test_states_are_numbered_from_the_embedding_output():
    assert FUSIONS["dlfa"].needs(9, 12) == (9, 12)
    assert FUSIONS["last"].needs(None, 12) == (12,)
    assert FUSIONS["scalar_mix"].needs(None, 3) == (0, 1, 2, 3)
    assert FUSIONS["dlfa_all"].needs(None, 3) == (1, 2, 3)
    assert FUSIONS["dlfa_two"].needs(4, 12) == (4, 8, 12)
    assert FUSIONS["dlfa_two"].needs(9, 12) == (9, 10, 12)


@pytest.mark.parametrize("name", FUSIONS)
@pytest.mark.parametrize("depth", [2, 3, 4, 12])
def test_it_can_fuse_the_layers_that_it_offers_and_no_others(name, depth):
    offered = list(FUSIONS[name].lower_layers(depth))
    for layer in offered:
        numbers = FUSIONS[name].needs(layer, depth)
        assert (numbers[0], numbers[-1]) == (layer, depth)
        assert list(numbers) == sorted(set(numbers))
    if FUSIONS[name].uses_lower:
        for layer in {*range(-1, depth + 2)} - {*offered}:
            with pytest.raises(ValueError, match=r"cannot be fused with the last|has only 2: take a deeper encoder"):
                FUSIONS[name].needs(layer, depth)


def test_what_is_fused_is_named():
    said = {name: fusion.lower_said(4, 12) for name, fusion in FUSIONS.items()}
    assert (said["dlfa"], said["iterated"], said["dlfa_two"]) == ("layer 4", "layer 4", "layers 4 and 8")
    assert (said["dlfa_all"], said["scalar_mix"], said["last"]) == ("layers 1 to 11", "layers 0 to 11", "")


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("name", [name for name in FUSIONS if FUSIONS[name].gated])
def test_the_gate_is_the_share_from_below_exactly_if_declared(name, weight):
    states = states_for(name)
    fused = make(name, weight=weight)(*states, mask=MASK)
    assert (fused.weight is not None and torch.equal(fused.weight, fused.gate)) == FUSIONS[name].is_share(weight)


@pytest.mark.parametrize("name", FUSIONS)
def test_the_weight_matters_exactly_if_declared(name):
    literal, gate = (make(name, weight=weight)(*states_for(name), mask=MASK).hidden for weight in WEIGHTS)
    assert torch.allclose(literal, gate) != FUSIONS[name].weighted


def test_one_block_or_two_are_too_few_for_more_layers():
    with pytest.raises(ValueError, match=r"DLFA of two layers fuses three blocks but the encoder has only 2: take a"):
        FUSIONS["dlfa_two"].needs(1, 2)
    with pytest.raises(ValueError, match=r"DLFA of all layers fuses two blocks but the encoder has only 1: take a"):
        FUSIONS["dlfa_all"].needs(None, 1)
    with pytest.raises(ValueError, match=r"Layer 3 cannot be fused with the last and one between .* from 1 to 2\."):
        FUSIONS["dlfa_two"].needs(3, 4)
