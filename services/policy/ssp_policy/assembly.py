"""Loading a model and putting the service's parts around it."""

import time

import torch

from ssp_policy.learner.learner import Learner
from ssp_policy.logs import log_event
from ssp_policy.model.adapter import with_its_rank
from ssp_policy.model.device import choose_device, choose_dtype
from ssp_policy.model.facts import describe
from ssp_policy.model.fitting import Fitted, fit_memory
from ssp_policy.model.folder import read_config
from ssp_policy.model.loading import Progress, load_model
from ssp_policy.model.machine import free_memory
from ssp_policy.model.memory import MemoryPlan
from ssp_policy.model.processor import warn_of_slow_numbers
from ssp_policy.model.shape import ModelShape, shape_of
from ssp_policy.model.tokenizer import check_tokenizer
from ssp_policy.model.weights import Weights
from ssp_policy.parts import Parts, SeedSource
from ssp_policy.sampling.engine import SamplingEngine
from ssp_policy.sampling.request import SamplingLimits
from ssp_policy.settings import Settings

_BLOCK_TOKENS = 16


def preflight(settings: Settings) -> MemoryPlan:
    """Give the memory that the settings need, part by part.

    Nothing is loaded. Raises SSP_POLICY_MODEL_UNSUPPORTED, SSP_POLICY_TOKENIZER_REFUSED,
    SSP_POLICY_ADAPTER_REFUSED and SSP_POLICY_DEVICE_UNAVAILABLE; what does not fit is told, not
    raised.
    """
    return _fit(settings)[0].plan


def load_parts(settings: Settings, progress: Progress) -> Parts:
    """Load the model and all that works on it; on the device's thread.

    Raises SSP_POLICY_DOES_NOT_FIT, SSP_POLICY_MODEL_UNSUPPORTED, SSP_POLICY_MODEL_UNREADABLE,
    SSP_POLICY_ADAPTER_REFUSED and SSP_POLICY_DEVICE_UNAVAILABLE.
    """
    if settings.threads > 0:
        torch.set_num_threads(settings.threads)
    fitted, shape = _fit(settings)
    settings, plan = fitted.settings, fitted.plan
    plan.check()
    log_event(
        "memory",
        needs=plan.needs(),
        gradient_checkpointing=settings.gradient_checkpointing,
        micro_batch_tokens=settings.training_tokens,
        kv_cache_bytes=plan.kv_cache_bytes,
    )
    warn_of_slow_numbers(settings)
    loaded = load_model(settings, attention="ssp", progress=progress)
    progress(1.0, "preparing the reference and the optimizer")
    weights = Weights(loaded, settings)
    learner = Learner(weights, settings)
    engine = SamplingEngine(weights, _limits(settings, plan, shape))
    progress(1.0, "warming up")
    engine.warm_up()
    return Parts(
        weights=weights,
        engine=engine,
        learner=learner,
        facts=lambda: describe(weights, shape, settings) | {"kv_cache_bytes": plan.kv_cache_bytes},
        seeds=SeedSource(settings.seed),
        loaded_at=time.time(),
    )


def _fit(settings: Settings) -> tuple[Fitted, ModelShape]:
    device = choose_device(settings)
    config = read_config(settings.model)
    check_tokenizer(settings.model, config.vocab_size)
    settings = with_its_rank(settings)
    shape = shape_of(config)
    return fit_memory(settings, shape, device, free_memory(device)), shape


def _limits(settings: Settings, plan: MemoryPlan, shape: ModelShape) -> SamplingLimits:
    dtype = choose_dtype(settings, choose_device(settings))
    number_bytes = torch.float64.itemsize if settings.exact_sampling else dtype.itemsize
    block_bytes = shape.kv_bytes_per_token(number_bytes) * _BLOCK_TOKENS
    return SamplingLimits(
        blocks=max(1, plan.kv_cache_bytes // block_bytes),
        block_size=_BLOCK_TOKENS,
        max_running=settings.max_running,
        max_waiting=settings.max_waiting,
        prefill_tokens=settings.prefill_tokens,
        max_sequence_tokens=settings.max_sequence_tokens,
    )
