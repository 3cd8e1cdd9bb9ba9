"""The texts that wait for the model, and what the device's thread does with them.

All that waits when the last round has ended makes the next one: sorted by length, cut into batches.
So no text waits for longer than the round before it, and short texts are not padded to long ones.
"""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ssp_encoder.batches import batches_by_length
from ssp_encoder.model import EncoderModel
from ssp_policy.errors import PolicyError, as_policy_error

Vectors = NDArray[np.float32]


class _Request:
    """Texts of one caller, and the rows of them that are done."""

    def __init__(self, ids_N: Sequence[Sequence[int]], dimension: int) -> None:
        self.ids_N = ids_N
        self.vectors_N_D = np.empty((len(ids_N), dimension), np.float32)
        self.left = len(ids_N)
        self.future: Future[Vectors] = Future()


class _Text(NamedTuple):
    request: _Request
    row: int

    @property
    def ids(self) -> Sequence[int]:
        return self.request.ids_N[self.row]


class EmbeddingEngine:
    """Computes vectors on the device's thread, a batch a call; texts come from any thread."""

    def __init__(self, model: EncoderModel, batch_tokens: int) -> None:
        self._model = model
        self._batch_tokens = batch_tokens
        self._lock = Lock()
        self._waiting: list[_Text] = []
        self._round: deque[list[_Text]] = deque()

    def add(self, ids_N: Sequence[Sequence[int]]) -> Future[Vectors]:
        """Queue texts; gives their vectors [N, D] in their order, or the error of their batch.

        Cancelling it takes the texts that have not begun out of the queue.
        """
        request = _Request(ids_N, self._model.dimension)
        with self._lock:
            self._waiting += [_Text(request, row) for row in range(len(ids_N))]
        return request.future

    def has_work(self) -> bool:
        """Tell whether texts wait."""
        return bool(self._round) or bool(self._waiting)

    def run_batch(self) -> None:
        """Compute the next batch; an error of it ends the requests that have texts in it."""
        if not self._round:
            self._begin_round()
        batch = [text for text in self._round.popleft() if not text.request.future.done()]
        if not batch:
            return
        try:
            vectors_N_D = self._model.embed([text.ids for text in batch])
        except Exception as error:  # noqa: BLE001 - it belongs to the callers
            _fail(batch, as_policy_error(error))
            return
        for text, vector_D in zip(batch, vectors_N_D, strict=True):
            _take(text, vector_D)

    def fail_all(self, error: PolicyError) -> None:
        """End every request with an error."""
        with self._lock:
            texts, self._waiting = self._waiting, []
        while self._round:
            texts += self._round.popleft()
        _fail(texts, error)

    def is_drained(self) -> bool:
        """Tell whether no round has begun."""
        return not self._round

    def pause_admission(self) -> None:
        """Nothing: no job here changes the weights."""

    def resume_admission(self) -> None:
        """Nothing, as above."""

    def _begin_round(self) -> None:
        with self._lock:
            texts, self._waiting = self._waiting, []
        lengths_N = [len(text.ids) for text in texts]
        batches = batches_by_length(lengths_N, self._batch_tokens)
        self._round.extend([texts[i] for i in batch] for batch in batches)


def _take(text: _Text, vector_D: Vectors) -> None:
    request = text.request
    request.vectors_N_D[text.row] = vector_D
    request.left -= 1
    if request.left == 0 and request.future.set_running_or_notify_cancel():
        request.future.set_result(request.vectors_N_D)


def _fail(texts: Sequence[_Text], error: PolicyError) -> None:
    for request in {id(text.request): text.request for text in texts}.values():
        if not request.future.done() and request.future.set_running_or_notify_cancel():
            request.future.set_exception(error)
