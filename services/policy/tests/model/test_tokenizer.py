import json

import pytest
from make_settings import make_settings
from tiny_models import save_tiny_folder
from tokenizers import Tokenizer

from ssp_policy.assembly import load_parts, preflight
from ssp_policy.errors import PolicyError
from ssp_policy.model.loading import load_model
from ssp_policy.model.tokenizer import load_tokenizer

END, START = "<|im_end|>", "<|im_start|>"
TEXTS = ["the river  and\n\nthe city", "it's 1234 café", f"{START}user\nhi{END}\n"]


@pytest.fixture
def folder(tmp_path):
    return save_tiny_folder(tmp_path / "model")


def write(folder, name, table):
    (folder / name).write_text(json.dumps(table))


def special(folder):
    return load_tokenizer(folder, 512).special_tokens_map


@pytest.mark.parametrize(
    "name", ["LlamaTokenizerFast", "Qwen2Tokenizer", "PreTrainedTokenizerFast", "Unheard", None]
)
def test_tokenizer_json_says_the_ids_whatever_the_class(folder, name):
    """LlamaTokenizer would build a tokenizer with other words from the same vocabulary."""
    write(folder, "tokenizer_config.json", {"tokenizer_class": name} if name else {})
    own, plain = load_tokenizer(folder, 512), Tokenizer.from_file(str(folder / "tokenizer.json"))
    for text in TEXTS:
        ids = plain.encode(text, add_special_tokens=False).ids
        assert own.encode(text, add_special_tokens=False) == ids
        assert own.decode(ids) == text


def test_special_tokens_stand_in_the_files(folder):
    write(folder, "tokenizer_config.json", {"eos_token": END, "pad_token": None})
    write(folder, "special_tokens_map.json", {"eos_token": "<|endoftext|>", "bos_token": START})
    assert special(folder) == {"eos_token": "<|endoftext|>", "bos_token": START}
    ids = load_tokenizer(folder, 512).get_vocab()
    listed = {str(ids[END]): {"content": END, "special": True}}
    write(folder, "tokenizer_config.json", {"eos_token": END, "added_tokens_decoder": listed})
    assert special(folder) == {"eos_token": END}
    (folder / "tokenizer_config.json").unlink()
    assert special(folder) == {"eos_token": "<|endoftext|>", "bos_token": START}


def refused(folder):
    with pytest.raises(PolicyError) as caught:
        load_model(make_settings(folder))
    assert caught.value.code == "SSP_POLICY_TOKENIZER_REFUSED"
    assert str(folder) in caught.value.message
    return caught.value.message


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"eos_token": "<|end|>"}, "eos_token <|end|>"),
        ({"pad_token": {"content": "<pad>"}}, "pad_token <pad>"),
        ({"additional_special_tokens": ["<a>"]}, "additional_special_tokens <a>"),
        ({"extra_special_tokens": {"image": "<image>"}}, "extra_special_tokens <image>"),
        ({"added_tokens_decoder": {"7": {"content": "<new>"}}}, "gives <new> the id 7"),
        ({"added_tokens_decoder": {"7": {"content": END}}}, f"gives {END} the id 7"),
        ({"do_lower_case": True}, "do_lower_case true"),
        ({"split_special_tokens": True}, "split_special_tokens true"),
    ],
)
def test_files_that_contradict_one_another_are_refused(folder, config, said):
    write(folder, "tokenizer_config.json", config)
    assert said in refused(folder)


def test_a_flag_that_differs_is_told(folder):
    ids = load_tokenizer(folder, 512).get_vocab()
    listed = {str(ids[END]): {"content": END, "special": True, "lstrip": True}}
    write(folder, "tokenizer_config.json", {"added_tokens_decoder": listed})
    assert f"lstrip true of {END}" in refused(folder)


def test_the_map_of_special_tokens_is_checked_as_well(folder):
    write(folder, "tokenizer_config.json", {})
    write(folder, "special_tokens_map.json", {"pad_token": "<pad>"})
    assert "special_tokens_map.json has pad_token <pad>" in refused(folder)


def test_ids_are_those_of_the_model(tmp_path):
    folder = save_tiny_folder(tmp_path / "model", vocab_size=300)
    other = save_tiny_folder(tmp_path / "other", vocab_size=320)
    (folder / "tokenizer.json").write_bytes((other / "tokenizer.json").read_bytes())
    text = refused(folder)
    assert "319" in text
    assert "vocab_size 300" in text


def test_ids_that_would_be_drawn_are_refused(folder):
    table = json.loads((folder / "tokenizer.json").read_text())
    table["model"]["dropout"] = 0.1
    write(folder, "tokenizer.json", table)
    assert "dropout 0.1" in refused(folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model": {"type": "Unigram"}}, 'model.type "Unigram"'),
        ({"decoder": {"type": "Metaspace"}}, 'decoder.type "Metaspace"'),
        ({"decoder": None}, "decoder.type null"),
    ],
)
def test_what_the_trainer_does_not_encode_is_refused_by_field_and_value(folder, change, said):
    table = json.loads((folder / "tokenizer.json").read_text())
    for field, value in change.items():
        table[field] = value if value is None else table[field] | value
    write(folder, "tokenizer.json", table)
    assert said in refused(folder)


def test_an_added_token_that_looks_at_the_text_beside_it_is_refused(folder):
    table = json.loads((folder / "tokenizer.json").read_text())
    table["added_tokens"][0]["rstrip"] = True
    write(folder, "tokenizer.json", table)
    assert "rstrip true of its added token" in refused(folder)


def test_it_is_checked_before_anything_is_loaded(folder, monkeypatch):
    table = json.loads((folder / "tokenizer.json").read_text())
    table["model"]["type"] = "Unigram"
    write(folder, "tokenizer.json", table)
    monkeypatch.setattr("ssp_policy.assembly.load_model", None)
    for look in (preflight, lambda settings: load_parts(settings, lambda _done, _what: None)):
        with pytest.raises(PolicyError, match="Unigram"):
            look(make_settings(folder))
