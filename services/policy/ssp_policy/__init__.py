"""The policy service: samples from, scores and trains one language model."""

VERSION = "0.1.0"
"""That of the project; tests hold it in step with package.json and pyproject.toml."""
