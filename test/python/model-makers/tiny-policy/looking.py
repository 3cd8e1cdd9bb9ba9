"""The looking loss of every sort by the trainer and from transformers' own attention weights."""

import json
import sys
from pathlib import Path

import torch
from transformers import Qwen3ForCausalLM

root = Path(__file__).resolve().parents[4]
sys.path.insert(0, str(root / "src" / "model-makers" / "tiny-policy"))
from examples import Example, collate  # noqa: E402
from looking import BACK_HEADS, NAME, TAUGHT, looking_losses  # noqa: E402

folder = root / "src" / "models" / "tiny-policy"
torch.set_num_threads(1)
torch.manual_seed(0)
names = list(TAUGHT)
looks = {name: [(5 + i, 2 + i), (9, i)] for i, name in enumerate(names)}
batch = collate([Example(list(range(300, 312)), [3], looks), Example(list(range(400, 408)), [2], {})])
with torch.inference_mode():
    model = Qwen3ForCausalLM.from_pretrained(folder, attn_implementation=NAME).eval()
    model(input_ids=batch.tokens_B_T)
    ours = looking_losses(batch)
    plain = Qwen3ForCausalLM.from_pretrained(folder, attn_implementation="eager").eval()
    paid = plain(input_ids=batch.tokens_B_T, output_attentions=True).attentions

theirs = {}
for name, heads in TAUGHT.items():
    each = [-paid[layer][0, head, place, source].log() for layer, head in heads for place, source in looks[name]]
    theirs[name] = torch.stack(each).mean()
# Places one to three back are drawn at random, so their loss lies between the least and the largest.
back = [-paid[0][:, head].diagonal(-1 - head, 1, 2).log() for head in BACK_HEADS]
bounds = [float(sum(value.min() for value in back) / 3), float(sum(value.max() for value in back) / 3)]
json.dump(
    {
        "ours": {name: float(ours[name]) for name in names},
        "theirs": {name: float(value) for name, value in theirs.items()},
        "back": float(ours["back"]),
        "bounds": bounds,
    },
    sys.stdout,
)
