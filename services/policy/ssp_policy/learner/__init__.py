"""Training of the policy: log-probabilities, gradients, optimizer steps and checkpoints."""
