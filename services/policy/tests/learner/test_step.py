import pytest
import torch
from learner.conftest import plain_log_probs, ragged_sequences, token_weights
from tiny_models import tiny_model

from ssp_policy.errors import PolicyError
from ssp_policy.learner.optimizer import AdamWSettings, Optimizer

SEQUENCES = ragged_sequences(9, 14, 5)
WEIGHTS = token_weights(SEQUENCES)


def test_steps_are_those_of_torch_adamw_with_clipping(make_learner):
    learner, weights = make_learner()
    plain = tiny_model("qwen3", vocab_size=211)
    adamw = torch.optim.AdamW(plain.parameters())
    for number in range(1, 6):
        lr, decay = 0.01 / number, 0.1 * number
        limit = None if number == 2 else 0.5
        learner.backward(SEQUENCES, WEIGHTS)
        for name, parameter in plain.named_parameters():
            parameter.grad = learner._pending[name].clone()
        settings = AdamWSettings(
            lr=lr, betas=(0.8, 0.95), eps=1e-6, weight_decay=decay, max_grad_norm=limit
        )
        result = learner.step(settings)

        adamw.param_groups[0].update(lr=lr, betas=(0.8, 0.95), eps=1e-6, weight_decay=decay)
        norm = torch.nn.utils.clip_grad_norm_(plain.parameters(), limit or float("inf"))
        adamw.step()

        assert result.grad_norm == pytest.approx(float(norm), rel=1e-6)
        assert result.clipped == (limit is not None)
        assert (result.step, result.weights_version, result.lr) == (number, number, lr)
    for name, parameter in plain.named_parameters():
        torch.testing.assert_close(weights.trained[name], parameter, rtol=1e-6, atol=1e-6)


def test_a_norm_under_the_limit_is_not_clipped(make_learner):
    found = []
    for limit in (None, 1e9):
        learner, weights = make_learner()
        learner.backward(SEQUENCES, WEIGHTS)
        assert not learner.step(AdamWSettings(lr=0.1, max_grad_norm=limit)).clipped
        found.append({n: p.detach().clone() for n, p in weights.trained.items()})
    assert all(torch.equal(found[0][name], found[1][name]) for name in found[0])


def test_a_step_descends_and_drops_the_gradient(make_learner):
    learner, _ = make_learner()
    before = learner.backward(SEQUENCES, WEIGHTS).total
    learner.step(AdamWSettings(lr=1e-3))
    assert learner.pending_sequences == 0
    with pytest.raises(PolicyError, match="SSP_POLICY_NO_GRADIENT"):
        learner.step(AdamWSettings(lr=1e-3))
    assert learner.backward(SEQUENCES, WEIGHTS).total < before


def test_a_sum_of_calls_that_overflows_changes_nothing(make_learner):
    learner, weights = make_learner()
    learner.backward(SEQUENCES, WEIGHTS)
    next(iter(learner._pending.values())).fill_(3e38)
    before = {name: p.detach().clone() for name, p in weights.trained.items()}
    with pytest.raises(PolicyError, match="SSP_POLICY_GRADIENT_NOT_FINITE"):
        learner.step(AdamWSettings(lr=1e-3))
    assert all(torch.equal(p, before[name]) for name, p in weights.trained.items())
    assert learner.pending_sequences == 3


def test_steps_smaller_than_bf16_are_not_lost():
    # Near 1, bf16 has steps of 2^-7: a change of 1e-4 alone is rounded away.
    weight = torch.nn.Parameter(torch.ones(8, dtype=torch.bfloat16))
    optimizer = Optimizer({"weight": weight}, torch.device("cpu"))
    for _ in range(300):
        optimizer.step({"weight": torch.ones(8)}, AdamWSettings(lr=1e-4), scale=1.0)
    assert weight.dtype == torch.bfloat16
    torch.testing.assert_close(weight.float(), torch.full((8,), 0.97), rtol=0, atol=0.004)
    alone = torch.ones(8, dtype=torch.bfloat16)
    for _ in range(300):
        alone -= 1e-4
    assert torch.equal(alone, torch.ones(8, dtype=torch.bfloat16))


def test_bf16_trains_with_masters(make_learner):
    learner, weights = make_learner(dtype="bf16")
    before = learner.backward(SEQUENCES, WEIGHTS).total
    assert {t.dtype for t in learner._pending.values()} == {torch.float32}
    for _ in range(10):
        learner.step(AdamWSettings(lr=1e-3))
        after = learner.backward(SEQUENCES, WEIGHTS).total
    assert after < before - 1
    assert {p.dtype for p in weights.trained.values()} == {torch.bfloat16}
    saved = learner._optimizer.tensors()
    for name, parameter in weights.trained.items():
        assert torch.equal(saved[f"master.{name}"].bfloat16(), parameter)


def test_only_the_adapter_is_trained(make_learner):
    learner, weights = make_learner(full=False)
    frozen = {
        n: p.detach().clone() for n, p in weights.live.named_parameters() if not p.requires_grad
    }
    for _ in range(3):
        learner.backward(SEQUENCES, WEIGHTS)
        learner.log_probs("reference", SEQUENCES)
        learner.step(AdamWSettings(lr=1e-2))
    now = dict(weights.live.named_parameters())
    assert all(torch.equal(now[name], value) for name, value in frozen.items())
    scores = [learner.log_probs(m, SEQUENCES)[0].logprobs for m in ("policy", "reference")]
    assert scores[0] != scores[1]
    plain = tiny_model("qwen3", vocab_size=211)
    with torch.no_grad():
        expected = plain_log_probs(plain, SEQUENCES[0])
    torch.testing.assert_close(torch.tensor(scores[1][1:]), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("full", [True, False])
def test_snapshots_in_between_do_not_change_training(make_learner, full):
    found = []
    for with_snapshots in (True, False):
        learner, weights = make_learner(full=full)
        for number in range(4):
            learner.backward(SEQUENCES, WEIGHTS)
            if with_snapshots:
                weights.snapshot(f"at-{number}")
                learner.log_probs("at-0", SEQUENCES)
                learner.log_probs("reference", SEQUENCES)
            learner.backward(SEQUENCES, WEIGHTS)
            learner.step(AdamWSettings(lr=1e-2))
        found.append(weights.trained)
    assert all(torch.equal(found[0][name], found[1][name]) for name in found[0])
