"""Loading a model and putting the service's parts around it."""

import time
from typing import Any

import torch

from ssp_policy.model.loading import Progress, load_model
from ssp_policy.model.weights import Weights
from ssp_policy.parts import Parts, SeedSource
from ssp_policy.sampling.engine import SamplingEngine
from ssp_policy.sampling.request import SamplingLimits
from ssp_policy.settings import Settings
from ssp_policy.training.trainer import Trainer

_BLOCK_TOKENS = 16


def load_parts(settings: Settings, progress: Progress) -> Parts:
    """Load the model and all that works on it; on the device's thread.

    Raises SSP_POLICY_DOES_NOT_FIT, SSP_POLICY_MODEL_UNSUPPORTED, SSP_POLICY_MODEL_UNREADABLE and
    SSP_POLICY_DEVICE_UNAVAILABLE.
    """
    if settings.threads > 0:
        torch.set_num_threads(settings.threads)
    weights = Weights(load_model(settings, attention="ssp", progress=progress), settings)
    trainer = Trainer(weights, settings)
    engine = SamplingEngine(weights, _limits(settings, weights))
    return Parts(
        weights=weights,
        engine=engine,
        trainer=trainer,
        facts=lambda: _facts(weights),
        seeds=SeedSource(settings.seed),
        loaded_at=time.time(),
    )


def _limits(settings: Settings, weights: Weights) -> SamplingLimits:
    config = weights.config
    head_dim = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    size = 8 if settings.exact_sampling else weights.dtype.itemsize
    token_bytes = 2 * config.num_hidden_layers * config.num_key_value_heads * head_dim * size
    blocks = int((settings.kv_cache_gb or 0.5) * 1e9) // (token_bytes * _BLOCK_TOKENS)
    return SamplingLimits(
        blocks=blocks,
        block_size=_BLOCK_TOKENS,
        max_running=settings.max_running,
        max_waiting=settings.max_waiting,
        prefill_tokens=settings.prefill_tokens,
        max_sequence_tokens=settings.max_sequence_tokens,
    )


def _facts(weights: Weights) -> dict[str, Any]:
    return {"vocab": weights.vocab_size, "memory": {"now_bytes": 0, "peak_bytes": 0}}
