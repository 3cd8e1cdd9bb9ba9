"""What runs in the next batch.

Requests are admitted in the order in which they came, whatever their model, when the blocks for
their tokens are free. A batch is of one model; the models take turns. In it every running
sequence of the model that only needs its newest token takes that one, and the others compute their
prompts in chunks, under a budget of tokens. When blocks run out, the sequence that came last gives
its blocks back and waits; its tokens stay, and their keys and values are computed again later.
"""

import time
from bisect import insort
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ssp_policy.errors import PolicyError
from ssp_policy.sampling.blocks import BlockPool
from ssp_policy.sampling.request import SamplingLimits, SamplingStats
from ssp_policy.sampling.sequence import Sequence


@dataclass
class ScheduledBatch:
    """Sequences of one model with the number of tokens that each computes, oldest first."""

    model: str
    rows: list[tuple[Sequence, int]]


class Scheduler:
    """Waiting and running sequences and their blocks. Not safe for more than one thread.

    `version` gives the weights' version of a model; `reject` has to `remove` a sequence whose model
    is gone, and gets the error that `version` raised.
    """

    def __init__(
        self,
        limits: SamplingLimits,
        longest: int,
        version: Callable[[str], str],
        reject: Callable[[Sequence, PolicyError], None],
    ) -> None:
        self.limits = limits
        self.pool = BlockPool(limits.blocks)
        self.waiting: deque[Sequence] = deque()
        self.running: list[Sequence] = []
        self.paused = False
        self.stats = SamplingStats(blocks=limits.blocks)
        self.tables_R_B = np.zeros(
            (limits.max_running, -(-longest // limits.block_size)), dtype=np.int64
        )
        self._free_rows = list(range(limits.max_running))
        self._version = version
        self._reject = reject
        self._turns: dict[str, int] = {}

    def has_work(self) -> bool:
        """Whether `next_batch` has something to do; new sequences do not count while paused."""
        return bool(self.running) or self._next_admissible() is not None

    def next_batch(self) -> ScheduledBatch | None:
        """Admit what fits and choose a batch; None when nothing can run."""
        self._admit()
        if not self.running:
            return None
        model = self._model_in_turn()
        budget = self.limits.prefill_tokens
        rows: list[tuple[Sequence, int]] = []
        for sequence in [each for each in self.running if each.request.model == model]:
            if sequence.row < 0:  # gave its blocks to an older one
                break
            left = self._tokens_to_compute(sequence)
            count = 1 if left == 1 else min(left, budget)
            if count == 0 or not self._take_blocks(sequence, sequence.computed + count):
                continue
            budget -= count if left > 1 else 0
            self._name_full_blocks(sequence, sequence.computed + count)
            rows.append((sequence, count))
        return ScheduledBatch(model, rows)

    def remove(self, sequence: Sequence) -> None:
        """Take a sequence out, wherever it is, and free what it holds."""
        if sequence.row >= 0:
            self._stop(sequence)
        else:
            self.waiting.remove(sequence)

    def _next_admissible(self) -> Sequence | None:
        if not self.waiting or (self.paused and not self.waiting[0].begun):
            return None
        return self.waiting[0]

    def _admit(self) -> None:
        size = self.limits.block_size
        promised = sum(-(-len(each.tokens) // size) - len(each.blocks) for each in self.running)
        while self._free_rows and (sequence := self._next_admissible()):
            try:
                self._begin(sequence)
            except PolicyError as error:
                self._reject(sequence, error)
                continue
            needed = -(-len(sequence.tokens) // size) - len(sequence.blocks)
            reserve = self.limits.blocks // 100 if self.running else 0
            if self.pool.free < promised + needed + reserve:
                self._drop_blocks(sequence)
                return
            promised += needed
            self.waiting.popleft()
            self._run(sequence)

    def _begin(self, sequence: Sequence) -> None:
        """Find a waiting sequence's prefix in the cache, under the present weights."""
        sequence.version = self._version(sequence.request.model)
        sequence.node = self.pool.root(sequence.version)
        self._find_prefix(sequence)

    def _run(self, sequence: Sequence) -> None:
        if not sequence.begun:
            sequence.begun, sequence.started_at = True, time.monotonic()
        sequence.row = self._free_rows.pop()
        self.tables_R_B[sequence.row, : len(sequence.blocks)] = sequence.blocks
        self._count_hits(sequence, sequence.computed)
        insort(self.running, sequence, key=lambda each: each.id)

    def _model_in_turn(self) -> str:
        """Give the model of a running sequence whose last batch was the longest ago."""
        models = dict.fromkeys(sequence.request.model for sequence in self.running)
        model = min(models, key=lambda name: self._turns.get(name, -1))
        self._turns[model] = self.stats.batches
        return model

    def _tokens_to_compute(self, sequence: Sequence) -> int:
        """Count a sequence's tokens without keys and values, less what the cache has by now."""
        if len(sequence.tokens) - sequence.computed > 1:
            before = sequence.computed
            self._find_prefix(sequence)
            self._count_hits(sequence, sequence.computed - before)
        return len(sequence.tokens) - sequence.computed

    def _find_prefix(self, sequence: Sequence) -> None:
        """Take over following blocks that are in the cache; one token at least stays to compute."""
        size = self.limits.block_size
        while sequence.computed % size == 0 and sequence.computed + size < len(sequence.tokens):
            content = tuple(sequence.tokens[sequence.computed : sequence.computed + size])
            found = self.pool.find(sequence.node, content)
            if found is None:
                return
            block, sequence.node = found
            self.pool.hold(block)
            self._add_block(sequence, block)
            sequence.computed += size

    def _count_hits(self, sequence: Sequence, tokens: int) -> None:
        self.stats.prefix_hit_tokens += tokens
        if sequence.sampled == 0:
            sequence.cached_tokens += tokens

    def _take_blocks(self, sequence: Sequence, tokens: int) -> bool:
        """Give a sequence blocks for its first tokens; False if it had to give way itself."""
        missing = -(-tokens // self.limits.block_size) - len(sequence.blocks)
        for _ in range(missing):
            while self.pool.free == 0:
                youngest = self.running[-1]
                self._preempt(youngest)
                if youngest is sequence:
                    return False
            self._add_block(sequence, self.pool.take())
        return True

    def _add_block(self, sequence: Sequence, block: int) -> None:
        if sequence.row >= 0:
            self.tables_R_B[sequence.row, len(sequence.blocks)] = block
        sequence.blocks.append(block)

    def _name_full_blocks(self, sequence: Sequence, computed: int) -> None:
        """Let others find the blocks that this batch fills, even within it (paged_attention.py)."""
        size = self.limits.block_size
        for index in range(sequence.computed // size, computed // size):
            content = tuple(sequence.tokens[index * size : (index + 1) * size])
            sequence.node = self.pool.name(sequence.blocks[index], sequence.node, content)

    def _preempt(self, sequence: Sequence) -> None:
        self.stats.preemptions += 1
        self._stop(sequence)
        self.waiting.appendleft(sequence)

    def _stop(self, sequence: Sequence) -> None:
        self.running.remove(sequence)
        self._free_rows.append(sequence.row)
        sequence.row = -1
        self._drop_blocks(sequence)

    def _drop_blocks(self, sequence: Sequence) -> None:
        self.pool.release(sequence.blocks)
        sequence.blocks = []
        sequence.computed = 0
