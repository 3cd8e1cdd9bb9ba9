"""Loading a model and putting the service's parts around it."""

import time
from typing import Any

import torch

from ssp_policy.learner.learner import Learner
from ssp_policy.model.device import choose_device, choose_dtype
from ssp_policy.model.facts import describe
from ssp_policy.model.folder import read_config
from ssp_policy.model.loading import Progress, load_model
from ssp_policy.model.machine import free_memory
from ssp_policy.model.memory import MemoryPlan, plan_memory
from ssp_policy.model.shape import ModelShape, shape_of
from ssp_policy.model.weights import Weights
from ssp_policy.parts import Parts, SeedSource
from ssp_policy.sampling.engine import SamplingEngine
from ssp_policy.sampling.request import SamplingLimits
from ssp_policy.settings import Settings

_BLOCK_TOKENS = 16


def preflight(settings: Settings) -> dict[str, Any]:
    """Give the memory that the settings need, part by part, as JSON values and as a table.

    Nothing is loaded. Raises SSP_POLICY_MODEL_UNSUPPORTED and SSP_POLICY_DEVICE_UNAVAILABLE; what
    does not fit is told, not raised.
    """
    plan, _ = _plan(settings)
    return plan.body()


def load_parts(settings: Settings, progress: Progress) -> Parts:
    """Load the model and all that works on it; on the device's thread.

    Raises SSP_POLICY_DOES_NOT_FIT, SSP_POLICY_MODEL_UNSUPPORTED, SSP_POLICY_MODEL_UNREADABLE and
    SSP_POLICY_DEVICE_UNAVAILABLE.
    """
    if settings.threads > 0:
        torch.set_num_threads(settings.threads)
    plan, shape = _plan(settings)
    plan.check()
    loaded = load_model(settings, attention="ssp", progress=progress)
    progress(1.0, "preparing the reference and the optimizer")
    weights = Weights(loaded, settings)
    learner = Learner(weights, settings)
    engine = SamplingEngine(weights, _limits(settings, plan, shape))
    return Parts(
        weights=weights,
        engine=engine,
        learner=learner,
        facts=lambda: describe(weights, shape, settings),
        seeds=SeedSource(settings.seed),
        loaded_at=time.time(),
    )


def _plan(settings: Settings) -> tuple[MemoryPlan, ModelShape]:
    device = choose_device(settings)
    shape = shape_of(read_config(settings.model))
    return plan_memory(settings, shape, device, free_memory(device)), shape


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
