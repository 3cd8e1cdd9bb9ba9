"""Makes two random encoder folders below argv[1], in the file formats of e5-*-v2 and
multilingual-e5-*, and writes PyTorch's mean-pooled unit vectors of argv[2]'s texts beside them."""

import json
import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    BertConfig,
    BertModel,
    PreTrainedTokenizerFast,
    XLMRobertaConfig,
    XLMRobertaModel,
)

out = Path(sys.argv[1])
texts: list[str] = json.loads(Path(sys.argv[2]).read_text())
sizes = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48)


def word_piece() -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(vocab_size=200, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = dict(pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]")
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, mask_token="[MASK]", **names)


def unigram() -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trainer = trainers.UnigramTrainer(
        vocab_size=200, special_tokens=special, unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    names = dict(bos_token="<s>", cls_token="<s>", pad_token="<pad>", eos_token="</s>")
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, sep_token="</s>", unk_token="<unk>", mask_token="<mask>", **names
    )


def write(name: str, tokenizer: PreTrainedTokenizerFast, model: torch.nn.Module) -> None:
    folder = out / name
    model.eval().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    vectors = []
    for text in texts:  # one at a time: no padding that could hide an error
        tokens = tokenizer(text, return_tensors="pt")
        with torch.no_grad():
            hidden = model(tokens["input_ids"], tokens["attention_mask"]).last_hidden_state
        vectors.append(torch.nn.functional.normalize(hidden.mean(dim=1), dim=-1)[0].tolist())
    (out / f"{name}.json").write_text(json.dumps(vectors))


torch.manual_seed(1)
bert, roberta = word_piece(), unigram()
write("bert", bert, BertModel(BertConfig(vocab_size=len(bert), **sizes)))
config = XLMRobertaConfig(
    vocab_size=len(roberta), pad_token_id=1, max_position_embeddings=514, type_vocab_size=1, **sizes
)
write("xlm-roberta", roberta, XLMRobertaModel(config))
