"""`python -m ssp_encoder`: the server until SIGTERM or Ctrl-C, told about in JSON lines.

Exit code 0 after a stop; 2 or 3 after an error, which the last line carries.
"""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence

from ssp_encoder.settings import Settings, parse_command_line
from ssp_policy.errors import PolicyError
from ssp_policy.http.access import checked_token, is_loopback
from ssp_policy.logs import start_logs
from ssp_policy.process import (
    end_process,
    exit_code_of,
    loading_libraries,
    prepare_environment,
    serve_until_stopped,
)

_KEY = "SSP_EMBEDDINGS_KEY"


def main(arguments: Sequence[str]) -> int:
    """Run the server; give the exit code."""
    prepare_environment()
    settings, stops_with_input = parse_command_line(arguments)
    start_logs()
    try:
        return asyncio.run(_serve(settings, stops_with_input=stops_with_input))
    except Exception as error:  # noqa: BLE001 - told as the last line
        return exit_code_of(error)


async def _serve(settings: Settings, *, stops_with_input: bool) -> int:
    key = server_key(settings.host)
    # Imported here: PyTorch takes seconds, and wrong arguments are told at once.
    with loading_libraries():
        from ssp_encoder.service import Service

    return await serve_until_stopped(
        lambda: Service(settings, key), stops_with_input=stops_with_input
    )


def server_key(host: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """Give the key that requests must carry: SSP_EMBEDDINGS_KEY, which ssp's client sends too.

    Raises SSP_ENCODER_SERVER_KEY_REQUIRED without one where other machines reach `host`, and
    SSP_POLICY_TOKEN_INVALID.
    """
    if _KEY in environment:
        return checked_token(environment[_KEY], _KEY)
    if not is_loopback(host):
        raise PolicyError("SSP_ENCODER_SERVER_KEY_REQUIRED", host=host)
    return None


if __name__ == "__main__":
    end_process(main(sys.argv[1:]))
