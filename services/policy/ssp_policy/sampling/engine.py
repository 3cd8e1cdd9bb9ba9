"""The sampling engine: takes requests from any thread, runs batches on the thread of the device."""

import logging
import math
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import count
from typing import Protocol

import torch
from transformers import PreTrainedTokenizerBase

from ssp_policy.errors import PolicyError, as_policy_error
from ssp_policy.model.out_of_memory import memory_watched
from ssp_policy.sampling.admission import check_request
from ssp_policy.sampling.batch_inputs import BatchInputs, batch_inputs
from ssp_policy.sampling.completion import Drawn, end_of, take_token
from ssp_policy.sampling.paged_cache import PagedCache
from ssp_policy.sampling.request import (
    Listener,
    SampleEnd,
    SampleRequest,
    SamplingLimits,
    SamplingStats,
)
from ssp_policy.sampling.row_settings import row_settings
from ssp_policy.sampling.scheduler import ScheduledBatch, Scheduler
from ssp_policy.sampling.sequence import Sequence
from ssp_policy.sampling.stop_strings import StopStrings
from ssp_policy.sampling.text_stream import TextStream, TokenBytes
from ssp_policy.sampling.token_sampler import SampledRows, sample_rows
from ssp_policy.sampling.warm_up import Unheard, warm_up_request

_log = logging.getLogger(__name__)


class SampledWeights(Protocol):
    """What the engine needs of the weights; see model/weights.py."""

    @property
    def tokenizer(self) -> PreTrainedTokenizerBase | None:
        """Give the tokenizer; without one there is no text."""
        ...

    @property
    def vocab_size(self) -> int:
        """Give the number of token ids that the model takes."""
        ...

    @property
    def max_length(self) -> int:
        """Give the longest sequence, in tokens."""
        ...

    @property
    def device(self) -> torch.device:
        """Give the device of the modules."""
        ...

    @property
    def eos_token_ids(self) -> frozenset[int]:
        """Give the tokens that end a sequence."""
        ...

    def version(self, model: str, /) -> str:
        """Name the present weights of a model; raises SSP_POLICY_MODEL_UNKNOWN."""
        ...

    def for_sampling(self, model: str, /) -> AbstractContextManager[torch.nn.Module]:
        """Give the module of a model, with its attention set to "ssp"."""
        ...


