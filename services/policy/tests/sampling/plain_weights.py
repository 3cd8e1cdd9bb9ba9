"""Weights as the sampling engine needs them: modules by name, with a version that tests set."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from transformers import PreTrainedTokenizerBase

from ssp_policy.errors import PolicyError


class PlainWeights:
    """Named modules; `versions` counts the changes of each."""

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerBase | None = None,
        eos_token_ids: frozenset[int] = frozenset(),
        **modules: torch.nn.Module,
    ) -> None:
        self.modules = modules
        self.versions = dict.fromkeys(modules, 0)
        self.tokenizer = tokenizer
        self.eos_token_ids = eos_token_ids
        config = next(iter(modules.values())).config
        self.vocab_size = config.vocab_size
        self.max_length = config.max_position_embeddings
        self.device = torch.device("cpu")

    def version(self, model: str) -> str:
        if model not in self.modules:
            raise PolicyError("SSP_POLICY_MODEL_UNKNOWN", model=model, models=list(self.modules))
        return f"{model}@{self.versions[model]}"

    @contextmanager
    def for_sampling(self, model: str) -> Iterator[torch.nn.Module]:
        yield self.modules[model]
