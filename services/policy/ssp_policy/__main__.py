"""`python -m ssp_policy`: the service until SIGTERM or Ctrl-C, told about in JSON lines.

Exit code 0 after a stop; 2 or 3 after an error, which the last line carries.
"""

import asyncio
import sys
from collections.abc import Sequence

from ssp_policy.http.access import service_token
from ssp_policy.logs import log_event, start_logs
from ssp_policy.process import (
    end_process,
    exit_code_of,
    loading_libraries,
    prepare_environment,
    serve_until_stopped,
)
from ssp_policy.settings import Settings, parse_command_line


def main(arguments: Sequence[str]) -> int:
    """Run the service, or only its preflight; give the exit code."""
    prepare_environment()
    command = parse_command_line(arguments)
    start_logs()
    try:
        if command.preflight:
            return _preflight(command.settings)
        return asyncio.run(_serve(command.settings, stops_with_input=command.stop_with_input))
    except Exception as error:  # noqa: BLE001 - told as the last line
        return exit_code_of(error)


def _preflight(settings: Settings) -> int:
    with loading_libraries():
        from ssp_policy.assembly import preflight

    plan = preflight(settings)
    log_event("preflight", **plan.body())
    plan.check()
    return 0


async def _serve(settings: Settings, *, stops_with_input: bool) -> int:
    token = service_token(settings.host)
    # Imported here: PyTorch takes seconds, and wrong arguments are told at once.
    with loading_libraries():
        from ssp_policy.service import Service

    return await serve_until_stopped(
        lambda: Service(settings, token), stops_with_input=stops_with_input
    )


if __name__ == "__main__":
    end_process(main(sys.argv[1:]))