class SamplingEngine:
    """Continuous batching with a paged cache.

    `submit`, `cancel`, `has_work` and `stats` may be called from any thread; everything else, and
    the listeners, belong to the one thread that calls `run_batch`.
    """

    def __init__(self, weights: SampledWeights, limits: SamplingLimits) -> None:
        self._weights = weights
        self._limits = limits
        self._longest = min(
            weights.max_length,
            limits.max_sequence_tokens or weights.max_length,
            limits.blocks * limits.block_size,
        )
        self._scheduler = Scheduler(limits, self._longest, weights.version, self._fail)
        self._cache = PagedCache(limits.blocks, limits.block_size)
        self.token_bytes = TokenBytes(weights.tokenizer) if weights.tokenizer else None
        """Of every token; None where the model folder has no tokenizer."""
        self._ids = count(1)
        self._sequences: dict[int, Sequence] = {}
        self._lock = threading.Lock()
        self._inbox: list[Sequence] = []
        self._cancelled: list[int] = []

    def warm_up(self) -> None:
        """Sample a few tokens that nobody asked for, before the first request.

        What is done once (kernels, buffers, memory of keys and values) is then done. The counters
        begin at 0 after it. A model that cannot be sampled from is told of at its first request.
        """
        self.submit(warm_up_request(self._longest), Unheard())
        while self.has_work():
            self.run_batch()
        self._scheduler.pool.forget(list(range(self._limits.blocks)))
        self._scheduler.stats = SamplingStats(blocks=self._limits.blocks)

    def submit(self, request: SampleRequest, listener: Listener) -> int:
        """Queue a request and give its id, for `cancel`.

        Raises SSP_POLICY_QUEUE_FULL, or what is wrong with the request.
        """
        self._weights.version(request.model)
        check_request(
            request,
            vocab_size=self._weights.vocab_size,
            longest=self._longest,
            has_tokenizer=self.token_bytes is not None,
        )
        text = None
        if self.token_bytes:
            text = TextStream(self.token_bytes, skip_special=request.skip_special_tokens)
        with self._lock:
            waiting = len(self._inbox) + len(self._scheduler.waiting)
            if waiting >= self._limits.max_waiting:
                raise PolicyError(
                    "SSP_POLICY_QUEUE_FULL", waiting=waiting, limit=self._limits.max_waiting
                )
            stops = StopStrings(request.stop)
            now = time.monotonic()
            sequence = Sequence(next(self._ids), request, listener, text, stops, now)
            self._inbox.append(sequence)
        return sequence.id

    def cancel(self, request_id: int) -> None:
        """End a request as "cancelled" before the next batch; nothing happens if it has ended."""
        with self._lock:
            self._cancelled.append(request_id)

    def has_work(self) -> bool:
        """Whether `run_batch` has something to do."""
        return bool(self._inbox or self._cancelled) or self._scheduler.has_work()

    def pause_admission(self) -> None:
        """Let new requests wait; what was begun goes on."""
        self._scheduler.paused = True

    def resume_admission(self) -> None:
        """Take new requests again."""
        self._scheduler.paused = False

    def is_drained(self) -> bool:
        """Whether nothing is left of what was begun (while admission is paused)."""
        waiting = self._scheduler.waiting
        return not self._scheduler.running and not (waiting and waiting[0].begun)

    def release_cache(self) -> None:
        """Give back the memory of keys and values, for training; the next batch takes it again.

        Nothing happens while a request is being sampled. Known prefixes are computed anew.
        """
        if self._scheduler.running or self._cache.allocated_bytes == 0:
            return
        self._scheduler.pool.forget(list(range(self._limits.blocks)))
        self._cache.release()

    def run_batch(self) -> None:
        """Run one forward pass, give each of its sequences the next token, end what is done.

        A failure ends the running requests of the batch's model with a coded error; the engine
        goes on.
        """
        self._take_inbox()
        batch = self._scheduler.next_batch()
        if batch is None:
            return
        try:
            sampling, sampled = self._forward(batch)
        except Exception as error:  # noqa: BLE001 - whatever the model raises
            _log.warning("a batch of %s failed", batch.model, exc_info=error)
            self._fail_model(batch.model, as_policy_error(error))
            return
        stats = self._scheduler.stats
        stats.batches += 1
        stats.tokens_sampled += len(sampling)
        for sequence, tokens in batch.rows:
            sequence.computed += tokens
            stats.tokens_prefilled += tokens
        stats.tokens_prefilled -= len(sampling)
        for sequence, drawn in zip(sampling, _drawn_of(sampling, sampled), strict=True):
            self._deliver(sequence, drawn)

    def fail_all(self, error: PolicyError) -> None:
        """End every request with this error and free all that they hold."""
        with self._lock:
            self._inbox, new = [], self._inbox
            self._cancelled = []
        self._sequences.update((sequence.id, sequence) for sequence in new)
        self._scheduler.waiting.extend(new)
        for sequence in list(self._sequences.values()):
            self._fail(sequence, error)

    def stats(self) -> SamplingStats:
        """Give the counters as they are now."""
        stats = self._scheduler.stats
        return replace(
            stats,
            running=len(self._scheduler.running),
            waiting=len(self._scheduler.waiting) + len(self._inbox),
            blocks_used=stats.blocks - self._scheduler.pool.free,
            cache_bytes=self._cache.allocated_bytes,
            ended=dict(stats.ended),
        )

    def _take_inbox(self) -> None:
        with self._lock:
            self._scheduler.waiting.extend(self._inbox)
            self._sequences.update((sequence.id, sequence) for sequence in self._inbox)
            self._inbox = []
            self._cancelled, cancelled = [], self._cancelled
        for request_id in cancelled:
            if sequence := self._sequences.get(request_id):
                self._end(sequence, end_of(sequence, "cancelled"))

    def _forward(self, batch: ScheduledBatch) -> tuple[list[Sequence], SampledRows]:
        with (
            memory_watched("sampling", "--max-running, --prefill-tokens or --kv-cache-gb"),
            self._weights.for_sampling(batch.model) as module,
            torch.inference_mode(),
        ):
            inputs = batch_inputs(
                batch, self._scheduler.tables_R_B, self._cache, self._weights.device
            )
            logits = _logits(module, inputs)
            weights = self._weights
            settings = row_settings(
                inputs.sampling, weights.eos_token_ids, weights.vocab_size, weights.device
            )
            return inputs.sampling, sample_rows(logits, settings)

    def _deliver(self, sequence: Sequence, drawn: Drawn) -> None:
        if math.isnan(drawn.logprob):
            self._discard(sequence)
            return
        try:
            end = take_token(sequence, drawn, self._weights.eos_token_ids)
        except Exception:  # noqa: BLE001 - whatever a listener raises
            _log.exception("the listener of request %d failed; it is cancelled", sequence.id)
            end = end_of(sequence, "cancelled")
        if end:
            self._end(sequence, end)

    def _discard(self, sequence: Sequence) -> None:
        """Fail a sequence whose logits are not finite; nobody is to read what it wrote."""
        self._scheduler.pool.forget(sequence.blocks)
        with torch.inference_mode():
            self._cache.clear(sequence.blocks)
        problem = f"the model {sequence.request.model} gives logits that are not finite"
        self._fail(sequence, PolicyError("SSP_POLICY_INTERNAL", problem=problem))

    def _fail_model(self, model: str, error: PolicyError) -> None:
        """Fail the running sequences of a model: they may share blocks that were never written."""
        failed = [each for each in self._scheduler.running if each.request.model == model]
        for sequence in failed:
            self._scheduler.pool.forget(sequence.blocks)
            self._fail(sequence, error)

    def _fail(self, sequence: Sequence, error: PolicyError) -> None:
        self._end(sequence, end_of(sequence, "error", error=error))

    def _end(self, sequence: Sequence, end: SampleEnd) -> None:
        del self._sequences[sequence.id]
        self._scheduler.remove(sequence)
        self._scheduler.stats.ended[end.finish_reason] += 1
        try:
            sequence.listener.on_end(end)
        except Exception:  # noqa: BLE001 - whatever a listener raises
            _log.exception("the listener of request %d failed at its end", sequence.id)


def _logits(module: torch.nn.Module, inputs: BatchInputs) -> torch.Tensor:
    """Run the model; logits (S, vocabulary) of the sequences that get a token.

    The mask is a placeholder of four dimensions, which transformers passes on untouched.
    """
    output = module(
        input_ids=inputs.tokens_1_T,
        position_ids=inputs.positions_1_T,
        attention_mask=inputs.tokens_1_T.new_empty((1, 1, 1, 1)),
        use_cache=False,
        logits_to_keep=inputs.last_S,
        paged=inputs.paged,
    )
    return output.logits[0]


def _drawn_of(sampling: list[Sequence], sampled: SampledRows) -> Iterator[Drawn]:
    for row, sequence in enumerate(sampling):
        wanted = sequence.request.top_logprobs
        ids, logprobs = sampled.top_ids[row][:wanted], sampled.top_logprobs[row][:wanted]
        top = tuple(zip(ids, logprobs, strict=True))
        yield Drawn(sampled.tokens[row], sampled.logprobs[row], top)
