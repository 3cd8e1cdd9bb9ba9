"""`python -m ssp_policy.export`: write a plain model folder, told about in JSON lines.

Exit codes as of `python -m ssp_policy`.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ssp_policy.logs import log_event, start_logs
from ssp_policy.process import end_process, exit_code_of, prepare_environment


def main(arguments: Sequence[str]) -> int:
    """Write the folder `--out`; give the exit code."""
    prepare_environment()
    parser = argparse.ArgumentParser(prog="python -m ssp_policy.export", allow_abbrev=False)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--adapter", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args(arguments)
    start_logs()
    try:
        # Imported here: PyTorch takes seconds, and wrong arguments are told at once.
        from ssp_policy.learner.plain_model import write_plain_model

        written = write_plain_model(
            given.model,
            given.adapter,
            given.out,
            lambda name, done: log_event("writing", file=name, done=f"{done:.0%}"),
        )
    except Exception as error:  # noqa: BLE001 - told as the last line
        return exit_code_of(error)
    log_event(
        "exported",
        out=str(written.path),
        bytes=written.size,
        files=written.files,
        merged_layers=written.merged_layers,
        free_bytes=written.free,
    )
    return 0


if __name__ == "__main__":
    end_process(main(sys.argv[1:]))
