"""`python -m ssp_policy`: the service until SIGTERM or Ctrl-C, told about in JSON lines.

Exit code 0 after a stop; 2 or 3 after an error, which the last line carries.
"""

import asyncio
import logging
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence

from ssp_policy.errors import as_policy_error
from ssp_policy.http.access import service_token
from ssp_policy.logs import log_event, log_failure, start_logs
from ssp_policy.settings import Settings, parse_command_line

_REPORT_SECONDS = 1.0


def main(arguments: Sequence[str]) -> int:
    """Run the service, or only its preflight; give the exit code."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    # Before PyTorch is loaded: its threads sleep while they wait. Spinning, they are several times
    # slower as soon as other processes want the same cores.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    command = parse_command_line(arguments)
    start_logs()
    try:
        if command.preflight:
            return _preflight(command.settings)
        return asyncio.run(_serve(command.settings, stops_with_input=command.stop_with_input))
    except Exception as error:  # noqa: BLE001 - told as the last line
        return _failed(error)


def _preflight(settings: Settings) -> int:
    from ssp_policy.assembly import preflight

    plan = preflight(settings)
    log_event("preflight", **plan.body())
    plan.check()
    return 0


async def _serve(settings: Settings, *, stops_with_input: bool) -> int:
    token = service_token(settings.host)
    _allow_open_files()
    # Imported here: PyTorch takes seconds, and wrong arguments are told at once.
    from ssp_policy.service import Service

    stopping = _stop_event(stops_with_input=stops_with_input)
    service = Service(settings, token)
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
    return _failed(error) if error is not None else 0


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


def _failed(error: BaseException) -> int:
    coded = as_policy_error(error)
    if coded.code == "SSP_POLICY_INTERNAL":
        log_failure("failed", error, error=coded.body())
    else:
        log_event("failed", level=logging.ERROR, error=coded.body())
    return coded.exit_code


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    # Not through the interpreter's own end: it would wait for PyTorch, and a thread that is inside
    # a library at that time can crash it.
    os._exit(code)
