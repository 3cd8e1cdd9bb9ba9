"""The one thread that does everything with the model.

It runs jobs (scoring, training, snapshots, save, load) in the order they came, and one batch of
sampling between two jobs, so that neither starves the other. A job that changes the weights drains
first: requests being sampled finish with the old weights, and new ones wait.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from threading import Condition, Thread
from typing import Any, Generic, Protocol, TypeVar

from ssp_policy.errors import PolicyError, as_policy_error

Result = TypeVar("Result")


class Sampler(Protocol):
    """What the thread asks of the sampling engine; all but `has_work` on the thread only."""

    def has_work(self) -> bool:
        """Tell whether `run_batch` would do something."""
        ...

    def run_batch(self) -> None:
        """Sample at most one token for each running request."""
        ...

    def is_drained(self) -> bool:
        """Tell whether no request has begun and not ended."""
        ...

    def pause_admission(self) -> None:
        """Let new requests wait."""
        ...

    def resume_admission(self) -> None:
        """Begin waiting requests again."""
        ...

    def fail_all(self, error: PolicyError) -> None:
        """End every request with an error."""
        ...


class _Job(Generic[Result]):
    def __init__(
        self, run: Callable[[], Result], *, drains: bool, check: Callable[[], object] | None
    ) -> None:
        self.run = run
        self.drains = drains
        self.check = check
        self.future: Future[Result] = Future()


class DeviceThread:
    """Runs jobs and sampling batches; `start` begins and `stop` ends it."""

    def __init__(self) -> None:
        self._jobs: deque[_Job[Any]] = deque()
        self._changed = Condition()
        self._sampler: Sampler | None = None
        self._stopping = False
        self._thread = Thread(target=self._loop, name="device", daemon=True)

    def start(self) -> None:
        """Start the thread; once."""
        self._thread.start()

    def attach(self, sampler: Sampler) -> None:
        """Sample with `sampler` from now on."""
        with self._changed:
            self._sampler = sampler
            self._changed.notify_all()

    def wake(self) -> None:
        """Look for work: the sampler has got a request."""
        with self._changed:
            self._changed.notify_all()

    async def submit(
        self,
        run: Callable[[], Result],
        *,
        drains: bool = False,
        check: Callable[[], object] | None = None,
    ) -> Result:
        """Run `run` on the thread and give its result or raise its error.

        `check` is run there before anything is drained: what it raises refuses the job while the
        others go on. Cancelling the call takes a job that has not begun out of the queue; one that
        has begun runs to its end. Raises SSP_POLICY_STOPPING once `stop` was called.
        """
        job = _Job(run, drains=drains, check=check)
        with self._changed:
            if self._stopping:
                raise PolicyError("SSP_POLICY_STOPPING")
            self._jobs.append(job)
            self._changed.notify_all()
        return await asyncio.wrap_future(job.future)

    def stop(self, timeout_seconds: float) -> bool:
        """End the thread after what runs now; what waits fails with SSP_POLICY_STOPPING.

        Gives whether it has ended within the time.
        """
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join(timeout_seconds)
        return not self._thread.is_alive()

    def _loop(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopping or self._jobs or self._can_sample())
                job = self._jobs.popleft() if self._jobs and not self._stopping else None
            if self._stopping:
                self._fail_rest()
                return
            if job is not None:
                self._run(job)
            if self._can_sample():
                self._sample()

    def _can_sample(self) -> bool:
        return self._sampler is not None and self._sampler.has_work()

    def _sample(self) -> None:
        """Run one batch; the engine fails its own requests, so an error here is a defect of it."""
        assert self._sampler is not None
        try:
            self._sampler.run_batch()
        except Exception as error:  # noqa: BLE001 - the thread must live
            self._sampler.fail_all(as_policy_error(error))

    def _run(self, job: _Job[Any]) -> None:
        if _is_refused(job):
            return
        if not job.drains or self._sampler is None:
            _settle(job)
            return
        self._sampler.pause_admission()
        try:
            while not (self._sampler.is_drained() or self._stopping or job.future.cancelled()):
                self._sample()
            _settle(job, refused=self._stopping)
        finally:
            self._sampler.resume_admission()

    def _fail_rest(self) -> None:
        while self._jobs:
            _settle(self._jobs.popleft(), refused=True)
        if self._sampler is not None:
            self._sampler.fail_all(PolicyError("SSP_POLICY_STOPPING"))


def _is_refused(job: _Job[Any]) -> bool:
    """Tell whether a job is not to be run: its caller has gone, or its check has refused it."""
    try:
        if not job.future.cancelled() and job.check is not None:
            job.check()
    except Exception as error:  # noqa: BLE001 - it belongs to the caller
        if job.future.set_running_or_notify_cancel():
            job.future.set_exception(error)
        return True
    return job.future.cancelled()


def _settle(job: _Job[Any], *, refused: bool = False) -> None:
    """Run a job that was not cancelled and give its caller what comes of it."""
    if not job.future.set_running_or_notify_cancel():
        return
    try:
        if refused:
            raise PolicyError("SSP_POLICY_STOPPING")
        result = job.run()
    except BaseException as error:  # noqa: BLE001 - it belongs to the caller
        job.future.set_exception(error)
    else:
        job.future.set_result(result)
