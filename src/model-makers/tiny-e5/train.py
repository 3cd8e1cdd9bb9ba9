"""Makes tiny-e5: trains it on generated encyclopedias, exports it to ONNX and measures it.

    python train.py --worlds RUNS/worlds --out MODEL_FOLDER --golden golden.json --log log.jsonl

WORLDS holds one folder a seed (`world/`, `corpus/`), made by `npm run tiny-e5`; the folder
`unseen` is only measured on. One seed, one thread count, one machine: the same weights.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import time
from pathlib import Path

import onnx
import torch
from evaluate import recall, search_bm25, search_dense
from model import PASSAGE_TOKENS, QUERY_TOKENS, create_model, embed_ids, save_folder, token_ids, train_tokenizer
from worlds import draw_example, passage_text, read_world, rename

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src" / "python"))
from encoder_graph import encoder_graph  # noqa: E402

SEED = 20
THREADS = 1
STEPS = 150
QUERIES = 64
LEARNING_RATE = 4e-3
WARM_UP_STEPS = 20
TEMPERATURE = 0.03
RENAMED_SHARE = 0.5
KEYWORD_SHARE = 0.25
BACK_SHARE = 0.25

GOLDEN_TEXTS = [
    ("query", "", "Where was Stasku Fimurg born?"),
    ("query", "", "Łódź, São Paulo, Αθήνα, Москва, 東京都 and مدينة: é, ﬁ, 😀"),
    ("query", "", ""),
    ("query", "", "long query with many words, 1,234 of them; " * 40),
    ("passage", "Stasku Fimurg", "Stasku Fimurg was a painter. She was born in Wieko Baubend on 9 October 1840."),
    ("passage", "", "a passage without a title"),
    ("passage", "Plenov Mabomp (river)", "It is 312 km (194 mi) long and rises near Jelku Daimend. " * 60),
]


class Log:
    """Events as JSON lines, on the screen and in a file that appears when all is done."""

    def __init__(self, path: Path, part: Path):
        self.path = path
        self.part = part
        self.file = self.part.open("w", encoding="utf8")
        self.start = time.perf_counter()

    def write(self, **event) -> None:
        line = json.dumps({**event, "seconds": round(time.perf_counter() - self.start, 1)})
        print(line, flush=True)
        print(line, file=self.file, flush=True)

    def close(self) -> None:
        self.file.close()
        shutil.move(self.part, self.path)


def train(model, tokenizer, worlds, log: Log, steps: int) -> None:
    """In-batch contrastive loss (InfoNCE) with one look-alike passage a query, as e5 was trained."""
    rng = random.Random(SEED)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, betas=(0.9, 0.98), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / WARM_UP_STEPS) * (1 - step / steps)
    )
    model.train()
    for step in range(1, steps + 1):
        loss = step_loss(model, tokenizer, rng.choice(worlds), rng)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step == 1 or step % 5 == 0:
            log.write(step=step, loss=round(loss.item(), 4))
    model.eval()


def step_loss(model, tokenizer, world, rng: random.Random) -> torch.Tensor:
    """All texts of a batch come from one world. A passage that answers several queries is one
    candidate, so it is never its own negative."""
    examples = [draw_example(world, rng, KEYWORD_SHARE, BACK_SHARE) for _ in range(QUERIES)]
    rows = [example.positive for example in examples]
    rows += [example.negative for example in examples if example.negative is not None]
    candidates = list(dict.fromkeys(rows))
    texts = [example.query for example in examples]
    texts += [passage_text(world.passages[row]) for row in candidates]
    if rng.random() < RENAMED_SHARE:
        texts = rename(texts, world.names, rng)
    queries_Q_D = embed_ids(model, token_ids(tokenizer, texts[:QUERIES], QUERY_TOKENS))
    passages_P_D = embed_ids(model, token_ids(tokenizer, texts[QUERIES:], PASSAGE_TOKENS))
    targets_Q = torch.tensor([candidates.index(example.positive) for example in examples])
    return torch.nn.functional.cross_entropy(queries_Q_D @ passages_P_D.T / TEMPERATURE, targets_Q)


def export(model, folder: Path) -> None:
    weights = {name: value.numpy() for name, value in model.state_dict().items() if value.is_floating_point()}
    (folder / "onnx").mkdir(exist_ok=True)
    for name, quantized in (("model.onnx", False), ("model_quantized.onnx", True)):
        onnx.save(encoder_graph(model.config, weights, quantized=quantized), str(folder / "onnx" / name))


def write_golden(model, tokenizer, path: Path) -> None:
    """Ids and vectors of PyTorch's own forward pass, for the parity test."""
    rows = []
    for kind, title, text in GOLDEN_TEXTS:
        limit = QUERY_TOKENS if kind == "query" else PASSAGE_TOKENS
        whole = f"{kind}: {title}\n{text}" if title else f"{kind}: {text}"
        ids = token_ids(tokenizer, [whole], limit)
        with torch.inference_mode():
            vector_D = embed_ids(model, ids)[0].tolist()
        rows.append({"kind": kind, "title": title, "text": text, "ids": ids[0], "vector": [round(x, 7) for x in vector_D]})
    path.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n", "utf8")


def measure(model, tokenizer, worlds: Path, log: Log) -> None:
    world = read_world(worlds / "unseen")
    results = {"tiny-e5": search_dense(world, model, tokenizer), "bm25s": search_bm25(world)}
    for name, found in results.items():
        if found is None:
            log.write(note=f"{name} is not installed")
            continue
        for row in recall(world, found):
            log.write(system=name, **row)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("worlds", "out", "golden", "log"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=STEPS)
    arguments = parser.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(THREADS)
    log = Log(arguments.log, arguments.worlds.parent / "training-log.part")
    folders = sorted(folder for folder in arguments.worlds.iterdir() if folder.name != "unseen")
    worlds = [read_world(folder) for folder in folders]
    tokenizer = train_tokenizer(worlds[:2], SEED)
    model = create_model(tokenizer.get_vocab_size())
    parameters = sum(weight.numel() for weight in model.parameters())
    log.write(seed=SEED, torch=torch.__version__, threads=THREADS, worlds=len(worlds), parameters=parameters)
    train(model, tokenizer, worlds, log, arguments.steps)
    save_folder(model, tokenizer, arguments.out)
    export(model, arguments.out)
    write_golden(model, tokenizer, arguments.golden)
    measure(model, tokenizer, arguments.worlds, log)
    log.close()


if __name__ == "__main__":
    main()
