"""A learner over a tiny model folder, and the plain transformers model of the same weights."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from make_settings import make_settings
from tiny_models import Family, tiny_model

from ssp_policy.learner.learner import Learner
from ssp_policy.model.loading import load_model
from ssp_policy.model.weights import Weights
from ssp_policy.sampling.paged_attention import ATTENTION_NAME

MakeLearner = Callable[..., tuple[Learner, Weights]]


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture
def make_learner(tmp_path: Path) -> MakeLearner:
    def make(family: Family = "qwen3", *, tied: bool = True, **changes: Any):
        folder = tmp_path / f"{family}-{tied}"
        if not folder.exists():
            tiny_model(family, vocab_size=211, tied=tied).save_pretrained(folder)
        settings = make_settings(folder, **changes)
        weights = Weights(load_model(settings, attention=ATTENTION_NAME), settings)
        return Learner(weights, settings), weights

    return make


def ragged_sequences(*lengths: int, seed: int = 1, vocab_size: int = 211) -> list[list[int]]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.randint(vocab_size, (n,), generator=generator).tolist() for n in lengths]


def token_weights(sequences: Sequence[Sequence[int]], seed: int = 2) -> list[list[float]]:
    """Random weights of both signs, a third of them 0, the first always."""
    generator = torch.Generator().manual_seed(seed)
    rows = [torch.randn(len(s), generator=generator) for s in sequences]
    return [[0.0 if i % 3 == 0 else float(w) for i, w in enumerate(row)] for row in rows]


def plain_log_probs(model: torch.nn.Module, tokens: list[int], temperature: float = 1.0):
    """The textbook way, from the whole matrix of logits."""
    logits = model(input_ids=torch.tensor([tokens])).logits[0, :-1] / temperature
    return logits.log_softmax(-1).gather(-1, torch.tensor(tokens[1:])[:, None])[:, 0]
