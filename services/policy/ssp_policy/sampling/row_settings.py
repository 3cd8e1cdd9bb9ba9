"""The sampler's settings for the rows of a batch, from their requests."""

import torch

from ssp_policy.sampling.sequence import Sequence
from ssp_policy.sampling.token_sampler import RowSettings


def row_settings(
    sequences: list[Sequence],
    eos_token_ids: frozenset[int],
    vocab_size: int,
    device: torch.device,
) -> RowSettings:
    """Collect what each row is sampled with."""
    requests = [sequence.request for sequence in sequences]
    integers = torch.tensor(
        [[each.seed, len(each.tokens), each.request.top_k] for each in sequences],
        dtype=torch.int64,
        device=device,
    ).view(-1, 3)
    reals = torch.tensor(
        [[request.temperature, request.top_p] for request in requests],
        dtype=torch.float64,
        device=device,
    ).view(-1, 2)
    truncated = [
        row
        for row, request in enumerate(requests)
        if request.temperature > 0 and (request.top_k > 0 or request.top_p < 1)
    ]
    return RowSettings(
        seeds_R=integers[:, 0],
        positions_R=integers[:, 1],
        top_ks_R=integers[:, 2],
        temperatures_R=reals[:, 0],
        top_ps_R=reals[:, 1],
        draws=any(request.temperature > 0 for request in requests),
        truncated=truncated,
        forbidden=_forbidden(sequences, eos_token_ids, vocab_size),
        top=max((request.top_logprobs for request in requests), default=0),
    )


def _forbidden(
    sequences: list[Sequence], eos_token_ids: frozenset[int], vocab_size: int
) -> tuple[list[int], list[int]]:
    """Pair rows with the tokens that would end them before their `min_tokens`.

    A stop token that the model does not have ends nothing; as an index it would fail the batch.
    """
    rows: list[int] = []
    tokens: list[int] = []
    for row, sequence in enumerate(sequences):
        request = sequence.request
        if sequence.sampled < request.min_tokens:
            ends = request.stop_token_ids | (frozenset() if request.ignore_eos else eos_token_ids)
            own = sorted(token for token in ends if token < vocab_size)
            rows += [row] * len(own)
            tokens += own
    return rows, tokens
