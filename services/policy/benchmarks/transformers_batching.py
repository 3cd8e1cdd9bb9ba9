"""Samples with transformers' own continuous batching, for comparison.

In services/policy: python -m benchmarks.transformers_batching FOLDER THREADS
Prints {"version"}, then for each line {"prompts": [[id]], "maxTokens": [n], "inFlight": n} that it
reads one {"seconds", "tokens"}: all requests sampled, at most `inFlight` of them at one time.
"""

import json
import sys
import time
from typing import Any

import torch
import transformers
from transformers import AutoModelForCausalLM, GenerationConfig
from transformers.generation.configuration_utils import ContinuousBatchingConfig


def main() -> None:
    """Answer lines until the input ends. The manager lives on: its start is not measured."""
    folder, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    model.eval()
    with model.continuous_batching_context_manager(
        # No token ends a sequence: each request says how many it wants.
        generation_config=GenerationConfig(do_sample=True, max_new_tokens=100, eos_token_id=-1),
        continuous_batching_config=ContinuousBatchingConfig(
            block_size=32,
            num_blocks=4096,
            max_batch_tokens=512,
            allow_block_sharing=False,
            return_logprobs=True,
        ),
    ) as manager:
        answer(manager, {"prompts": [[1, 2, 3]], "maxTokens": [4], "inFlight": 1})
        print(json.dumps({"version": transformers.__version__}), flush=True)
        for line in sys.stdin:
            print(json.dumps(answer(manager, json.loads(line))), flush=True)


def answer(manager: Any, work: dict[str, Any]) -> dict[str, float]:
    """Run one list of requests."""
    waiting = list(zip(work["prompts"], work["maxTokens"], strict=True))[::-1]
    started = time.perf_counter()
    running = tokens = 0
    while waiting or running:
        while waiting and running < work["inFlight"]:
            prompt, wanted = waiting.pop()
            manager.add_request(prompt, max_new_tokens=wanted)
            running += 1
        result = manager.get_result(timeout=60)
        if result is None or result.error is not None:
            raise RuntimeError(f"transformers gave no result: {result}")
        if result.is_finished():
            running -= 1
            tokens += len(result.generated_tokens)
    return {"seconds": time.perf_counter() - started, "tokens": tokens}


if __name__ == "__main__":
    main()
