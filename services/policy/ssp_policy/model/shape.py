"""Sizes of a model, known from its configuration without reading a weight."""

from dataclasses import dataclass

import torch
from torch import nn
from transformers import AutoModelForCausalLM, PreTrainedConfig


@dataclass(frozen=True)
class ModelShape:
    """Counts of parameters and widths of a layer."""

    parameters: int
    """All, tied ones once."""
    linear_parameters: int
    """In matrix products for each token: all layers and the head, not the embedding."""
    adapter_parameters_per_rank: int
    """Of a LoRA adapter of rank 1 on all linear layers but the head."""
    layers: int
    hidden: int
    inner: int
    """Width inside the feed-forward block."""
    queries: int
    """Heads x width of a head."""
    keys: int
    """Key heads x width of a head."""
    vocabulary: int
    context: int

    def kv_bytes_per_token(self, number_bytes: int) -> int:
        """Give the bytes of one token's keys and values in all layers."""
        return 2 * self.layers * self.keys * number_bytes


def shape_of(config: PreTrainedConfig) -> ModelShape:
    """Build the model without memory for its weights, and count."""
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
    linear = [module for module in model.modules() if isinstance(module, nn.Linear)]
    head = model.get_output_embeddings()
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    return ModelShape(
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        linear_parameters=sum(module.weight.numel() for module in linear),
        adapter_parameters_per_rank=sum(
            module.in_features + module.out_features for module in linear if module is not head
        ),
        layers=config.num_hidden_layers,
        hidden=config.hidden_size,
        inner=config.intermediate_size,
        queries=config.num_attention_heads * width,
        keys=config.num_key_value_heads * width,
        vocabulary=config.vocab_size,
        context=config.max_position_embeddings,
    )
