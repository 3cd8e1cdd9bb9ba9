"""A server of text vectors in OpenAI's shape, over the PyTorch weights of an encoder folder."""
