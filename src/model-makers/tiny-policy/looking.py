"""A loss that teaches attention heads where to look, without a change to the model.

transformers lets an implementation of attention be registered by name. The one here is PyTorch's own
and keeps queries and keys of each layer, so that the loss can be computed from them.
"""

from __future__ import annotations

import torch
from examples import Batch
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

NAME = "observed"

BACK_HEADS = (0, 1, 2, 3)
"""Heads of layer 0, which look one to four tokens back."""

TAUGHT = {
    "subjects": ((1, 0),),
    "starts": ((1, 2),),
    "relations": ((1, 1),),
    "copies": ((2, 0), (2, 1), (2, 3)),
    "links": ((2, 2),),
}
"""The heads, as (layer, head), that learn each sort of look."""

PLACES = 256
"""So many places of each sort are drawn from a batch, at most."""

_observed: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}
"""By layer: queries and keys of the last forward pass, both (B, heads, T, head_dim)."""


def observed_attention(module, query, key, value, attention_mask, **kwargs):
    _observed[module.layer_idx] = (query, key)
    return ALL_ATTENTION_FUNCTIONS["sdpa"](module, query, key, value, attention_mask, **kwargs)


AttentionInterface.register(NAME, observed_attention)
AttentionMaskInterface.register(NAME, ALL_MASK_ATTENTION_FUNCTIONS["sdpa"])


def looking_losses(batch: Batch) -> dict[str, torch.Tensor]:
    """Of the last forward pass, for each sort of look: its heads' mean of -log(attention paid)."""
    losses = {"back": _back_loss(batch.tokens_B_T.shape)}
    for name, heads in TAUGHT.items():
        looks = batch.looks[name]
        drawn = looks[torch.randperm(len(looks))[:PLACES]]
        losses[name] = sum(_head_loss(layer, head, drawn) for layer, head in heads) / len(heads)
    return losses


def _back_loss(shape: torch.Size) -> torch.Tensor:
    rows_N = torch.randint(shape[0], (PLACES,))
    places_N = torch.randint(len(BACK_HEADS), shape[1], (PLACES,))
    looks = [torch.stack([rows_N, places_N, places_N - 1 - back], 1) for back in range(len(BACK_HEADS))]
    return sum(_head_loss(0, head, look) for head, look in zip(BACK_HEADS, looks, strict=True)) / len(BACK_HEADS)


def _head_loss(layer: int, head: int, looks_N_3: torch.Tensor) -> torch.Tensor:
    """Look n: position `[n, 1]` of sequence `[n, 0]` should look at `[n, 2]`, at or before it."""
    query, key = _observed[layer]
    if len(looks_N_3) == 0:
        return query.new_zeros(())
    rows_N, places_N, sources_N = looks_N_3.T
    logits_N_T = torch.einsum("nd,ntd->nt", query[rows_N, head, places_N], key[rows_N, head])
    later_N_T = torch.arange(key.shape[2]) > places_N[:, None]
    scaled_N_T = (logits_N_T * query.shape[-1] ** -0.5).masked_fill(later_N_T, float("-inf"))
    return torch.nn.functional.cross_entropy(scaled_N_T, sources_N)
