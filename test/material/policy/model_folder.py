"""Writes a model folder for a test: model_folder.py <tiny|chat|learner> <family> <folder>.

`tiny` is what services/policy/tests uses; `chat` has the family's own chat template and its control
tokens, from the fixtures here, and reads 2,048 tokens; `learner` has 0.8 M parameters, the usual small random
weights, 32 ids and no tokenizer: enough to learn a task, too little for language.
"""

import json
import shutil
import sys
from pathlib import Path

import torch
from transformers import Qwen3ForCausalLM

sys.path.insert(0, str(Path(__file__).parents[3] / "services" / "policy" / "tests"))
from tiny_models import save_tiny_folder, small_config, tiny_model

FIXTURES = {"qwen2": "qwen2.5", "qwen3": "qwen3", "llama": "llama-3.1"}


def save_learner(folder: Path) -> None:
    config = small_config(vocab_size=32, context_length=64, eos_token_id=None)
    torch.manual_seed(0)
    Qwen3ForCausalLM(config).save_pretrained(folder)


def save_chat_folder(folder: Path, family: str) -> None:
    fixture = Path(__file__).parent.parent / "chat" / "fixtures" / FIXTURES[family]
    tokenizer = json.loads((fixture / "tokenizer.json").read_text("utf8"))
    eos = json.loads((fixture / "tokenizer_config.json").read_text("utf8"))["eos_token"]
    ids = {token["content"]: token["id"] for token in tokenizer["added_tokens"]}
    size = 1 + max([*tokenizer["model"]["vocab"].values(), *ids.values()])
    model = tiny_model(family, vocab_size=size, context_length=2048)
    model.config.eos_token_id = model.generation_config.eos_token_id = ids[eos]
    model.save_pretrained(folder)
    for file in fixture.iterdir():
        shutil.copy(file, folder)


if __name__ == "__main__":
    kind, family, target = sys.argv[1:]
    if kind == "learner":
        save_learner(Path(target))
    elif kind == "chat":
        save_chat_folder(Path(target), family)
    else:
        save_tiny_folder(Path(target), family)
