"""Forward passes of right-padded micro-batches up to the hidden states."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from ssp_policy.learner.log_probs import Head
from ssp_policy.learner.micro_batches import plan_micro_batches
from ssp_policy.learner.prefix_tree import FedNodes, PrefixTree, plan_trees
from ssp_policy.learner.requests import Tokens

Places = Sequence[Sequence[int]]
"""Of each sequence the places of the wanted tokens, rising; 0 is none: nothing predicts it."""


@dataclass(frozen=True)
class MicroBatch:
    """Trees side by side; pads stand after the fed nodes, where none of these looks."""

    inputs: Tensor
    """[batch, width]: the tokens that are fed."""
    positions: Tensor | None
    """[batch, width]: of the tokens in their sequences; None where they are those in the row."""
    mask: Tensor | None
    """[batch, 1, width, width], added to attention; None where a token sees all before it."""
    places: Tensor
    """[positions]: where the wanted tokens are predicted in the flattened batch."""
    targets: Tensor
    """[positions]: the wanted tokens, each once that several sequences share."""
    seats: dict[int, list[int]]
    """Of each sequence the positions of its wanted tokens, by the sequence's number."""


def micro_batches(
    sequences: Sequence[Tokens], wanted: Places, max_tokens: int, model: nn.Module
) -> Generator[MicroBatch]:
    """Lay out all that it takes to predict the wanted tokens, of at most `max_tokens` each.

    Sequences are fed up to the last wanted token, and what they share once; those of which nothing
    is wanted are in no batch.
    """
    like = next(model.parameters())
    ends = [places[-1] + 1 if places else 0 for places in wanted]
    cut = [sequence[:end] for sequence, end in zip(sequences, ends, strict=True)]
    trees = [(tree, tree.fed()) for tree in plan_trees(cut, max_tokens)]
    for group in plan_micro_batches([len(fed.tokens) for _, fed in trees], max_tokens):
        yield _lay_out([trees[index] for index in group], wanted, like.device, like.dtype)


def _lay_out(
    trees: Sequence[tuple[PrefixTree, FedNodes]],
    wanted: Places,
    device: torch.device,
    dtype: torch.dtype,
) -> MicroBatch:
    rows = [fed for _, fed in trees]
    shape = (len(rows), max(len(fed.tokens) for fed in rows))
    is_plain = all(fed.is_chain for fed in rows)
    places: list[int] = []
    targets: list[int] = []
    seats: dict[int, list[int]] = {}
    for row, (tree, fed) in enumerate(trees):
        seat_of: dict[int, int] = {}
        for number, path in tree.paths.items():
            nodes = [path[place] for place in wanted[number]]
            for node in nodes:
                if node not in seat_of:
                    seat_of[node] = len(places)
                    places.append(row * shape[1] + fed.places[tree.parents[node]])
                    targets.append(tree.tokens[node])
            seats[number] = [seat_of[node] for node in nodes]
    return MicroBatch(
        _filled([fed.tokens for fed in rows], shape).to(device),
        None if is_plain else _filled([fed.depths for fed in rows], shape).to(device),
        None if is_plain else _mask(rows, shape[1], dtype).to(device),
        torch.tensor(places, device=device),
        torch.tensor(targets, device=device),
        seats,
    )


def _filled(rows: Sequence[Sequence[int]], shape: tuple[int, int]) -> Tensor:
    filled = np.zeros(shape, dtype=np.int64)
    for row, values in enumerate(rows):
        filled[row, : len(values)] = values
    return torch.from_numpy(filled)


def _mask(rows: Sequence[FedNodes], width: int, dtype: torch.dtype) -> Tensor:
    """Give 0 where a token sees another and minus infinity elsewhere, once for all layers.

    A pad sees itself, for attention to nothing is not a number.
    """
    seen = np.broadcast_to(np.eye(width, dtype=bool), (len(rows), width, width)).copy()
    for row, fed in enumerate(rows):
        seen[row, : len(fed.tokens), : len(fed.tokens)] = fed.seen()
    hidden = torch.from_numpy(~seen).unsqueeze(1)
    return torch.zeros(hidden.shape, dtype=dtype).masked_fill_(hidden, -torch.inf)


def hidden_states(model: nn.Module, batch: MicroBatch) -> Tensor:
    """Give the last hidden states [positions, hidden] that predict the wanted tokens."""
    decoder = model.get_decoder()  # pyright: ignore[reportCallIssue]
    hidden_BTH = decoder(
        input_ids=batch.inputs,
        position_ids=batch.positions,
        attention_mask=batch.mask,
        use_cache=False,
    ).last_hidden_state
    return hidden_BTH.flatten(0, 1).index_select(0, batch.places)


def head_of(model: nn.Module) -> Head:
    """Give the model's output projection."""
    return Head(model.get_output_embeddings().weight)  # pyright: ignore[reportCallIssue]
