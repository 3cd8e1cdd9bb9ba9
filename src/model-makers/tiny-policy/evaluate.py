"""How well the policy continues what oracles said in a world that it has not seen."""

from __future__ import annotations

import torch
from examples import Batch, Kinds, collate
from transformers import Qwen3ForCausalLM

SEQUENCES = 8


@torch.no_grad()
def accuracy(model: Qwen3ForCausalLM, kinds: Kinds, count: int) -> dict[str, dict[str, float]]:
    """By kind, of the first `count` examples: the share of tokens that are most likely given the
    oracle's own words before them, for the first tokens of what is looked up and for all others."""
    model.eval()
    result = {name: _accuracy(model, examples[:count]) for name, examples in kinds.items()}
    model.train()
    return result


def _accuracy(model: Qwen3ForCausalLM, examples) -> dict[str, float]:
    right = {"looked_up": [0, 0], "other": [0, 0]}
    for start in range(0, len(examples), SEQUENCES):
        batch = collate(examples[start : start + SEQUENCES])
        guesses_B_T = model(input_ids=batch.tokens_B_T).logits.argmax(-1)
        first = _looked_up(batch)
        for row, place in batch.trained_N_2.tolist():
            count = right["looked_up" if (row, place) in first else "other"]
            count[0] += int(guesses_B_T[row, place - 1] == batch.tokens_B_T[row, place])
            count[1] += 1
    return {name: round(hits / max(all_, 1), 3) for name, (hits, all_) in right.items()}


def _looked_up(batch: Batch) -> set[tuple[int, int]]:
    """The first tokens of what is copied."""
    looks = torch.cat([batch.looks["copies"], batch.looks["links"]]).tolist()
    copied = {(row, place + 1) for row, place, _ in looks}
    return {(row, place) for row, place in copied if (row, place - 1) not in copied}
