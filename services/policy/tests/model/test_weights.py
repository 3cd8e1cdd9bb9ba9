import pytest
import torch
from tiny_models import tiny_model

from ssp_policy.errors import PolicyError
from ssp_policy.model.snapshots import ModelSnapshots

TOKENS = torch.arange(3, 60, 7)[None]
MODES = pytest.mark.parametrize("full", [True, False])


def logits(module):
    return module(input_ids=TOKENS, use_cache=False).logits


def scored(weights, name):
    with weights.for_scoring(name) as module:
        return logits(module).clone()


def train(weights, size=0.05):
    """Change every trained parameter, as an optimizer step would."""
    generator = torch.Generator().manual_seed(weights.policy_version)
    with torch.no_grad():
        for parameter in weights.trained.values():
            parameter.add_(size * torch.randn(parameter.shape, generator=generator))
    weights.changed()


@MODES
def test_snapshots_and_reference_never_change(make_weights, full):
    weights = make_weights(full=full)
    base = logits(tiny_model("qwen3", vocab_size=211)).detach()
    assert torch.equal(scored(weights, "reference"), base)
    train(weights)
    weights.snapshot("one")
    one = scored(weights, "policy")
    train(weights)
    weights.snapshot("two")
    weights.snapshot("copy", "one")
    two = scored(weights, "policy")
    train(weights)
    assert weights.names() == ["policy", "reference", "one", "two", "copy"]
    assert torch.equal(scored(weights, "reference"), base)
    assert torch.equal(scored(weights, "one"), one)
    assert torch.equal(scored(weights, "two"), two)
    assert torch.equal(scored(weights, "copy"), one)
    assert not torch.equal(one, two)
    assert not torch.equal(scored(weights, "policy"), two)


@MODES
def test_using_a_snapshot_leaves_what_is_trained(make_weights, full):
    weights, untouched = make_weights(full=full), make_weights(full=full)
    train(weights)
    train(untouched)
    weights.snapshot("one")
    with weights.for_scoring("one") as module:
        logits(module)
    with pytest.raises(RuntimeError), weights.for_sampling("reference"):
        raise RuntimeError("in the middle")
    assert {n for n, p in weights.live.named_parameters() if p.requires_grad} == set(
        weights.trained
    )
    for each in (weights, untouched):
        logits(each.live).square().sum().backward()
    for name, parameter in weights.trained.items():
        other = untouched.trained[name]
        assert torch.equal(parameter, other)
        assert torch.equal(parameter.grad, other.grad)
        assert parameter.grad.abs().sum() > 0


@MODES
def test_tensors_of_a_snapshot_are_apart_from_those_of_the_policy(make_weights, full):
    weights = make_weights(full=full)
    with torch.inference_mode():  # As when the sampling engine asks in between.
        weights.snapshot("one")
    values = weights._tensors("one")
    for name, parameter in weights.trained.items():
        assert values[name].data_ptr() != parameter.data_ptr()
        assert not values[name].requires_grad
        assert not values[name].is_inference()


def test_names_are_checked(make_weights):
    weights = make_weights(reference=False)
    assert weights.names() == ["policy"]
    weights.snapshot("one")
    for attempt, code in (
        (lambda: weights.snapshot("one"), "SSP_POLICY_SNAPSHOT_EXISTS"),
        (lambda: weights.snapshot("policy"), "SSP_POLICY_SNAPSHOT_EXISTS"),
        (lambda: weights.snapshot("two", "none"), "SSP_POLICY_MODEL_UNKNOWN"),
        (lambda: weights.drop_snapshot("policy"), "SSP_POLICY_MODEL_UNKNOWN"),
        (lambda: weights.drop_snapshot("none"), "SSP_POLICY_MODEL_UNKNOWN"),
        (lambda: weights.version("reference"), "SSP_POLICY_MODEL_UNKNOWN"),
        (lambda: scored(weights, "none"), "SSP_POLICY_MODEL_UNKNOWN"),
    ):
        with pytest.raises(PolicyError) as caught:
            attempt()
        assert caught.value.code == code
    assert weights.names() == ["policy", "one"]


def test_a_version_stands_for_one_state_only(make_weights):
    weights = make_weights()
    seen = [weights.version("policy"), weights.version("reference")]
    weights.changed()
    weights.snapshot("one")
    seen += [weights.version("policy"), weights.version("one")]
    weights.drop_snapshot("one")
    weights.snapshot("one")
    weights.loaded_version(0)  # A checkpoint of the same number need not be the same weights.
    seen += [weights.version("policy"), weights.version("one")]
    assert len(set(seen)) == len(seen)
    assert weights.version("policy") == weights.version("policy")


@MODES
def test_exact_sampling_follows_the_weights(make_weights, full):
    weights = make_weights(full=full, exact_sampling=True)
    train(weights)
    weights.snapshot("one")
    for name in ("policy", "one"):
        with weights.for_sampling(name) as module:
            exact = logits(module)
            assert all(p.dtype == torch.float64 for p in module.parameters())
        torch.testing.assert_close(exact.float(), scored(weights, name), rtol=0, atol=1e-4)
        with weights.for_sampling(name) as again:
            assert again is module
    train(weights)
    with weights.for_sampling("policy") as module:
        torch.testing.assert_close(
            logits(module).float(), scored(weights, "policy"), rtol=0, atol=1e-4
        )
    with weights.for_sampling("one") as module:
        assert torch.equal(logits(module), exact)


def test_sampling_uses_the_training_weights_themselves(make_weights):
    weights = make_weights()
    with weights.for_sampling("policy") as module:
        assert module is weights.live


def test_snapshots_that_are_kept_elsewhere_visit_the_device_one_at_a_time():
    here, elsewhere = torch.device("cpu"), torch.device("cpu", 0)
    model = tiny_model("qwen2")
    snapshots = ModelSnapshots(model, device=here, kept_on=elsewhere)
    other = {name: p + 0.1 for name, p in model.named_parameters()}
    snapshots.add("a", dict(model.named_parameters()))
    snapshots.add("b", other)
    visitors = set()
    for name, values in (("a", None), ("b", other), ("b", other), ("a", None)):
        with snapshots.use(name) as module, torch.no_grad():
            visitors.add(id(module))
            for key, parameter in module.named_parameters():
                expected = dict(model.named_parameters())[key] if values is None else values[key]
                assert torch.equal(parameter, expected)
    assert len(visitors) == 1
    snapshots.drop("a")
    snapshots.add("a", other)
    with snapshots.use("a") as module:
        assert torch.equal(module.lm_head.weight, other["model.embed_tokens.weight"])


@MODES
def test_tied_parameters_stay_tied_in_copies(make_weights, full):
    weights = make_weights(full=full)
    with weights.for_scoring("reference") as module:
        assert module.get_input_embeddings().weight is module.get_output_embeddings().weight


def test_facts_of_the_model(make_weights):
    weights = make_weights("llama", max_sequence_tokens=100)
    assert (weights.vocab_size, weights.max_length) == (211, 100)
    assert weights.eos_token_ids == frozenset()
    assert make_weights("llama").max_length == 1024
