"""What GET /v1/facts tells about the model."""

from typing import Any

from ssp_policy.model.device import uses_checkpointing
from ssp_policy.model.machine import used_memory
from ssp_policy.model.shape import ModelShape
from ssp_policy.model.weights import Weights
from ssp_policy.settings import Settings


def describe(weights: Weights, shape: ModelShape, settings: Settings) -> dict[str, Any]:
    """Describe the model and its present state in plain JSON values.

    The floating-point operations of one trained token are
    `flops_per_token + flops_per_token_and_context x its position`: 6 for each weight in a matrix
    product (2 forward, 4 backward; Kaplan et al., 2020) and 12 for each layer, query width and
    earlier token. They are the useful ones: activations computed a second time do not count.
    """
    config = weights.config
    return {
        "architecture": (config.architectures or [type(weights.live).__name__])[0],
        "family": config.model_type,
        "parameters": shape.parameters,
        "trainable": sum(parameter.numel() for parameter in weights.trained.values()),
        "mode": "full" if settings.full else "lora",
        "lora_rank": None if settings.full else settings.lora_rank,
        "context_length": shape.context,
        "max_sequence_tokens": weights.max_length,
        "vocab": weights.vocab_size,
        "eos_token_ids": sorted(weights.eos_token_ids),
        "has_tokenizer": weights.tokenizer is not None,
        "tied_embeddings": bool(config.tie_word_embeddings),
        "dtype": str(weights.dtype).removeprefix("torch."),
        "device": str(weights.device),
        "exact_sampling": settings.exact_sampling,
        "gradient_checkpointing": uses_checkpointing(settings, weights.device),
        "micro_batch_tokens": settings.training_tokens,
        "models": weights.names(),
        "weights_version": weights.version("policy"),
        "flops_per_token": 6 * shape.linear_parameters,
        "flops_per_token_and_context": 12 * shape.layers * shape.queries,
        "memory": used_memory(weights.device),
    }
