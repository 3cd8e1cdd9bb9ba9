"""Scoring and training on the CPU beside plain transformers: the numbers and the speed.

In services/policy: python -m benchmarks.training FOLDER THREADS ROUNDS
FOLDER is that of small_model.py. Prints one JSON.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from make_settings import make_settings
from tiny_models import FAMILIES, save_tiny_folder

from benchmarks.agreement import measure_agreement
from benchmarks.plain_training import PlainTraining
from benchmarks.ragged import grouped_sequences, ragged_sequences
from ssp_policy.learner.learner import Learner
from ssp_policy.learner.optimizer import AdamWSettings
from ssp_policy.model.loading import load_model
from ssp_policy.model.weights import Weights
from ssp_policy.settings import Settings

SEQUENCES = 96
GROUPS, ATTEMPTS = 9, 8
PLAIN_BATCH = 16
MICRO_BATCH_TOKENS = 4096


def main() -> None:
    """Measure agreement for three tiny models, and speed for the one given."""
    folder, threads, rounds = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(threads)
    with tempfile.TemporaryDirectory() as work:
        agreement = {
            family: measure_agreement(save_tiny_folder(Path(work) / family, family))
            for family in FAMILIES
        }
    settings = make_settings(
        folder, threads=threads, micro_batch_tokens=MICRO_BATCH_TOKENS, reference=False
    )
    print(json.dumps({"agreement": agreement, "speed": measure_speed(settings, rounds)}))


def measure_speed(settings: Settings, rounds: int) -> dict[str, object]:
    """Give tokens per second of each side's scoring and training, one value for each round."""
    weights = Weights(load_model(settings, attention="ssp"), settings)
    learner = Learner(weights, settings)
    plain = PlainTraining(settings.model, PLAIN_BATCH)
    tokens, token_weights = ragged_sequences(SEQUENCES, weights.vocab_size, seed=0)
    group_tokens, group_weights = grouped_sequences(GROUPS, ATTEMPTS, weights.vocab_size, seed=0)

    def train(tokens: list[list[int]], token_weights: list[list[float]]) -> None:
        learner.backward(tokens, token_weights)
        learner.step(AdamWSettings(lr=1e-5))

    work: dict[str, Callable[[], object]] = {
        "scoring": lambda: learner.log_probs("policy", tokens),
        "plainScoring": lambda: plain.log_probs(tokens),
        "training": lambda: train(tokens, token_weights),
        "plainTraining": lambda: plain.train(tokens, token_weights, lr=1e-5),
        "groups": lambda: train(group_tokens, group_weights),
        "plainGroups": lambda: plain.train(group_tokens, group_weights, lr=1e-5),
    }
    counts = dict.fromkeys(work, sum(map(len, tokens)))
    counts |= dict.fromkeys(["groups", "plainGroups"], sum(map(len, group_tokens)))
    rates: dict[str, list[float]] = {name: [] for name in work}
    for turn in range(rounds + 1):
        for name, run in work.items():
            started = time.perf_counter()
            run()
            if turn > 0:  # the first one warms up
                rates[name].append(counts[name] / (time.perf_counter() - started))
    return {"sequences": len(tokens), "tokens": counts["training"], "tokensPerSecond": rates}


if __name__ == "__main__":
    main()
