import math

import pytest
import torch
from learner.conftest import plain_log_probs, ragged_sequences, token_weights

from ssp_policy.errors import PolicyError

SEQUENCES = ragged_sequences(9, 30, 2, 1, 17, 30)
WEIGHTS = token_weights(SEQUENCES)


def gradient_of(learner):
    return {name: tensor.clone() for name, tensor in learner._pending.items()}


def autograd_of(weights, sequences, token_weights, temperature=1.0):
    """The gradient of the whole loss by autograd, over the whole matrix of logits.

    With transformers' own attention, where the service has registered one.
    """
    weights.live.set_attn_implementation("sdpa")
    loss = torch.zeros(())
    for tokens, row in zip(sequences, token_weights, strict=True):
        if len(tokens) > 1:
            log_probs = plain_log_probs(weights.live, tokens, temperature)
            loss = loss + (torch.tensor(row[1:]) * log_probs).sum()
    names = list(weights.trained)
    found = torch.autograd.grad(loss, list(weights.trained.values()))
    return float(loss.detach()), dict(zip(names, found, strict=True))


def distance(found, expected):
    gap = sum(float((found[n] - e).double().square().sum()) for n, e in expected.items())
    size = sum(float(e.double().square().sum()) for e in expected.values())
    assert size > 0
    return math.sqrt(gap / size)


@pytest.mark.parametrize("family", ["qwen2", "qwen3", "llama"])
@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("full", [True, False])
def test_equal_to_autograd_of_the_whole_loss(make_learner, family, tied, full):
    learner, weights = make_learner(family, tied=tied, full=full, micro_batch_tokens=40)
    if not full:
        with torch.no_grad():  # Else the adapter's second matrix is 0, and the first gets nothing.
            for parameter in weights.trained.values():
                parameter.add_(0.05 * torch.randn_like(parameter))
    result = learner.backward(SEQUENCES, WEIGHTS)
    total, expected = autograd_of(weights, SEQUENCES, WEIGHTS)
    assert distance(gradient_of(learner), expected) <= 1e-5
    assert result.total == pytest.approx(total, abs=1e-4)
    assert result.tokens == 89
    assert result.trained_tokens == sum(w != 0 for row in WEIGHTS for w in row)
    assert result.pending_sequences == 6


@pytest.mark.parametrize("changes", [{}, {"gradient_checkpointing": "on"}, {"logit_chunk": 3}])
def test_the_same_pass_gives_the_scores_of_the_tokens_with_a_weight(make_learner, changes):
    learner, _ = make_learner(micro_batch_tokens=40, **changes)
    found = learner.backward(SEQUENCES, WEIGHTS, temperature=0.6, scores=True)
    with_scores = gradient_of(learner)
    learner.zero()
    masks = [[weight != 0 for weight in row] for row in WEIGHTS]
    expected = learner.log_probs("policy", SEQUENCES, temperature=0.6, entropy=True, masks=masks)
    for row, other in zip(found.scores, expected, strict=True):
        assert row.logprobs == pytest.approx(other.logprobs, abs=1e-5)
        assert row.entropy == pytest.approx(other.entropy, abs=1e-5)
    assert learner.backward(SEQUENCES, WEIGHTS, temperature=0.6).scores is None
    for name, tensor in gradient_of(learner).items():
        assert torch.equal(tensor, with_scores[name])


@pytest.mark.parametrize("changes", [{}, {"gradient_checkpointing": "on"}, {"logit_chunk": 3}])
def test_temperature_checkpointing_and_chunks(make_learner, changes):
    learner, weights = make_learner(**changes)
    learner.backward(SEQUENCES, WEIGHTS, temperature=0.6)
    _, expected = autograd_of(weights, SEQUENCES, WEIGHTS, 0.6)
    assert distance(gradient_of(learner), expected) <= 1e-5


def test_checkpointing_computes_activations_twice(make_learner):
    learner, weights = make_learner(gradient_checkpointing="on")
    calls = []
    weights.live.model.layers[0].mlp.register_forward_pre_hook(lambda *_: calls.append(1))
    learner.backward([[1, 2, 3]], [[0, 1, 1]])
    assert len(calls) == 2
    assert not weights.live.training


