"""OpenAI's own Python client, in the Python that SSP_CLIENTS_PYTHON names."""

import asyncio
import json
import os
from pathlib import Path

import pytest
from served import served

CLIENT = Path(__file__).with_name("openai_client.py")
PYTHON = os.environ.get("SSP_CLIENTS_PYTHON")


@pytest.mark.skipif(
    PYTHON is None, reason="SSP_CLIENTS_PYTHON names no Python with the package openai"
)
def test_openais_client_is_answered(model_folder):
    async def main():
        async with served(model_folder) as client:
            process = await asyncio.create_subprocess_exec(
                PYTHON, CLIENT, client.service.url, stdout=asyncio.subprocess.PIPE
            )
            output, _ = await process.communicate()
            assert process.returncode == 0
            return json.loads(output)

    told = asyncio.run(main())
    assert told["models"] == ["policy", "reference"]
    assert told["streamed"] == told["helped"] == told["whole"]
    assert told["streamed_usage"] == told["usage"]
    assert bytes(told["bytes"]).decode(errors="replace") == told["whole"]
    assert told["texts"] == 2
    assert told["errors"] == [
        ["BadRequestError", "SSP_POLICY_REQUEST_INVALID", "response_format"],
        ["BadRequestError", "SSP_POLICY_REQUEST_INVALID", "stop"],
        ["BadRequestError", "SSP_POLICY_REQUEST_INVALID", "top_logprobs"],
        ["NotFoundError", "SSP_POLICY_MODEL_UNKNOWN", None],
    ]
