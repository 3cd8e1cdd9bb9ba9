"""Forward passes of right-padded micro-batches up to the hidden states."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ssp_policy.learner.log_probs import Head


@dataclass(frozen=True)
class Padded:
    """Sequences side by side; pads stand after the real tokens, where no real token looks."""

    inputs: Tensor
    """[batch, width]: the tokens that are fed."""
    places: Tensor
    """[positions]: where the real tokens stand in the flattened batch, row by row."""
    targets: Tensor
    """[positions]: the tokens that they predict."""


def pad(sequences: Sequence[Sequence[int]], device: torch.device) -> Padded:
    """Lay out sequences of at least two tokens; the last token of each is predicted, not fed."""
    width = max(len(tokens) for tokens in sequences) - 1
    inputs = torch.zeros(len(sequences), width, dtype=torch.long)
    places: list[Tensor] = []
    targets: list[int] = []
    for row, tokens in enumerate(sequences):
        length = len(tokens) - 1
        inputs[row, :length] = torch.tensor(tokens[:-1])
        places.append(torch.arange(row * width, row * width + length))
        targets.extend(tokens[1:])
    return Padded(
        inputs.to(device), torch.cat(places).to(device), torch.tensor(targets, device=device)
    )


def hidden_states(model: nn.Module, batch: Padded) -> Tensor:
    """Give the last hidden states [positions, hidden] of the batch's real positions."""
    decoder = model.get_decoder()  # pyright: ignore[reportCallIssue]
    hidden_BTH = decoder(input_ids=batch.inputs, use_cache=False).last_hidden_state
    return hidden_BTH.flatten(0, 1).index_select(0, batch.places)


def head_of(model: nn.Module) -> Head:
    """Give the model's output projection."""
    return Head(model.get_output_embeddings().weight)  # pyright: ignore[reportCallIssue]
