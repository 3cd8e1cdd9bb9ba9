import pytest
import torch
from tiny_encoder import save_tiny_encoder


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    torch.set_num_threads(1)
    return save_tiny_encoder(tmp_path_factory.mktemp("model") / "tiny")
