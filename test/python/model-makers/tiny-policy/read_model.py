"""Reads the model folder with transformers alone: {texts, sequence} on standard input, JSON out."""

import json
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

folder = sys.argv[1]
asked = json.load(sys.stdin)
torch.set_num_threads(1)
tokenizer = AutoTokenizer.from_pretrained(folder)
model = AutoModelForCausalLM.from_pretrained(folder).eval()
tokens_T = torch.tensor(asked["sequence"])
with torch.inference_mode():
    log_probs_T_V = model(input_ids=tokens_T[None]).logits[0].log_softmax(-1)
answer = {
    "parameters": sum(weight.numel() for weight in model.parameters()),
    "architecture": type(model).__name__,
    "ids": [tokenizer(text, add_special_tokens=False)["input_ids"] for text in asked["texts"]],
    "logProbs": log_probs_T_V[torch.arange(len(tokens_T) - 1), tokens_T[1:]].tolist(),
}
json.dump(answer, sys.stdout)
