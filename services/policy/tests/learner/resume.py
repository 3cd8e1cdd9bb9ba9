"""Steps in a process of its own: `resume.py <model> <mode> <checkpoint> <out> <first> <last>`.

Loads the checkpoint unless it starts with step 1, saves it after step 10, and writes the trained
tensors to <out> at the end.
"""

import sys
from pathlib import Path

import torch
from learner.conftest import ragged_sequences, token_weights
from make_settings import make_settings
from safetensors.torch import save_file

from ssp_policy.learner.learner import Learner
from ssp_policy.learner.optimizer import AdamWSettings
from ssp_policy.model.loading import load_model
from ssp_policy.model.weights import Weights
from ssp_policy.sampling.paged_attention import ATTENTION_NAME


def main(model: str, mode: str, checkpoint: str, out: str, first: int, last: int) -> None:
    torch.set_num_threads(1)
    dtype = "bf16" if mode.endswith("bf16") else "fp32"
    settings = make_settings(Path(model), full=mode.startswith("full"), dtype=dtype)
    weights = Weights(load_model(settings, attention=ATTENTION_NAME), settings)
    learner = Learner(weights, settings)
    if first > 1:
        assert learner.load(Path(checkpoint)).extra_state == {"note": "at ten"}
    for number in range(first, last + 1):
        sequences = ragged_sequences(12, 5, 20, seed=number)
        learner.backward(sequences, token_weights(sequences, seed=number))
        result = learner.step(AdamWSettings(lr=0.01 / number, weight_decay=0.01, max_grad_norm=1))
        assert (result.step, result.weights_version) == (number, number)
        if number == 10:
            learner.save(Path(checkpoint), extra_state={"note": "at ten"})
    save_file({n: p.detach().contiguous() for n, p in weights.trained.items()}, out)


if __name__ == "__main__":
    main(*sys.argv[1:5], *map(int, sys.argv[5:]))
