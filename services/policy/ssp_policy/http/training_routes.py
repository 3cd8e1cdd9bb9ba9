"""The routes under /v1/training: each is one job on the device's thread."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from ssp_policy.device_thread import DeviceThread
from ssp_policy.errors import PolicyError
from ssp_policy.http.metrics import Metrics
from ssp_policy.http.remembered_replies import RememberedReplies
from ssp_policy.http.replies import json_reply
from ssp_policy.http.schemas import (
    BackwardRequest,
    CheckpointName,
    EmptyRequest,
    LoadRequest,
    LogProbsRequest,
    SaveRequest,
    SnapshotRequest,
    StepRequest,
)
from ssp_policy.learner.checkpoint import read_weights
from ssp_policy.learner.durable_folder import free_bytes
from ssp_policy.learner.optimizer import AdamWSettings
from ssp_policy.learner.scoring import SequenceScores
from ssp_policy.parts import Parts

Reply = dict[str, Any]


class TrainingRoutes:
    """Answers the training calls of one loaded service."""

    def __init__(
        self,
        parts: Parts,
        device: DeviceThread,
        replies: RememberedReplies,
        metrics: Metrics,
        checkpoints: Path,
    ) -> None:
        self._parts = parts
        self._device = device
        self._replies = replies
        self._metrics = metrics
        self._checkpoints = checkpoints

    async def log_probs(self, _request: web.Request, body: LogProbsRequest) -> web.Response:
        """POST /v1/training/logprobs."""
        sequences = [sequence.tokens for sequence in body.sequences]
        masks = [sequence.mask for sequence in body.sequences]
        for i, sequence in enumerate(body.sequences):
            _check_length(i, sequence.tokens, "sampled_logprobs", sequence.sampled_logprobs)
            _check_length(i, sequence.tokens, "mask", sequence.mask)
        weights, learner = self._parts.weights, self._parts.learner

        def job() -> tuple[list[SequenceScores], str]:
            scores = learner.log_probs(
                body.model,
                sequences,
                temperature=body.temperature,
                entropy=body.entropy,
                masks=masks,
            )
            return scores, weights.version(body.model)

        scores, version = await self._device.submit(job)
        self._metrics.scored_tokens.inc(sum(map(len, sequences)))
        reply: Reply = {
            "results": [_scores(each) for each in scores],
            "weights_version": version,
        }
        sampled = [sequence.sampled_logprobs for sequence in body.sequences]
        gap = sampler_gap(sampled, [each.logprobs for each in scores])
        if gap is not None:
            self._metrics.sampler_gap.set(gap["mean"])
            reply["sampler_gap"] = gap
        return json_reply(reply)

    async def backward(self, request: web.Request, body: BackwardRequest) -> web.Response:
        """POST /v1/training/backward."""
        sequences = [sequence.tokens for sequence in body.sequences]
        weights = [sequence.weights for sequence in body.sequences]

        def job() -> Reply:
            self._parts.engine.release_cache()
            done = self._parts.learner.backward(
                sequences, weights, temperature=body.temperature, scores=body.scores
            )
            self._metrics.trained_tokens.inc(done.tokens)
            reply: Reply = {
                "tokens": done.tokens,
                "trained_tokens": done.trained_tokens,
                "sum": done.total,
                "repeated": False,
                "pending_sequences": done.pending_sequences,
                "weights_version": self._parts.weights.version("policy"),
            }
            if done.scores is not None:
                reply["results"] = [_scores(each) for each in done.scores]
            return reply

        key = body.idempotency_key
        return json_reply(await self._replies.apply(key, await _signed(request), job))

    async def step(self, request: web.Request, body: StepRequest) -> web.Response:
        """POST /v1/training/step; waits until no request is being sampled."""
        settings = AdamWSettings(
            lr=body.lr,
            betas=(body.betas[0], body.betas[1]),
            eps=body.eps,
            weight_decay=body.weight_decay,
            max_grad_norm=body.max_grad_norm,
        )

        def job() -> Reply:
            done = self._parts.learner.step(settings)
            self._metrics.steps.inc()
            return {
                "grad_norm": done.grad_norm,
                "clipped": done.clipped,
                "lr": done.lr,
                "weights_version": self._parts.weights.version("policy"),
                "step": done.step,
                "repeated": False,
            }

        key, signed = body.idempotency_key, await _signed(request)
        check = self._parts.learner.check_step
        return json_reply(await self._replies.apply(key, signed, job, drains=True, check=check))

    async def zero(self, _request: web.Request, _body: EmptyRequest) -> web.Response:
        """POST /v1/training/zero."""

        def job() -> Reply:
            dropped = self._parts.learner.pending_sequences
            self._parts.learner.zero()
            return {"dropped_sequences": dropped}

        return json_reply(await self._device.submit(job))

    async def add_snapshot(self, _request: web.Request, body: SnapshotRequest) -> web.Response:
        """POST /v1/training/snapshots."""
        weights = self._parts.weights
        if body.name in {"policy", "reference"}:
            problem = f"name {body.name} is taken by the service; choose another."
            raise PolicyError("SSP_POLICY_REQUEST_INVALID", problem=problem, param="name")

        def job() -> Reply:
            if isinstance(body.source, CheckpointName):
                folder = self._checkpoints / body.source.checkpoint
                if body.name in weights.names():
                    raise PolicyError("SSP_POLICY_SNAPSHOT_EXISTS", name=body.name)
                weights.snapshot(body.name, values=read_weights(folder, weights.loaded))
            else:
                weights.snapshot(body.name, body.source)
            return {"name": body.name, "weights_version": weights.version(body.name)}

        return json_reply(await self._device.submit(job))

    async def list_snapshots(self, _request: web.Request) -> web.Response:
        """GET /v1/training/snapshots."""
        weights = self._parts.weights
        names = [name for name in weights.names() if name not in {"policy", "reference"}]
        rows = [{"name": name, "weights_version": weights.version(name)} for name in names]
        return json_reply({"snapshots": rows})

    async def drop_snapshot(self, request: web.Request) -> web.Response:
        """DELETE /v1/training/snapshots/{name}; requests that sample from it finish first."""
        name = request.match_info["name"]

        def job() -> Reply:
            self._parts.weights.drop_snapshot(name)
            return {"name": name, "dropped": True}

        def check() -> None:
            self._parts.weights.check_droppable(name)

        return json_reply(await self._device.submit(job, drains=True, check=check))

    async def save(self, _request: web.Request, body: SaveRequest) -> web.Response:
        """POST /v1/training/save."""

        def job() -> Reply:
            saved = self._parts.learner.save(
                self._checkpoints / body.name,
                merged=body.merged,
                overwrite=body.overwrite,
                extra_state=self._state(),
            )
            return {
                "path": str(saved.path),
                "bytes": saved.size,
                "files": saved.files,
                "manifest_sha256": saved.manifest_sha256,
            }

        return json_reply(await self._device.submit(job))

    async def load(self, _request: web.Request, body: LoadRequest) -> web.Response:
        """POST /v1/training/load; waits until no request is being sampled.

        A checkpoint that is not there or does not fit is refused before anybody waits for it.
        """
        learner, folder = self._parts.learner, self._checkpoints / body.name
        wanted = body.manifest_sha256

        def job() -> Reply:
            loaded = learner.load(folder, manifest_sha256=wanted)
            self._restore(loaded.extra_state)
            return {
                "name": body.name,
                "weights_version": self._parts.weights.version("policy"),
                "manifest_sha256": loaded.manifest_sha256,
            }

        def check() -> None:
            learner.check_load(folder, manifest_sha256=wanted)

        return json_reply(await self._device.submit(job, drains=True, check=check))

    def facts(self) -> Reply:
        """Give what GET /v1/facts tells of training and its checkpoints."""
        learner = self._parts.learner
        state = len(json.dumps(self._state(), indent=1))
        return {
            "trained_steps": learner.steps,
            "checkpoint_bytes": learner.checkpoint_bytes + state,
            "checkpoint_free_bytes": free_bytes(self._checkpoints),
        }

    def _state(self) -> dict[str, Any]:
        """Give the service's own part of a checkpoint."""
        return {"seeds_drawn": self._parts.seeds.drawn, "replies": self._replies.state()}

    def _restore(self, state: dict[str, Any]) -> None:
        self._parts.seeds.drawn = state.get("seeds_drawn", 0)
        self._replies.restore(state.get("replies", []))


