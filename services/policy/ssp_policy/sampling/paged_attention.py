"""The attention function "ssp" of transformers models: paged for sampling, plain for training.

A batch of the sampling engine is one packed row of tokens (1, T): first the sequences that take one
token each, then chunks of prompts. The engine hands a `PagedBatch` to the model's forward pass, and
transformers hands it on to the attention function of every layer. Without one the function is
transformers' own SDPA.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from ssp_policy.sampling.paged_cache import PagedCache

ATTENTION_NAME = "ssp"


@dataclass
class DecodeRows:
    """Sequences of similar length that take one token each: tokens `start` to `stop` - 1."""

    start: int
    stop: int
    table_B: torch.Tensor
    """Their blocks, filled up to the same number each."""
    mask_R_L: torch.Tensor
    """True where a sequence has a token."""

    def attend(self, query: torch.Tensor, cache: PagedCache, layer: int, scale: float) -> Any:
        """Attend to each row's own blocks; query and result are (rows, heads, head_dim).

        The query heads that share a key head are taken as so many positions of that head, so the
        keys need not be repeated.
        """
        rows, heads, size = query.shape
        keys, values = cache.gather(layer, self.table_B, rows)
        grouped = query.view(rows, keys.shape[1], -1, size)
        mask = self.mask_R_L[:, None, None, :]
        out = scaled_dot_product_attention(grouped, keys, values, attn_mask=mask, scale=scale)
        return out.reshape(rows, heads, size)


@dataclass
class PromptChunk:
    """Consecutive tokens of one sequence: tokens `start` to `stop` - 1 of the batch."""

    start: int
    stop: int
    table_B: torch.Tensor
    """The sequence's blocks up to the end of the chunk."""
    mask_T_L: torch.Tensor
    """True where a token of the chunk sees a position."""

    def attend(self, query: torch.Tensor, cache: PagedCache, layer: int, scale: float) -> Any:
        """Attend to the sequence's past and the chunk; query and result are (T, heads, size)."""
        keys, values = cache.gather(layer, self.table_B, 1)
        repeats = query.shape[1] // keys.shape[1]
        out = scaled_dot_product_attention(
            query.transpose(0, 1).unsqueeze(0),
            keys.repeat_interleave(repeats, 1),
            values.repeat_interleave(repeats, 1),
            attn_mask=self.mask_T_L,
            scale=scale,
        )
        return out[0].transpose(0, 1)


@dataclass
class PagedBatch:
    """Where the keys and values of a batch go, and what each of its tokens attends to."""

    cache: PagedCache
    slots_T: torch.Tensor
    parts: list[DecodeRows | PromptChunk]
    """They cover all T tokens, in order."""


def ssp_attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    scaling: float,
    paged: PagedBatch | None = None,
    **kwargs: Any,
) -> tuple[torch.Tensor, None]:
    """Attend; with `paged` the batch is (1, heads, T, head_dim) and the result (1, T, heads, size).

    The whole batch is written before anything is read, so that a sequence may read, in the same
    batch, a block that another one has just written.
    """
    if paged is None:
        plain = ALL_ATTENTION_FUNCTIONS["sdpa"]
        return plain(module, query, key, value, attention_mask, scaling=scaling, **kwargs)
    layer = int(module.layer_idx)  # pyright: ignore[reportArgumentType]
    query_T, key_T, value_T = (tensor[0].transpose(0, 1) for tensor in (query, key, value))
    paged.cache.write(layer, paged.slots_T, key_T, value_T)
    outs = [
        part.attend(query_T[part.start : part.stop], paged.cache, layer, scaling)
        for part in paged.parts
    ]
    return torch.cat(outs).unsqueeze(0), None


def register() -> None:
    """Make the name "ssp" known to transformers as an attention implementation."""
    AttentionInterface.register(ATTENTION_NAME, ssp_attention)
    AttentionMaskInterface.register(ATTENTION_NAME, ALL_MASK_ATTENTION_FUNCTIONS["sdpa"])


register()
