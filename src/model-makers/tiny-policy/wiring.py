"""The weights that the tiny policy begins with.

To look up a fact, heads of three layers must work together: some tell a word which words stand before
it, some tell a value whose passage it stands in, and some find the value whose relation and subject
are those asked for, and say it. Each part is worth nothing without the others, so from small random
weights it takes very long until they meet. Here they begin as parts that fit, if noisily; everything
is trained on from there. Where each head looks is taught (looking.py).
"""

from __future__ import annotations

import torch
from transformers import Qwen3ForCausalLM

LOUDNESS = 2.0
"""How strongly the heads of layer 2 say what they look at."""

SLOW_SHARE = 0.58
"""Share of a head's rotary pairs that turn so little over a prompt that words can be compared there."""

SUBJECT, RELATION, START, _ = range(4)
"""Heads of layer 1, by what they look at."""
SAYING_HEADS, LINK = (0, 1, 3), 2
"""Heads of layer 2."""


@torch.no_grad()
def wire(model: Qwen3ForCausalLM) -> None:
    """Sets embeddings, the final norm, and the attention of the layers 0 to 2."""
    embedding = model.model.embed_tokens.weight
    embedding.normal_()  # at the usual .02 the layers would drown the word where it is to be read
    embedding[:, 0] = 3.0  # equal for all: what heads that look at a distance alone can hold on to
    model.model.norm.weight.fill_(0.1)  # so that the first logits are small
    back, about, find, _ = (layer.self_attn for layer in model.model.layers)
    size = back.head_dim
    heads = [slice(head * size, (head + 1) * size) for head in range(4)]
    reading = _orthogonal(size)
    for attention in (back, about):
        for head in heads:
            attention.v_proj.weight[head] = reading
            attention.o_proj.weight[:, head] = _orthogonal(size).T
    about.v_proj.weight[heads[RELATION]] = _orthogonal(size)
    _wire_finding(find, heads, reading, *([a.o_proj.weight[:, head] for head in heads] for a in (back, about)))


def _wire_finding(find, heads, reading_D_H, back_4_H_D, about_4_H_D) -> None:
    """`back` and `about` are the directions in which the heads of the layers 0 and 1 write."""
    find.q_proj.weight.normal_(std=0.05)
    find.k_proj.weight.normal_(std=0.05)
    for head in SAYING_HEADS:
        # "Zeiski Mogorg builder:" has its subject's last word two or three back (a relation has one or
        # two words), the first one three or four back.
        last = back_4_H_D[1] + back_4_H_D[2], about_4_H_D[SUBJECT]
        first = back_4_H_D[2] + back_4_H_D[3], about_4_H_D[START]
        _compare(find, heads[head], last, first)
        said = _orthogonal(reading_D_H.shape[0])
        find.v_proj.weight[heads[head]] = said
        find.o_proj.weight[:, heads[head]] = LOUDNESS * said.T
    # "Grani Goazark:" is found where it stands, and its passage's first word is said.
    last, first = (back_4_H_D[0], reading_D_H.T), (back_4_H_D[1], back_4_H_D[0])
    _compare(find, heads[LINK], last, first)
    find.v_proj.weight[heads[LINK]] = about_4_H_D[START].T
    find.o_proj.weight[:, heads[LINK]] = LOUDNESS * reading_D_H.T


def _compare(attention, head: slice, last, first) -> None:
    """Lets a head compare what queries and keys hold of a name's last and of its first word."""
    half = attention.head_dim // 2
    slow = torch.arange(round(half * (1 - SLOW_SHARE)), half)
    parts = slow[: len(slow) // 2], slow[len(slow) // 2 :]
    chosen = torch.randperm(attention.head_dim)
    for pairs, (asked_H_D, held_H_D) in zip(parts, (last, first), strict=True):
        dims = torch.cat([pairs, pairs + half])
        rows, chosen = chosen[: len(dims)], chosen[len(dims) :]
        attention.q_proj.weight[head][dims] = asked_H_D[:, rows].T
        attention.k_proj.weight[head][dims] = held_H_D[:, rows].T


def _orthogonal(rows: int, columns: int = 128) -> torch.Tensor:
    return torch.nn.init.orthogonal_(torch.empty(rows, columns))
