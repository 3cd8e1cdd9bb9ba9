"""Plain model folders, read by transformers alone."""

import json
import stat

import peft
import pytest
import torch
from make_settings import make_settings
from tiny_models import save_tiny_folder
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

from ssp_policy.errors import PolicyError
from ssp_policy.learner import plain_model
from ssp_policy.learner.learner import Learner
from ssp_policy.learner.optimizer import AdamWSettings
from ssp_policy.learner.plain_model import write_plain_model
from ssp_policy.model.loading import load_model
from ssp_policy.model.weights import Weights

TOKENS = torch.tensor([[5, 70, 71, 300, 2, 9]])


def trained(tmp_path, *, full, shards="1GB", dtype=torch.float32):
    """Train a step and save; give model folder, checkpoint and the live model."""
    base = save_tiny_folder(tmp_path / "base")
    model = AutoModelForCausalLM.from_pretrained(base).to(dtype)
    (base / "model.safetensors").unlink()
    model.save_pretrained(base, max_shard_size=shards)
    settings = make_settings(base, full=full, dtype="bf16" if dtype == torch.bfloat16 else "fp32")
    weights = Weights(load_model(settings), settings)
    learner = Learner(weights, settings)
    for _ in range(2):
        learner.backward([TOKENS[0].tolist()], [[0.0, 1, 1, 1, 1, 1]])
        learner.step(AdamWSettings(lr=0.02))
    return base, learner.save(tmp_path / "step-000002").path, weights.live


def logits(model):
    with torch.no_grad():
        return model(TOKENS).logits


@pytest.mark.parametrize("shards", ["1GB", "30KB"])
def test_a_merged_adapter_is_the_live_model(tmp_path, shards):
    base, checkpoint, live = trained(tmp_path, full=False, shards=shards)
    (base / "generation_config.json").unlink()
    out = tmp_path / "out"
    written = write_plain_model(base, checkpoint, out)
    assert written.merged_layers == 14
    plain = AutoModelForCausalLM.from_pretrained(out)
    assert not isinstance(plain, peft.PeftModel)
    torch.testing.assert_close(logits(plain), logits(live), atol=1e-5, rtol=1e-5)
    assert not torch.allclose(logits(plain), logits(AutoModelForCausalLM.from_pretrained(base)))
    tokenizer = AutoTokenizer.from_pretrained(out)
    assert GenerationConfig.from_pretrained(out).eos_token_id == tokenizer.eos_token_id
    assert tokenizer.chat_template == AutoTokenizer.from_pretrained(base).chat_template
    files = [path for path in out.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o644}
    assert stat.S_IMODE(out.stat().st_mode) == 0o755
    assert (written.files, written.size) == (len(files), sum(f.stat().st_size for f in files))
    assert [path.name for path in tmp_path.iterdir() if "out" in path.name] == ["out"]


def test_the_format_of_the_base_is_kept(tmp_path):
    base, checkpoint, live = trained(tmp_path, full=False, dtype=torch.bfloat16)
    write_plain_model(base, checkpoint / "adapter", tmp_path / "out")
    plain = AutoModelForCausalLM.from_pretrained(tmp_path / "out")
    assert plain.dtype == torch.bfloat16
    torch.testing.assert_close(logits(plain), logits(live), atol=0.3, rtol=0.05)


def test_a_model_of_a_checkpoint_is_copied_bit_for_bit(tmp_path):
    _, checkpoint, live = trained(tmp_path, full=True)
    model = checkpoint / "model"
    write_plain_model(model, None, tmp_path / "out")
    assert torch.equal(logits(AutoModelForCausalLM.from_pretrained(tmp_path / "out")), logits(live))
    (model / "config.json").write_text("{}")
    with pytest.raises(PolicyError, match="SSP_POLICY_CHECKPOINT_DAMAGED"):
        write_plain_model(model, None, tmp_path / "other")


def test_a_byte_level_tokenizer_of_llamas_class_reads_the_same_elsewhere(tmp_path):
    base = save_tiny_folder(tmp_path / "base", "llama")
    table = json.loads((base / "tokenizer_config.json").read_text())
    table["tokenizer_class"] = "LlamaTokenizerFast"
    (base / "tokenizer_config.json").write_text(json.dumps(table))
    write_plain_model(base, None, tmp_path / "out")
    text = "the river and the city"
    own = load_model(make_settings(base)).tokenizer.encode(text)
    assert AutoTokenizer.from_pretrained(tmp_path / "out").encode(text) == own
    assert AutoTokenizer.from_pretrained(base).encode(text) != own


def test_nothing_is_overwritten_and_nothing_half_is_left(tmp_path, monkeypatch):
    base = save_tiny_folder(tmp_path / "base")
    (tmp_path / "out").mkdir()
    write_plain_model(base, None, tmp_path / "out")  # an empty folder is nothing
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(PolicyError, match="there already") as caught:
        write_plain_model(base, None, tmp_path / "out")
    assert caught.value.code == "SSP_POLICY_EXPORT_FAILED"
    with monkeypatch.context() as patch:
        patch.setattr(plain_model, "free_bytes", lambda _folder: 30_000_001)
        with pytest.raises(PolicyError, match=r"it needs 0\.03 GB"):
            write_plain_model(base, None, tmp_path / "small")
    with monkeypatch.context() as patch:
        patch.setattr(plain_model, "check_weight_files", fail_on(".small.partial"))
        with pytest.raises(PolicyError, match="No space left"):
            write_plain_model(base, None, tmp_path / "small")
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def fail_on(name):
    def check(folder, config):
        if folder.name == name:
            raise OSError(28, "No space left on device")
        return real(folder, config)

    real = plain_model.check_weight_files
    return check
