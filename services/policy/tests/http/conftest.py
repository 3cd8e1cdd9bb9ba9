import pytest
import torch
from tiny_models import save_tiny_folder


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory):
    """A tiny Qwen3 with its tokenizer, as a download would be."""
    torch.set_num_threads(1)
    return save_tiny_folder(tmp_path_factory.mktemp("model") / "qwen3")


@pytest.fixture
def checkpoints(tmp_path):
    return tmp_path / "checkpoints"