def test_doubled_weights_double_the_gradient_in_every_bit(make_learner):
    learner, _ = make_learner()
    learner.backward(SEQUENCES, WEIGHTS)
    once = gradient_of(learner)
    learner.zero()
    learner.backward(SEQUENCES, [[2 * w for w in row] for row in WEIGHTS])
    for name, tensor in gradient_of(learner).items():
        assert torch.equal(tensor, 2 * once[name])


def test_order_and_micro_batches_do_not_matter(make_learner):
    learner, _ = make_learner(micro_batch_tokens=1000)
    learner.backward(SEQUENCES, WEIGHTS)
    expected = gradient_of(learner)
    order = [3, 5, 0, 4, 2, 1]
    other, _ = make_learner(micro_batch_tokens=1)
    other.backward([SEQUENCES[i] for i in order], [WEIGHTS[i] for i in order])
    assert distance(gradient_of(other), expected) <= 1e-6


def test_two_calls_add_and_zero_drops(make_learner):
    learner, _ = make_learner()
    learner.backward(SEQUENCES, WEIGHTS)
    expected = gradient_of(learner)
    learner.zero()
    assert learner.pending_sequences == 0
    learner.backward(SEQUENCES[:2], WEIGHTS[:2])
    result = learner.backward(SEQUENCES[2:], WEIGHTS[2:])
    assert result.pending_sequences == 6
    assert distance(gradient_of(learner), expected) <= 1e-6


def test_same_calls_give_same_bits(make_learner):
    found = []
    for _ in range(2):
        learner, _ = make_learner()
        learner.backward(SEQUENCES, WEIGHTS)
        found.append(gradient_of(learner))
    assert all(torch.equal(found[0][name], found[1][name]) for name in found[0])


def test_a_weight_only_where_nothing_is_trained_gives_zero(make_learner):
    learner, _ = make_learner()
    result = learner.backward([[5], [6, 7]], [[0.0], [0.0, 0.0]])
    assert (result.total, result.trained_tokens) == (0.0, 0)
    assert all(not tensor.any() for tensor in gradient_of(learner).values())


@pytest.mark.parametrize(
    ("weights", "code"),
    [
        ([[0, 1]], "SSP_POLICY_SHAPE_MISMATCH"),
        ([[0, 1, 1], [0]], "SSP_POLICY_SHAPE_MISMATCH"),
        ([[0, 1, math.nan]], "SSP_POLICY_WEIGHT_NOT_FINITE"),
        ([[0, -math.inf, 1]], "SSP_POLICY_WEIGHT_NOT_FINITE"),
        ([[1, 1, 1]], "SSP_POLICY_REQUEST_INVALID"),
        ([[0, 1e39, 1]], "SSP_POLICY_GRADIENT_NOT_FINITE: The sum of weight x"),
        ([[0, 3e38, 3e38]], "SSP_POLICY_GRADIENT_NOT_FINITE: The gradient"),
    ],
)
def test_a_refused_call_adds_nothing(make_learner, weights, code):
    learner, live = make_learner()
    learner.backward(SEQUENCES, WEIGHTS)
    before = gradient_of(learner)
    with pytest.raises(PolicyError) as caught:
        learner.backward([[1, 2, 3]], weights)
    assert str(caught.value).startswith(code)
    assert learner.pending_sequences == 6
    assert all(torch.equal(tensor, before[n]) for n, tensor in gradient_of(learner).items())
    assert all(p.grad is None for p in live.trained.values())
    assert not live.live.training


def test_out_of_memory_in_a_late_micro_batch_adds_nothing(make_learner):
    learner, weights = make_learner(micro_batch_tokens=40)
    learner.backward(SEQUENCES, WEIGHTS)
    before = gradient_of(learner)
    calls = []

    def fail_late(*_):
        calls.append(1)
        if len(calls) == 3:
            raise torch.OutOfMemoryError("CUDA out of memory")

    hook = weights.live.model.layers[1].register_full_backward_hook(fail_late)
    with pytest.raises(PolicyError) as caught:
        learner.backward(SEQUENCES, WEIGHTS)
    hook.remove()
    assert caught.value.code == "SSP_POLICY_OUT_OF_MEMORY"
    assert all(torch.equal(tensor, before[n]) for n, tensor in gradient_of(learner).items())
    learner.backward(SEQUENCES, WEIGHTS)
    for name, tensor in gradient_of(learner).items():
        assert torch.equal(tensor, 2 * before[name])
