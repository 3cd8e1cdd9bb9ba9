"""The tensors of a batch: one packed row of tokens and where each finds its past."""

import math
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import torch

from ssp_policy.sampling.paged_attention import DecodeRows, PagedBatch, PromptChunk
from ssp_policy.sampling.paged_cache import PagedCache
from ssp_policy.sampling.scheduler import ScheduledBatch
from ssp_policy.sampling.sequence import Sequence

_CPU_PART_BLOCKS = 128
"""64 to 256 are alike; without the limit 500 requests take half as long again."""


@dataclass
class BatchInputs:
    """What the model's forward pass takes, and whose next token its logits give."""

    tokens_1_T: torch.Tensor
    positions_1_T: torch.Tensor
    paged: PagedBatch
    last_S: torch.Tensor
    """Index in T of the last token of each sequence that gets a token from this batch."""
    sampling: list[Sequence]
    """These sequences, in the same order."""


def batch_inputs(
    batch: ScheduledBatch, tables_R_B: np.ndarray, cache: PagedCache, device: torch.device
) -> BatchInputs:
    """Pack a batch: single tokens first, by the length of their past, then chunks of prompts."""
    decode = [sequence for sequence, count in batch.rows if count == 1]
    decode.sort(key=lambda sequence: len(sequence.blocks), reverse=True)
    chunks = [(sequence, count) for sequence, count in batch.rows if count > 1]
    rows = np.array([sequence.row for sequence in decode], dtype=np.int64)
    tokens = [sequence.tokens[sequence.computed] for sequence in decode]
    positions = [np.array([sequence.computed for sequence in decode], dtype=np.int64)]
    owners = [rows]
    for sequence, count in chunks:
        tokens += sequence.tokens[sequence.computed : sequence.computed + count]
        positions.append(np.arange(sequence.computed, sequence.computed + count))
        owners.append(np.full(count, sequence.row))
    positions_T, owners_T = np.concatenate(positions), np.concatenate(owners)
    size = cache.block_size
    slots_T = tables_R_B[owners_T, positions_T // size] * size + positions_T % size
    on_device = torch.from_numpy(np.stack([np.array(tokens), positions_T, slots_T])).to(device)
    tables = _Tables(tables_R_B, size, on_device[1])
    parts: list[DecodeRows | PromptChunk] = [*tables.decode_parts(decode, rows)]
    start = len(decode)
    for sequence, count in chunks:
        parts.append(tables.chunk(sequence, start, count))
        start += count
    last, sampling = _last_tokens([*((sequence, 1) for sequence in decode), *chunks])
    return BatchInputs(
        on_device[None, 0],
        on_device[None, 1],
        PagedBatch(cache, on_device[2], parts),
        torch.tensor(last, dtype=torch.int64, device=device),
        sampling,
    )


def _last_tokens(rows: list[tuple[Sequence, int]]) -> tuple[list[int], list[Sequence]]:
    """Find the sequences that this batch completes, with the place of their last token."""
    ends = accumulate(count for _, count in rows)
    done = [
        (end - 1, sequence)
        for (sequence, count), end in zip(rows, ends, strict=True)
        if sequence.computed + count == len(sequence.tokens)
    ]
    return [place for place, _ in done], [sequence for _, sequence in done]


@dataclass
class _Tables:
    """Makes the parts of a batch from the block tables."""

    tables_R_B: np.ndarray
    block_size: int
    positions_T: torch.Tensor

    def decode_parts(self, decode: list[Sequence], rows: np.ndarray) -> list[DecodeRows]:
        """Split rows, longest first, where a past is half the longest, for padding is a copy too.

        On a CPU parts are small besides, so that what is copied is still in its cache when read.
        """
        blocks = [len(sequence.blocks) for sequence in decode]
        most = _CPU_PART_BLOCKS if self.positions_T.device.type == "cpu" else math.inf
        parts: list[DecodeRows] = []
        start = 0
        for stop in range(1, len(blocks) + 1):
            longest = blocks[start]
            if (
                stop == len(blocks)
                or blocks[stop] * 2 <= longest
                or (stop + 1 - start) * longest > most
            ):
                parts.append(self._decode_part(rows, start, stop, longest))
                start = stop
        return parts

    def _decode_part(self, rows: np.ndarray, start: int, stop: int, blocks: int) -> DecodeRows:
        table = self.tables_R_B[rows[start:stop], :blocks]
        return DecodeRows(start, stop, self._to_device(table), self._seen(start, stop, blocks))

    def chunk(self, sequence: Sequence, start: int, count: int) -> PromptChunk:
        """Make the part of one chunk, which ends where the sequence's blocks end."""
        blocks = len(sequence.blocks)
        table = self.tables_R_B[sequence.row, :blocks]
        seen = self._seen(start, start + count, blocks)
        return PromptChunk(start, start + count, self._to_device(table), seen)

    def _to_device(self, table: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(table.ravel()).to(self.positions_T.device)

    def _seen(self, start: int, stop: int, blocks: int) -> torch.Tensor:
        """Give True where a token sees a position: (tokens, blocks * block_size)."""
        positions = torch.arange(blocks * self.block_size, device=self.positions_T.device)
        return positions <= self.positions_T[start:stop, None]
