"""The policy service: samples from, scores and trains one language model."""
