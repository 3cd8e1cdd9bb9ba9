"""The verbs of training: score, accumulate a gradient, step, save and load."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ssp_policy.errors import PolicyError
from ssp_policy.learner.backward import weighted_gradient
from ssp_policy.learner.checkpoint import (
    Saved,
    Steps,
    check_checkpoint,
    forecast_bytes,
    read_checkpoint,
    write_checkpoint,
)
from ssp_policy.learner.gradients import Gradient, add_gradient, norm_of
from ssp_policy.learner.optimizer import AdamWSettings, Optimizer
from ssp_policy.learner.requests import (
    Tokens,
    check_masks,
    check_sequences,
    check_temperature,
    check_weights,
)
from ssp_policy.learner.scoring import Mask, SequenceScores, score_sequences
from ssp_policy.model.device import uses_checkpointing
from ssp_policy.model.free_memory import given_back
from ssp_policy.model.out_of_memory import memory_watched
from ssp_policy.model.weights import Weights
from ssp_policy.settings import Settings

_LOWER = "--micro-batch-tokens, --logit-chunk or --kv-cache-gb, or pass --optimizer-device cpu"


@dataclass(frozen=True)
class BackwardResult:
    """What one call added."""

    tokens: int
    trained_tokens: int
    """Those with a weight that is not 0."""
    total: float
    """Sum of weight x log-probability."""
    pending_sequences: int
    """Sequences of all calls since the last step."""
    scores: list[SequenceScores] | None
    """Of the tokens with a weight; None where not asked for."""


@dataclass(frozen=True)
class StepResult:
    """`grad_norm` is that of the whole gradient before clipping; `step` counts from 1."""

    grad_norm: float
    clipped: bool
    lr: float
    step: int
    weights_version: int


@dataclass(frozen=True)
class Loaded:
    """What came with a checkpoint: the `extra_state` of its `save`, and its manifest's hash."""

    extra_state: dict[str, Any]
    manifest_sha256: str


