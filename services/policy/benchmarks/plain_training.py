"""The usual way with transformers alone: pad, one forward pass, autograd, AdamW."""

from pathlib import Path

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from transformers import AutoModelForCausalLM


class PlainTraining:
    """A model in fp32, trained in batches of so many sequences in the order they come in."""

    def __init__(self, folder: Path, batch: int) -> None:
        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        self._batch = batch
        self._optimizer = torch.optim.AdamW(self.model.parameters(), weight_decay=0)

    def log_probs(self, sequences: list[list[int]]) -> list[list[float]]:
        """Score each token but the first, given those before it."""
        scores: list[list[float]] = []
        with torch.no_grad():
            for start in range(0, len(sequences), self._batch):
                part = sequences[start : start + self._batch]
                rows = self._scores(part)
                scores += [
                    row[: len(tokens) - 1].tolist() for row, tokens in zip(rows, part, strict=True)
                ]
        return scores

    def accumulate(self, sequences: list[list[int]], weights: list[list[float]]) -> None:
        """Add the gradient of the sum of weight x log-probability."""
        for start in range(0, len(sequences), self._batch):
            scores = self._scores(sequences[start : start + self._batch])
            rows = [torch.tensor(row[1:]) for row in weights[start : start + self._batch]]
            (scores * pad_sequence(rows, batch_first=True)).sum().backward()

    def train(self, sequences: list[list[int]], weights: list[list[float]], lr: float) -> None:
        """Take one step down the gradient."""
        self.accumulate(sequences, weights)
        self._optimizer.param_groups[0]["lr"] = lr
        self._optimizer.step()
        self._optimizer.zero_grad()

    def _scores(self, sequences: list[list[int]]) -> Tensor:
        """Give log-probs [batch, longest - 1]; those of pads mean nothing."""
        rows = [torch.tensor(tokens) for tokens in sequences]
        tokens_BT = pad_sequence(rows, batch_first=True)
        lengths_B = torch.tensor([len(tokens) for tokens in sequences])
        mask_BT = torch.arange(tokens_BT.shape[1]) < lengths_B[:, None]
        logits = self.model(input_ids=tokens_BT, attention_mask=mask_BT.long()).logits
        log_probs = logits[:, :-1].log_softmax(-1)
        return log_probs.gather(-1, tokens_BT[:, 1:, None])[..., 0]
