"""Writes a model folder for a test: model_folder.py <tiny|learner> <family> <folder>.

`tiny` is what services/policy/tests uses; `learner` has 0.8 M parameters, the usual small random
weights, 32 ids and no tokenizer: enough to learn a task, too little for language.
"""

import sys
from pathlib import Path

import torch
from transformers import Qwen3ForCausalLM

sys.path.insert(0, str(Path(__file__).parents[2] / "services" / "policy" / "tests"))
from tiny_models import save_tiny_folder, small_config  # noqa: E402


def save_learner(folder: Path) -> None:
    config = small_config(vocab_size=32, context_length=64, eos_token_id=None)
    torch.manual_seed(0)
    Qwen3ForCausalLM(config).save_pretrained(folder)


if __name__ == "__main__":
    kind, family, target = sys.argv[1:]
    if kind == "learner":
        save_learner(Path(target))
    else:
        save_tiny_folder(Path(target), family)
