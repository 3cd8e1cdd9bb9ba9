"""All that answers requests once the model is loaded."""

from dataclasses import dataclass

from ssp_policy.device_thread import DeviceThread
from ssp_policy.http.chat import ChatCompletions
from ssp_policy.http.choices import Sampling
from ssp_policy.http.completions import Completions
from ssp_policy.http.metrics import Metrics
from ssp_policy.http.remembered_replies import RememberedReplies
from ssp_policy.http.sample_requests import TokenNames
from ssp_policy.http.training_routes import TrainingRoutes
from ssp_policy.parts import Parts
from ssp_policy.settings import Settings


@dataclass(frozen=True)
class Handlers:
    """The answering objects of one loaded service."""

    parts: Parts
    completions: Completions
    chat: ChatCompletions
    training: TrainingRoutes


def make_handlers(
    parts: Parts, device: DeviceThread, metrics: Metrics, settings: Settings
) -> Handlers:
    """Join the model's parts with the routes."""
    sampling = Sampling(parts.engine, device, metrics)
    names = TokenNames(parts.engine.token_bytes)
    limit = settings.max_waiting
    replies = RememberedReplies(device)
    return Handlers(
        parts,
        Completions(parts, sampling, names, limit),
        ChatCompletions(parts, sampling, names, limit),
        TrainingRoutes(parts, device, replies, metrics, settings.checkpoints.absolute()),
    )
