"""Tokens per second of sampling with a 0.87 M-parameter Qwen3, by this engine or by a peer.

One measurement in one process, printed as one line of JSON:

    PYTHONPATH=services/policy python services/policy/benchmarks/sampling_throughput.py \
        --engine own --requests 128 --dtype fp32 --threads 1

The peer is transformers' continuous batching with the same weights and prompts. Prompts are 30 to
90 random tokens, completions are `--max-tokens` long, and all requests are there at the start.
"""

import argparse
import json
import random
import resource
import time

import torch
from transformers import GenerationConfig, PreTrainedTokenizerBase, Qwen3Config, Qwen3ForCausalLM

from ssp_policy.sampling.engine import SamplingEngine
from ssp_policy.sampling.paged_attention import ATTENTION_NAME
from ssp_policy.sampling.request import SampledToken, SampleEnd, SampleRequest, SamplingLimits

VOCAB_SIZE = 512


class OneModel:
    """Weights of one model, as the engine wants them."""

    tokenizer: PreTrainedTokenizerBase | None = None
    vocab_size = VOCAB_SIZE
    max_length = 1024
    eos_token_ids: frozenset[int] = frozenset()
    device = torch.device("cpu")

    def __init__(self, module: torch.nn.Module) -> None:
        self._module = module

    def version(self, model: str, /) -> str:
        """Give the one version there is."""
        return model

    def for_sampling(self, model: str, /) -> "OneModel":
        """Give a context that yields the module."""
        assert model
        return self

    def __enter__(self) -> torch.nn.Module:
        return self._module

    def __exit__(self, *_: object) -> None:
        return None


class Count:
    """A listener that counts."""

    tokens = 0

    def on_token(self, token: SampledToken, /) -> None:
        """Count one."""
        Count.tokens += token.id >= 0

    def on_end(self, end: SampleEnd, /) -> None:
        """Refuse any end but the expected one."""
        assert end.finish_reason == "length", end


def make_model(attention: str, dtype: torch.dtype) -> Qwen3ForCausalLM:
    """Make the model, random from a fixed seed."""
    config = Qwen3Config(
        vocab_size=VOCAB_SIZE,
        hidden_size=128,
        intermediate_size=352,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=4,
        head_dim=32,
        tie_word_embeddings=True,
        max_position_embeddings=1024,
        eos_token_id=None,
    )
    config._attn_implementation = attention
    torch.manual_seed(0)
    return Qwen3ForCausalLM(config).to(dtype).eval()


def run_own(dtype: torch.dtype, prompts: list[list[int]], max_tokens: int) -> int:
    """Sample all by this engine; gives the tokens sampled."""
    limits = SamplingLimits(blocks=len(prompts) * 12 + 64, max_running=512)
    engine = SamplingEngine(OneModel(make_model(ATTENTION_NAME, dtype)), limits)
    for seed, prompt in enumerate(prompts):
        engine.submit(SampleRequest("policy", tuple(prompt), max_tokens, seed=seed), Count())
    while engine.has_work():
        engine.run_batch()
    return Count.tokens


def run_transformers(dtype: torch.dtype, prompts: list[list[int]], max_tokens: int) -> int:
    """Sample all by transformers' continuous batching; gives the tokens sampled."""
    from transformers.generation.configuration_utils import ContinuousBatchingConfig

    outputs = make_model("sdpa", dtype).generate_batch(
        prompts,
        generation_config=GenerationConfig(
            do_sample=True, max_new_tokens=max_tokens, eos_token_id=-1
        ),
        continuous_batching_config=ContinuousBatchingConfig(
            max_batch_tokens=512,
            num_blocks=len(prompts) * 6 + 64,
            block_size=32,
            return_logprobs=True,
        ),
        progress_bar=False,
    )
    return sum(len(output.generated_tokens) for output in outputs.values())


def main() -> None:
    """Run one measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=["own", "transformers"], default="own")
    parser.add_argument("--requests", type=int, default=128)
    parser.add_argument("--max-tokens", type=int, default=60)
    parser.add_argument("--dtype", choices=["fp32", "fp64"], default="fp32")
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    dtype = torch.float64 if given.dtype == "fp64" else torch.float32
    drawn = random.Random(1)
    prompts = [
        [drawn.randrange(VOCAB_SIZE) for _ in range(drawn.randrange(30, 91))]
        for _ in range(given.requests)
    ]
    run = run_own if given.engine == "own" else run_transformers
    run(dtype, prompts[:1], 2)
    Count.tokens = 0
    started, cpu = time.perf_counter(), time.process_time()
    tokens = run(dtype, prompts, given.max_tokens)
    seconds = time.perf_counter() - started
    figures = {
        **vars(given),
        "tokens": tokens,
        "seconds": round(seconds, 3),
        "cpuSeconds": round(time.process_time() - cpu, 3),
        "tokensPerSecond": round(tokens / seconds, 1),
        "peakMemoryBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
