"""The encoder and its tokenizer: a BERT small enough to ship, and how it turns texts into vectors."""

from __future__ import annotations

import json
import random
import string
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertModel
from worlds import World, made_up_word, passage_text, rename

SPECIAL_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
VOCABULARY = 1500
MADE_UP_WORDS = 30_000
QUERY_TOKENS, PASSAGE_TOKENS = 256, 512


def train_tokenizer(worlds: list[World], seed: int) -> Tokenizer:
    """WordPiece, uncased as BERT's. Names are taken from made-up words only, so that the names of
    any world are cut into pieces in the same way."""
    rng = random.Random(seed)

    def texts():
        for world in worlds:
            raw = [passage_text(passage) for passage in world.passages]
            raw += [f"query: {question['question']}" for question in world.questions]
            yield from rename(raw, world.names, rng)
        for _ in range(MADE_UP_WORDS):
            yield made_up_word(rng)

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    letters = string.ascii_lowercase + string.digits
    trainer = trainers.WordPieceTrainer(
        vocab_size=VOCABULARY - len(letters),
        special_tokens=SPECIAL_TOKENS,
        initial_alphabet=list(letters + string.punctuation),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts(), trainer)
    return with_pieces(tokenizer, [f"##{letter}" for letter in letters])


def with_pieces(tokenizer: Tokenizer, pieces: list[str]) -> Tokenizer:
    """The tokenizer with these pieces too: then no word of plain letters and digits is unknown."""
    # The trainer numbers its pieces in another order each time.
    ordinary = sorted({*tokenizer.get_vocab(), *pieces}.difference(SPECIAL_TOKENS))
    vocabulary = {piece: number for number, piece in enumerate([*SPECIAL_TOKENS, *ordinary])}
    tokenizer.model = models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100)
    ends = [(name, vocabulary[name]) for name in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ends
    )
    return tokenizer


def create_model(vocabulary: int) -> BertModel:
    """Two layers of 128. Word vectors start far apart and positions near zero, so that a text starts
    as the bag of its pieces; training then learns what to leave out."""
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=256,
        max_position_embeddings=PASSAGE_TOKENS,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    model = BertModel(config, add_pooling_layer=False)
    with torch.no_grad():
        model.embeddings.word_embeddings.weight.normal_(0, 1)
        model.embeddings.position_embeddings.weight.normal_(0, 0.02)
        model.embeddings.token_type_embeddings.weight.normal_(0, 0.02)
    return model


def token_ids(tokenizer: Tokenizer, texts: list[str], limit: int) -> list[list[int]]:
    """Ids with [CLS] and [SEP]; a longer text is cut before its [SEP]."""
    rows = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    return [row if len(row) <= limit else row[: limit - 1] + row[-1:] for row in rows]


def embed_ids(model: BertModel, rows: list[list[int]], texts_at_once: int = 32) -> torch.Tensor:
    """Unit vectors N x D: the mean over a text's tokens. Texts of like length go together."""
    order = sorted(range(len(rows)), key=lambda row: len(rows[row]))
    parts = [
        embed_batch(model, [rows[row] for row in order[start : start + texts_at_once]])
        for start in range(0, len(order), texts_at_once)
    ]
    return torch.cat(parts)[torch.argsort(torch.tensor(order))]


def embed_batch(model: BertModel, rows: list[list[int]]) -> torch.Tensor:
    longest = max(map(len, rows))
    ids_N_T = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
    mask_N_T = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
    hidden_N_T_D = model(input_ids=ids_N_T, attention_mask=mask_N_T).last_hidden_state
    mask_N_T_1 = mask_N_T.unsqueeze(-1).to(hidden_N_T_D.dtype)
    return torch.nn.functional.normalize((hidden_N_T_D * mask_N_T_1).sum(1) / mask_N_T_1.sum(1), dim=1)


def save_folder(model: BertModel, tokenizer: Tokenizer, folder: Path) -> None:
    """Configuration and tokenizer as in intfloat/e5-small-v2; the weights are exported apart."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = tokenizer.get_vocab()
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    (folder / "vocab.txt").write_text("".join(f"{word}\n" for word in sorted(vocabulary, key=vocabulary.get)), "utf8")
    special = {f"{token[1:-1].lower()}_token": token for token in SPECIAL_TOKENS}
    settings = {"do_lower_case": True, "model_max_length": PASSAGE_TOKENS, "tokenizer_class": "BertTokenizer"}
    files = {
        "config.json": {"_name_or_path": "tiny-e5", "architectures": ["BertModel"], **model.config.to_diff_dict()},
        "tokenizer_config.json": {**special, **settings, "strip_accents": None, "tokenize_chinese_chars": True},
        "special_tokens_map.json": special,
        "sentence_bert_config.json": {"max_seq_length": PASSAGE_TOKENS, "do_lower_case": False},
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": model.config.hidden_size,
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
        },
    }
    for name, value in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", "utf8")
