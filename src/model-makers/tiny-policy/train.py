"""Makes the tiny policy from what oracles played in generated worlds.

    python train.py --examples FOLDER --unseen unseen.jsonl --out MODEL_FOLDER --log log.jsonl

MODEL_FOLDER has the tokenizer already. One seed, one thread, one machine: the same weights.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from evaluate import accuracy
from examples import Kinds, draw_batches, read_examples, repeat
from looking import NAME, looking_losses
from model import create_model, word_ids

SEED = 20
THREADS = 1
STEP_TOKENS = 2048
WARM_UP_STEPS = 50
REPEATS = 4000
LOG_STEPS = 50
UNSEEN_EXAMPLES = 100


@dataclass
class Stage:
    """Steps with one mix of kinds. The learning rate falls to 0 over the last `decay` of them."""

    name: str
    steps: int
    lr: float
    weights: dict[str, float]
    decay: float = 0.0
    looks: float = 1.0
    """Weight of the looking losses."""


STAGES = [
    Stage("copy", 120, 3e-3, {"repeat": 3, "recall": 3}),
    Stage("look up", 300, 3e-3, {"repeat": 0.5, "recall": 3, "reverse": 2, "short-verifier": 3}),
    Stage("read", 400, 3e-3, {"recall": 2, "reverse": 2, "solver": 1, "verifier": 2, "short-verifier": 3}),
    Stage(
        "play",
        1600,
        3e-3,
        {"recall": 1, "reverse": 1, "solver": 2, "verifier": 2.5, "short-verifier": 2, "proposer": 2.5},
        decay=0.5,
    ),
    Stage(
        "ask",
        500,
        2e-3,
        {
            **{"recall": 1, "reverse": 1, "solver": 1, "verifier": 3},
            **{"short-verifier": 1, "proposer": 2, "short-proposer": 4},
        },
        decay=0.6,
    ),
    Stage(
        "be weak",
        400,
        1e-3,
        {"weak-solver": 3, "verifier": 3, "weak-proposer": 3, "short-proposer": 1},
        decay=0.6,
        looks=0.0,
    ),
]


class Log:
    """Events as JSON lines, on the screen and, when all is done, in a file."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.start = time.perf_counter()

    def write(self, **event) -> None:
        line = json.dumps({**event, "seconds": round(time.perf_counter() - self.start)})
        print(line, flush=True)
        self.lines.append(line + "\n")

    def save(self, path: Path) -> None:
        path.write_text("".join(self.lines), encoding="utf8")


def step_losses(model, batch) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Mean cross-entropy of the tokens that train, and the looking losses."""
    hidden_B_T_D = model.model(batch.tokens_B_T).last_hidden_state
    rows_N, places_N = batch.trained_N_2.T
    logits_N_V = model.lm_head(hidden_B_T_D[rows_N, places_N - 1])
    says = torch.nn.functional.cross_entropy(logits_N_V, batch.tokens_B_T[rows_N, places_N])
    return says, looking_losses(batch)


def train(model, kinds: Kinds, stage: Stage, rng: random.Random, log: Log) -> None:
    optimizer = torch.optim.AdamW(model.parameters(), lr=stage.lr, betas=(0.9, 0.98), weight_decay=0.01)
    decay_steps = max(stage.decay * stage.steps, 1)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / WARM_UP_STEPS, (stage.steps - step) / decay_steps)
    )
    batches = draw_batches(kinds, stage.weights, STEP_TOKENS, rng)
    for step in range(1, stage.steps + 1):
        says, looks = step_losses(model, next(batches))
        optimizer.zero_grad()
        (says + stage.looks * sum(looks.values())).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % LOG_STEPS == 0:
            shown = {name: round(loss.item(), 3) for name, loss in looks.items()}
            log.write(stage=stage.name, step=step, loss=round(says.item(), 3), looks=shown)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("examples", "unseen", "out", "log"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    arguments = parser.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(THREADS)
    rng = random.Random(SEED)
    log = Log()
    model = create_model(arguments.out, NAME)
    words = word_ids(arguments.out)
    kinds = read_examples(sorted(arguments.examples.glob("*.jsonl")))
    unseen = read_examples([arguments.unseen])
    counts = {name: len(examples) for name, examples in kinds.items()}
    kinds["repeat"] = [repeat(words, rng) for _ in range(REPEATS)]
    parameters = sum(weight.numel() for weight in model.parameters())
    log.write(seed=SEED, torch=torch.__version__, threads=THREADS, parameters=parameters, examples=counts)
    for stage in STAGES:
        log.write(stage=asdict(stage))
        train(model, kinds, stage, rng, log)
        log.write(stage=stage.name, unseen=accuracy(model, unseen, UNSEEN_EXAMPLES))
    model.save_pretrained(arguments.out)
    log.save(arguments.log)


if __name__ == "__main__":
    main()
