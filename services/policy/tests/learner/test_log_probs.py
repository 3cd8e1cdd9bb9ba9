import pytest
import torch
from learner.conftest import plain_log_probs, ragged_sequences
from tiny_models import tiny_model
from torch.utils._python_dispatch import TorchDispatchMode

from ssp_policy.errors import PolicyError
from ssp_policy.learner.log_probs import Head, backward_through_head, score_tokens

LENGTHS = (9, 30, 2, 1, 17, 30)


@pytest.mark.parametrize("family", ["qwen2", "qwen3", "llama"])
@pytest.mark.parametrize("micro_batch_tokens", [1, 40, 1000])
def test_equal_to_a_plain_forward_pass(make_learner, family, micro_batch_tokens):
    learner, _ = make_learner(family, micro_batch_tokens=micro_batch_tokens)
    plain = tiny_model(family, vocab_size=211)
    sequences = ragged_sequences(*LENGTHS)
    scores = learner.log_probs("policy", sequences)
    for tokens, score in zip(sequences, scores, strict=True):
        assert score.logprobs[0] is None
        assert score.entropy is None
        if len(tokens) > 1:
            with torch.no_grad():
                expected = plain_log_probs(plain, tokens)
            torch.testing.assert_close(
                torch.tensor(score.logprobs[1:]), expected, rtol=0, atol=1e-5
            )


def test_temperature_and_entropy(make_learner):
    learner, weights = make_learner(logit_chunk=7)
    (tokens,) = ragged_sequences(20)
    (score,) = learner.log_probs("policy", [tokens], temperature=0.7, entropy=True)
    with torch.no_grad():
        logits = weights.live(input_ids=torch.tensor([tokens])).logits[0, :-1] / 0.7
        expected = plain_log_probs(weights.live, tokens, 0.7)
    entropy = torch.distributions.Categorical(logits=logits).entropy()
    torch.testing.assert_close(torch.tensor(score.logprobs[1:]), expected, rtol=0, atol=1e-5)
    torch.testing.assert_close(torch.tensor(score.entropy[1:]), entropy, rtol=0, atol=1e-5)


def test_masked_tokens_are_those_of_the_whole_sequence(make_learner):
    learner, _ = make_learner(micro_batch_tokens=60, logit_chunk=7)
    sequences = ragged_sequences(*LENGTHS)
    masks = [[place % 3 == 1 for place in range(len(tokens))] for tokens in sequences]
    masks[2], masks[4] = [False, False], None
    whole = learner.log_probs("policy", sequences, entropy=True)
    found = learner.log_probs("policy", sequences, entropy=True, masks=masks)
    for mask, every, some in zip(masks, whole, found, strict=True):
        for all_values, values in ((every.logprobs, some.logprobs), (every.entropy, some.entropy)):
            wanted = [v if mask is None or mask[i] else None for i, v in enumerate(all_values)]
            assert [v is None for v in values] == [v is None for v in wanted]
            assert [v for v in values if v is not None] == pytest.approx(
                [v for v in wanted if v is not None], abs=1e-5
            )


def test_only_wanted_tokens_are_computed(make_learner):
    learner, weights = make_learner()
    fed, multiplied = [], []
    decoder, head = weights.live.get_decoder(), Head.logits
    hook = decoder.register_forward_pre_hook(
        lambda _module, _args, named: fed.append(named["input_ids"].numel()), with_kwargs=True
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Head, "logits", lambda self, h: multiplied.append(len(h)) or head(self, h))
        (tokens,) = ragged_sequences(30)
        learner.log_probs("policy", [tokens], masks=[[3 <= place < 8 for place in range(30)]])
    hook.remove()
    assert (fed, multiplied) == ([7], [5])


def test_the_chunk_size_does_not_matter(make_learner):
    sequences = ragged_sequences(40, 13)
    found = [
        make_learner(logit_chunk=chunk)[0].log_probs("policy", sequences)[0].logprobs[1:]
        for chunk in (1, 16, 4096)
    ]
    for other in found[1:]:
        torch.testing.assert_close(torch.tensor(other), torch.tensor(found[0]), rtol=0, atol=1e-6)


def test_nothing_to_score(make_learner):
    learner, _ = make_learner()
    assert learner.log_probs("policy", []) == []


@pytest.mark.parametrize("masks", [[[True]], [[True, True, True], None]])
def test_a_mask_has_a_flag_for_each_token(make_learner, masks):
    with pytest.raises(PolicyError) as caught:
        make_learner()[0].log_probs("policy", [[1, 2, 3]], masks=masks)
    assert caught.value.code == "SSP_POLICY_SHAPE_MISMATCH"


@pytest.mark.parametrize(
    ("sequences", "temperature", "code"),
    [
        ([[]], 1.0, "SSP_POLICY_REQUEST_INVALID"),
        ([[1], [5, 211]], 1.0, "SSP_POLICY_TOKEN_OUT_OF_RANGE"),
        ([[-1]], 1.0, "SSP_POLICY_TOKEN_OUT_OF_RANGE"),
        ([[1] * 1025], 1.0, "SSP_POLICY_SEQUENCE_TOO_LONG"),
        ([[1, 2]], 0.0, "SSP_POLICY_REQUEST_INVALID"),
        ([[1, 2]], float("nan"), "SSP_POLICY_REQUEST_INVALID"),
    ],
)
def test_malformed_sequences_are_refused(make_learner, sequences, temperature, code):
    learner, _ = make_learner()
    with pytest.raises(PolicyError) as caught:
        learner.log_probs("policy", sequences, temperature=temperature)
    assert caught.value.code == code


class LargestTensor(TorchDispatchMode):
    """Remembers the most elements that any result of an operation had."""

    elements = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        for tensor in result if isinstance(result, tuple | list) else [result]:
            if isinstance(tensor, torch.Tensor):
                self.elements = max(self.elements, tensor.numel())
        return result


def test_a_long_sequence_never_has_its_whole_logit_matrix():
    positions, vocabulary, chunk = 12_000, 152_000, 20
    hidden = torch.randn(positions, 2)
    head = Head(torch.randn(vocabulary, 2))
    # Few distinct rows are needed to see the sizes: every fiftieth chunk stands for the others.
    tokens = torch.randint(vocabulary, (positions,))
    picked = slice(0, 40 * chunk)
    with LargestTensor() as largest:
        score_tokens(
            hidden[picked], head, tokens[picked], temperature=1.0, chunk=chunk, entropy=True
        )
        backward_through_head(
            hidden[picked],
            head,
            tokens[picked],
            torch.ones(40 * chunk),
            temperature=1.0,
            chunk=chunk,
            entropy=True,
            weight_sum=torch.zeros(vocabulary, 2),
        )
    assert largest.elements == chunk * vocabulary
