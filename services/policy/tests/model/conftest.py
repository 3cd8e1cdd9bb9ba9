"""Weights over a tiny model folder."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from make_settings import make_settings
from tiny_models import Family, tiny_model

from ssp_policy.model.loading import load_model
from ssp_policy.model.weights import Weights

MakeWeights = Callable[..., Weights]


@pytest.fixture
def make_weights(tmp_path: Path) -> MakeWeights:
    torch.set_num_threads(1)

    def make(family: Family = "qwen3", **changes: Any) -> Weights:
        folder = tmp_path / family
        if not folder.exists():
            tiny_model(family, vocab_size=211).save_pretrained(folder)
        settings = make_settings(folder, **changes)
        return Weights(load_model(settings), settings)

    return make
