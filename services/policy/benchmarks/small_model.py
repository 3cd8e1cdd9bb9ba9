"""Writes the model of the CPU benchmarks: a random Qwen3 of 0.87 M parameters with a tokenizer.

In services/policy: python -m benchmarks.small_model FOLDER
"""

import sys
from pathlib import Path

import torch
from tiny_models import small_config, tiny_tokenizer
from transformers import Qwen3ForCausalLM


def save_small_model(folder: Path) -> Path:
    """Write the folder in the Hugging Face format; the same weights each time."""
    tokenizer = tiny_tokenizer("qwen3")
    eos = tokenizer.eos_token_id
    config = small_config(vocab_size=512, context_length=1024, eos_token_id=eos)
    torch.manual_seed(0)
    Qwen3ForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


if __name__ == "__main__":
    save_small_model(Path(sys.argv[1]))