def sampler_gap(
    sampled: Sequence[Sequence[float | None] | None], scored: Sequence[Sequence[float | None]]
) -> dict[str, float] | None:
    """Compare two lists of log-probabilities where both have a value; None where none has.

    `mean` and `max` are of the absolute differences, over `tokens` of them.
    """
    gaps = [
        abs(one - other)
        for ours, theirs in zip(sampled, scored, strict=True)
        for one, other in zip(ours or [None] * len(theirs), theirs, strict=True)
        if one is not None and other is not None
    ]
    return {"mean": sum(gaps) / len(gaps), "max": max(gaps), "tokens": len(gaps)} if gaps else None


def _check_length(index: int, tokens: list[int], name: str, values: list[Any] | None) -> None:
    if values is not None and len(values) != len(tokens):
        where = f"sequences[{index}].{name}"
        raise PolicyError(
            "SSP_POLICY_SHAPE_MISMATCH",
            param=where,
            where=where,
            found=len(values),
            expected=len(tokens),
        )


def _scores(scores: SequenceScores) -> Reply:
    reply: Reply = {"logprobs": scores.logprobs}
    if scores.entropy is not None:
        reply["entropy"] = scores.entropy
    return reply


async def _signed(request: web.Request) -> bytes:
    """Give what makes two requests the same: the route and the body's bytes."""
    return request.path.encode() + b"\n" + await request.read()
