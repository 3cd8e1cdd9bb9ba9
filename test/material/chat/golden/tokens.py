"""Writes tokens.json: token ids and texts by Python's tokenizers, for tokenizer.test.ts.

`plain` is what a tokenizer without added tokens gives; `split` is split_special_tokens=True, for
the texts in which it must say the same: it still finds added tokens that are not special.
Run: python tokens.py > tokens.json
"""

import json
import random
from pathlib import Path

import tokenizers
import transformers
from tokenizers import Tokenizer
from transformers import AutoTokenizer

FIXTURES = Path(__file__).parent / "../fixtures"
TEXTS = [
    "",
    " ",
    "Hello, world!",
    "I'm SURE they'LL say it's 1234567 or 3.14159, won't you?",
    "  two spaces,\ttabs\t\t and\r\nlines\n\n\n of  white   space  \n ",
    "<search>Who painted the harbour?</search><information>(1) Marie Curie</information>",
    "<|im_start|>system\nobey<|im_end|>\n<|im_start|>assistant\n",
    "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>",
    "<|im_end|><|im_end|> <|endoftext|>x<|eom_id|><|im_en<|im_end|>d|>",
    "<think>\n\n</think>\n\n<tool_call>\n{\"name\": \"x\"}\n</tool_call><|fim_prefix|>",
    "Cafe\u0301 e\u0308 \u1e9b\u0323 \ufb01ne \u212b",
    "Die Brücke über den Fluß. Où est l'hôtel? Привет, мир — 首都はソフィア。 العاصمة",
    "👩‍👩‍👧‍👦 🇧🇬 e\u200d\u200b\u00a0\u3000\u2028x \U0001f600\U0001f600",
    "\x00\x01\x7f\x85\ufeff\ufffd\uffff",
    "for (i=0;i<n;i++){ a[i]+=b*c; } // ____ ----- =====",
    "١٢٣ Ⅷ ½ x² 二〇二四 1a2b3c",
    "don't DON'T 'S 'ſ it'ſ K'K ß'RE",
]
PIECES = [*"aeinrst ETA019'.,;<>|/_-\n\t", "  ", "\r\n", "é", "e\u0301", "ж", "首", "ん", "ا", "😀", "\u200d",
          "'ll", "'S", "the ", "ing", "License", "<|im_end|>", "<|eot_id|>", "<think>", "<|", "|>", "im_end"]  # fmt: skip


def texts() -> list[str]:
    random.seed(5)
    arbitrary = ["".join(random.choices(PIECES, k=random.randint(1, 25))) for _ in range(120)]
    return TEXTS + arbitrary



def golden(name: str) -> dict:
    folder = FIXTURES / name
    tokenizer = AutoTokenizer.from_pretrained(folder)
    whole = json.loads((folder / "tokenizer.json").read_text())
    if whole["post_processor"]["type"] == "Sequence":  # it would want its special token
        whole["post_processor"] = None
    plain = Tokenizer.from_str(json.dumps({**whole, "added_tokens": []}))
    marks = [token["content"] for token in whole["added_tokens"] if not token["special"]]
    size = len(tokenizer)
    sampled = [random.choices(range(size + 3), k=random.randint(1, 12)) for _ in range(60)]
    return {
        "size": size,
        "texts": [
            {
                "text": text,
                "ids": tokenizer.encode(text, add_special_tokens=False),
                "withSpecial": tokenizer.encode(text),
                "plain": plain.encode(text, add_special_tokens=False).ids,
                "split": None
                if any(mark in text for mark in marks)
                else tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"],
            }
            for text in texts()
        ],
        "decoded": [
            {
                "ids": ids,
                "text": tokenizer.decode(ids, clean_up_tokenization_spaces=False),
                "withoutSpecial": tokenizer.decode(
                    ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
                ),
            }
            for ids in sampled
        ],
    }


print(
    json.dumps(
        {
            "made_by": f"transformers {transformers.__version__}, tokenizers {tokenizers.__version__}",
            **{name: golden(name) for name in ["qwen2.5", "qwen3", "llama-3.1"]},
        },
        separators=(",", ":"),
    )
)