class Learner:
    """Trains the weights `policy`. One thread uses it; an error leaves everything as it was."""

    def __init__(self, weights: Weights, settings: Settings) -> None:
        self._weights = weights
        self._settings = settings
        if uses_checkpointing(settings, weights.device):
            weights.loaded.model.gradient_checkpointing_enable({"use_reentrant": False})
        on_cpu = settings.optimizer_device == "cpu"
        device = torch.device("cpu") if on_cpu else weights.device
        self._optimizer = Optimizer(weights.trained, device)
        self._step = 0
        self.checkpoint_bytes = forecast_bytes(weights.loaded, self._optimizer.tensors())
        """What `save` will write, without `merged` and the `extra_state`."""
        self._pending: Gradient | None = None
        self.pending_sequences = 0
        """Sequences whose gradient no step has used yet."""

    @property
    def steps(self) -> int:
        """Give the steps since the model folder was loaded; a loaded checkpoint brings its own."""
        return self._step

    def log_probs(
        self,
        model: str,
        sequences: Sequence[Tokens],
        *,
        temperature: float = 1.0,
        entropy: bool = False,
        masks: Sequence[Mask | None] | None = None,
    ) -> list[SequenceScores]:
        """Score each token given those before it, under `softmax(logits / temperature)`.

        `masks` name the tokens that are wanted, one flag a token; None wants all of a sequence.
        Raises SSP_POLICY_MODEL_UNKNOWN, and the 4xx errors of malformed sequences. No sequences
        give an empty list.
        """
        self._check(sequences, temperature)
        check_masks(sequences, masks)
        with (
            memory_watched("scoring", _LOWER),
            self._weights.for_scoring(model) as module,
            given_back(),
        ):
            return score_sequences(
                module,
                sequences,
                temperature=temperature,
                entropy=entropy,
                settings=self._settings,
                masks=masks,
            )

    def backward(
        self,
        sequences: Sequence[Tokens],
        weights: Sequence[Sequence[float]],
        *,
        temperature: float = 1.0,
        scores: bool = False,
    ) -> BackwardResult:
        """Add the gradient of `sum_t weights[t] * log p(tokens[t])` to the pending one.

        `weights[0]` of each sequence must be 0. With `scores` the tokens that have a weight are
        scored in the same pass, as by `log_probs` with their entropy. Raises
        SSP_POLICY_GRADIENT_NOT_FINITE, SSP_POLICY_OUT_OF_MEMORY and the 4xx errors of malformed
        input; then nothing is added.
        """
        self._check(sequences, temperature)
        check_weights(sequences, weights)
        with memory_watched("a backward pass", _LOWER), given_back():
            result = weighted_gradient(
                self._weights.live,
                self._weights.trained,
                sequences,
                weights,
                temperature=temperature,
                settings=self._settings,
                scores=scores,
            )
            self._pending = add_gradient(self._pending, result.gradient)
        self.pending_sequences += len(sequences)
        return BackwardResult(
            tokens=sum(map(len, sequences)),
            trained_tokens=sum(weight != 0 for row in weights for weight in row),
            total=result.total,
            pending_sequences=self.pending_sequences,
            scores=result.scores,
        )

    def step(self, settings: AdamWSettings) -> StepResult:
        """Step down along the pending gradient and drop it.

        Raises SSP_POLICY_NO_GRADIENT, and SSP_POLICY_GRADIENT_NOT_FINITE where the sum of several
        calls overflowed; the gradient stays then.
        """
        norm = norm_of(self._gradient())
        if not math.isfinite(norm):
            raise PolicyError("SSP_POLICY_GRADIENT_NOT_FINITE", what="sum of the gradients")
        limit = settings.max_grad_norm
        clipped = limit is not None and norm > limit
        # The tiny number is that of torch.nn.utils.clip_grad_norm_.
        scale = limit / (norm + 1e-6) if limit is not None and clipped else 1.0
        with memory_watched("an optimizer step", _LOWER):
            self._optimizer.step(self._gradient(), settings, scale=scale)
        self.zero()
        self._step += 1
        self._weights.changed()
        return StepResult(norm, clipped, settings.lr, self._step, self._weights.policy_version)

    def check_step(self) -> None:
        """Raise SSP_POLICY_NO_GRADIENT where `step` would."""
        self._gradient()

    def zero(self) -> None:
        """Drop the pending gradient; nothing pending is no error."""
        self._pending = None
        self.pending_sequences = 0

    def save(
        self,
        folder: Path,
        *,
        merged: bool = False,
        overwrite: bool = False,
        extra_state: Mapping[str, Any] | None = None,
    ) -> Saved:
        """Write a checkpoint that either exists whole or not at all.

        `extra_state` (JSON values) comes back from `load`; `merged` also writes an adapter merged
        into the model. Raises SSP_POLICY_GRADIENT_PENDING, SSP_POLICY_CHECKPOINT_EXISTS,
        SSP_POLICY_SAVE_FAILED.
        """
        self._check_nothing_pending()
        with (
            memory_watched("saving", "the model's size, or save without `merged`"),
            given_back(),
        ):
            return write_checkpoint(
                folder,
                self._weights.loaded,
                self._optimizer.tensors(),
                Steps(self._step, self._weights.policy_version),
                merged=merged,
                overwrite=overwrite,
                extra_state=extra_state or {},
            )

    def check_load(self, folder: Path, *, manifest_sha256: str | None = None) -> None:
        """Raise what `load` would, as far as that shows without reading the tensors."""
        self._check_nothing_pending()
        check_checkpoint(folder, self._weights.loaded, manifest_sha256=manifest_sha256)

    def load(self, folder: Path, *, manifest_sha256: str | None = None) -> Loaded:
        """Take over a checkpoint: weights, optimizer and counters.

        All is verified first, also that its manifest is the one with `manifest_sha256` where that
        is given. Raises SSP_POLICY_GRADIENT_PENDING, SSP_POLICY_CHECKPOINT_UNKNOWN,
        SSP_POLICY_CHECKPOINT_DAMAGED, SSP_POLICY_CHECKPOINT_DIFFERS; then nothing has changed.
        """
        self._check_nothing_pending()
        with memory_watched("loading", "what else uses this machine's memory"):
            checkpoint = read_checkpoint(
                folder, self._weights.loaded, manifest_sha256=manifest_sha256
            )
            with torch.no_grad():
                for name, parameter in self._weights.trained.items():
                    parameter.copy_(checkpoint.weights[name])
            self._optimizer.restore(checkpoint.optimizer, checkpoint.steps.step)
        self._step = checkpoint.steps.step
        self._weights.loaded_version(checkpoint.steps.weights_version)
        return Loaded(checkpoint.extra_state, checkpoint.manifest_sha256)

    def _check(self, sequences: Sequence[Tokens], temperature: float) -> None:
        check_temperature(temperature)
        check_sequences(
            sequences, vocab_size=self._weights.vocab_size, max_length=self._weights.max_length
        )

    def _gradient(self) -> Gradient:
        if self._pending is None:
            raise PolicyError("SSP_POLICY_NO_GRADIENT")
        return self._pending

    def _check_nothing_pending(self) -> None:
        if self._pending is not None:
            raise PolicyError("SSP_POLICY_GRADIENT_PENDING", pending=self.pending_sequences)
