import asyncio
import threading

import pytest

from ssp_policy.device_thread import DeviceThread
from ssp_policy.errors import PolicyError


class CountingSampler:
    """Requests that end after a number of batches; admission as in the engine."""

    def __init__(self) -> None:
        self.waiting: list[int] = []
        self.running: list[int] = []
        self.admits = True
        self.log: list[str] = []
        self.failures: list[PolicyError] = []

    def has_work(self) -> bool:
        return bool(self.running or (self.waiting and self.admits))

    def run_batch(self) -> None:
        if self.admits:
            self.running += self.waiting
            self.waiting = []
        self.log.append("batch")
        self.running = [left - 1 for left in self.running if left > 1]

    def is_drained(self) -> bool:
        return not self.running

    def pause_admission(self) -> None:
        self.admits = False

    def resume_admission(self) -> None:
        self.admits = True

    def fail_all(self, error: PolicyError) -> None:
        self.failures.append(error)
        self.running, self.waiting = [], []


@pytest.fixture
def thread():
    made = DeviceThread()
    made.start()
    yield made
    made.stop(5)


def test_jobs_run_in_order_on_one_thread(thread):
    async def main():
        names: list[str] = []
        order: list[int] = []

        def job(i: int) -> int:
            names.append(threading.current_thread().name)
            order.append(i)
            return i * i

        results = await asyncio.gather(*(thread.submit(lambda i=i: job(i)) for i in range(20)))
        assert results == [i * i for i in range(20)]
        assert order == list(range(20))
        assert set(names) == {"device"}

    asyncio.run(main())


def test_an_error_goes_to_its_caller_and_the_thread_lives(thread):
    async def main():
        def fail() -> None:
            raise ZeroDivisionError("x")

        with pytest.raises(ZeroDivisionError):
            await thread.submit(fail)
        assert await thread.submit(lambda: 3) == 3

    asyncio.run(main())


def test_a_job_that_has_not_begun_can_be_cancelled(thread):
    async def main():
        gate = threading.Event()
        ran: list[str] = []
        first = asyncio.ensure_future(thread.submit(gate.wait))
        second = asyncio.ensure_future(thread.submit(lambda: ran.append("second")))
        third = asyncio.ensure_future(thread.submit(lambda: ran.append("third")))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(first, third)
        assert ran == ["third"]

    asyncio.run(main())


def test_sampling_goes_on_between_jobs(thread):
    async def main():
        sampler = CountingSampler()
        gate = threading.Event()
        held = asyncio.ensure_future(thread.submit(gate.wait))
        await asyncio.sleep(0)
        thread.attach(sampler)
        sampler.waiting = [2]
        jobs = [
            asyncio.ensure_future(thread.submit(lambda: sampler.log.append("job")))
            for _ in range(4)
        ]
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(held, *jobs)
        assert sampler.log == ["batch", "job", "batch", "job", "job", "job"]

    asyncio.run(main())


def test_a_draining_job_waits_for_what_is_sampled_and_holds_back_the_rest(thread):
    async def main():
        sampler = CountingSampler()
        sampler.running = [3]
        sampler.waiting = [2]
        sampler.admits = True
        seen: list[tuple[int, int]] = []
        gate = threading.Event()
        held = asyncio.ensure_future(thread.submit(gate.wait))
        await asyncio.sleep(0)
        thread.attach(sampler)
        step = asyncio.ensure_future(
            thread.submit(
                lambda: seen.append((len(sampler.running), len(sampler.waiting))), drains=True
            )
        )
        await asyncio.sleep(0)
        sampler.admits = False  # as if both had come at the same time
        gate.set()
        await asyncio.gather(held, step)
        assert seen == [(0, 1)]
        assert sampler.admits
        await thread.submit(lambda: None)
        while sampler.has_work():
            await asyncio.sleep(0.001)
        assert sampler.running == sampler.waiting == []

    asyncio.run(main())


def test_a_job_that_is_refused_or_given_up_drains_nothing(thread):
    async def main():
        sampler = CountingSampler()
        gate = threading.Event()
        held = asyncio.ensure_future(thread.submit(gate.wait))
        await asyncio.sleep(0)
        thread.attach(sampler)
        sampler.running, sampler.waiting = [10**9], [1]

        def refuse() -> None:
            sampler.log.append("checked")
            raise PolicyError("SSP_POLICY_NO_GRADIENT")

        refused = asyncio.ensure_future(thread.submit(lambda: 1, drains=True, check=refuse))
        begun = asyncio.ensure_future(
            thread.submit(lambda: sampler.log.append("ran"), drains=True, check=lambda: None)
        )
        await asyncio.sleep(0)
        gate.set()
        with pytest.raises(PolicyError, match="SSP_POLICY_NO_GRADIENT"):
            await refused
        await held
        while sampler.admits:
            await asyncio.sleep(0.001)
        begun.cancel()
        while not sampler.admits:
            await asyncio.sleep(0.001)
        assert "ran" not in sampler.log
        assert sampler.running, "it was not waited for"
        await thread.submit(lambda: None)

    asyncio.run(asyncio.wait_for(main(), 30))


def test_an_error_of_the_engine_fails_its_requests_only(thread):
    async def main():
        sampler = CountingSampler()

        def broken() -> None:
            raise RuntimeError("defect")

        sampler.run_batch = broken
        sampler.running = [1]
        thread.attach(sampler)
        while not sampler.failures:
            await asyncio.sleep(0.001)
        assert sampler.failures[0].code == "SSP_POLICY_INTERNAL"
        assert await thread.submit(lambda: 1) == 1

    asyncio.run(main())


def test_stop_refuses_what_waits(thread):
    async def main():
        begun, gate = threading.Event(), threading.Event()
        first = asyncio.ensure_future(thread.submit(lambda: begun.set() or gate.wait()))
        second = asyncio.ensure_future(thread.submit(lambda: 2))
        await asyncio.to_thread(begun.wait)
        assert not thread.stop(0)
        gate.set()
        assert thread.stop(5)
        assert await first
        with pytest.raises(PolicyError, match="SSP_POLICY_STOPPING"):
            await second
        with pytest.raises(PolicyError, match="SSP_POLICY_STOPPING"):
            await thread.submit(lambda: 3)

    asyncio.run(main())
