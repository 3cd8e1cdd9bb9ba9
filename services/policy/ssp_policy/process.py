"""The process of a service: from its open port to SIGTERM, told about in JSON lines."""

import asyncio
import gc
import logging
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn, Protocol

from ssp_policy.errors import as_policy_error
from ssp_policy.logs import log_event, log_failure

_REPORT_SECONDS = 1.0


class StartedService(Protocol):
    """What the process asks of its service."""

    url: str
    """Known once it listens."""

    async def listen(self) -> None:
        """Open the port; raises SSP_POLICY_ADDRESS_UNAVAILABLE."""
        ...

    async def load(self, report: Callable[[float, str], None]) -> None:
        """Load the model; then requests are answered."""
        ...

    async def stop(self) -> bool:
        """Let the requests in flight finish, and close the port."""
        ...


def prepare_environment() -> None:
    """Set the variables that must stand before PyTorch and transformers are loaded."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    # PyTorch's threads sleep while they wait. Spinning, they are several times slower as soon as
    # other processes want the same cores.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


@contextmanager
def loading_libraries() -> Iterator[None]:
    """Import PyTorch and transformers inside: without the garbage collector.

    It would go through their growing heap again and again. What they made stays as long as the
    process, so no later collection goes through it either.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


async def serve_until_stopped(
    make_service: Callable[[], StartedService], *, stops_with_input: bool
) -> int:
    """Run a service until SIGTERM, Ctrl-C, the end of its input if asked for, or a failed load.

    Gives the exit code; raises what opening the port raises.
    """
    _allow_open_files()
    stopping = _stop_event(stops_with_input=stops_with_input)
    service = make_service()
    await service.listen()
    log_event("listening", url=service.url, pid=os.getpid())
    loading = asyncio.create_task(service.load(_loading_reporter()))
    stop = asyncio.create_task(stopping.wait())
    await asyncio.wait({loading, stop}, return_when=asyncio.FIRST_COMPLETED)
    error = loading.exception() if loading.done() else None
    if error is None and not stopping.is_set():
        log_event("ready", url=service.url)
        await stop
    log_event("stopping")
    loading.cancel()
    stop.cancel()
    await service.stop()
    log_event("stopped")
    return exit_code_of(error) if error is not None else 0


def _allow_open_files() -> None:
    """Take as many open files as the system gives: every connection is one, and shells give few."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _stop_event(*, stops_with_input: bool) -> asyncio.Event:
    """Give an event that SIGTERM and Ctrl-C set, and the end of standard input if asked for."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)

    def read_to_the_end() -> None:
        # Not through sys.stdin, whose lock would be held when the interpreter ends.
        while os.read(0, 4096):
            pass
        loop.call_soon_threadsafe(stopping.set)

    if stops_with_input:
        threading.Thread(target=read_to_the_end, daemon=True).start()
    return stopping


def _loading_reporter() -> Callable[[float, str], None]:
    """Log how far loading is, once a second at most and for each new part of it."""
    last = ("", 0.0)

    def report(done: float, what: str) -> None:
        nonlocal last
        now = time.monotonic()
        if what != last[0] or now - last[1] > _REPORT_SECONDS:
            last = (what, now)
            log_event("loading", progress=round(done, 4), what=what)

    return report


def exit_code_of(error: BaseException) -> int:
    """Tell of a failure as the last line, and give the exit code for it."""
    coded = as_policy_error(error)
    if coded.code == "SSP_POLICY_INTERNAL":
        log_failure("failed", error, error=coded.body())
    else:
        log_event("failed", level=logging.ERROR, error=coded.body())
    return coded.exit_code


def end_process(code: int) -> NoReturn:
    """End the process with this exit code.

    Not through the interpreter's own end: it would wait for PyTorch, and a thread that is inside a
    library at that time can crash it.
    """
    sys.stdout.flush()
    os._exit(code)
