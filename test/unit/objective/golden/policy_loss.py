"""Writes policy-loss.json: losses and gradients by PyTorch autograd, for policy-loss.test.ts.

The loss is written as the papers have it and the gradient left to autograd, in float64.
Run: python policy_loss.py > policy-loss.json
"""

import json

import torch

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)
LENGTHS = [9, 1, 14, 6, 11, 4]
ADVANTAGES = [1.3, -0.8, -1.7, 0.6, 0.0, 0.9]
OPTIONS = [(0.2, 0.285, 0.0), (0.2, 0.285, 0.01), (0.1, 0.4, 0.5), (0.0, 0.0, 0.1)]

sequences = []
for length, advantage in zip(LENGTHS, ADVANTAGES):
    logp = -3 * torch.rand(length)
    # Ratios from about 0.5 to 2: below, inside and above the bounds.
    old = logp + 0.35 * torch.randn(length)
    reference = logp + 0.6 * torch.randn(length)
    mask = (torch.rand(length) < 0.75).double()
    sequences.append((logp, old, reference, mask, advantage))
sequences[1][3].fill_(0)  # a rollout without a sampled token
sequences[3][1].copy_(sequences[3][0])  # a rollout of the very weights that are trained


def token_losses(logp, old, reference, advantage, low, high, kl):
    ratio = torch.exp(logp - old)
    clipped = torch.clamp(ratio, 1 - low, 1 + high)
    surrogate = -torch.minimum(ratio * advantage, clipped * advantage)
    difference = reference - logp
    return surrogate + kl * (torch.exp(difference) - difference - 1)


def aggregate(losses, masks, name):
    if name == "token-sum":
        return sum((loss * mask).sum() for loss, mask in zip(losses, masks))
    if name == "token-mean":
        return torch.cat(losses)[torch.cat(masks) > 0].mean()
    means = [loss[mask > 0].mean() for loss, mask in zip(losses, masks) if mask.sum() > 0]
    return torch.stack(means).mean()


def case(low, high, kl, aggregation):
    logps = [sequence[0].clone().requires_grad_() for sequence in sequences]
    masks = [sequence[3] for sequence in sequences]
    losses = [
        token_losses(logp, old, reference, advantage, low, high, kl)
        for logp, (_, old, reference, _, advantage) in zip(logps, sequences)
    ]
    loss = aggregate(losses, masks, aggregation)
    loss.backward()
    return {
        "options": {
            "clipLow": low,
            "clipHigh": high,
            "klCoefficient": kl,
            "aggregation": aggregation,
        },
        "loss": loss.item(),
        "gradients": [
            (torch.zeros_like(logp) if logp.grad is None else logp.grad).tolist() for logp in logps
        ],
    }


print(
    json.dumps(
        {
            "made_by": f"PyTorch {torch.__version__} autograd, golden/policy_loss.py",
            "sequences": [
                {
                    "logp_T": logp.tolist(),
                    "oldLogp_T": old.tolist(),
                    "referenceLogp_T": reference.tolist(),
                    "mask_T": mask.int().tolist(),
                    "advantage": advantage,
                }
                for logp, old, reference, mask, advantage in sequences
            ],
            "cases": [
                case(*options, aggregation)
                for options in OPTIONS
                for aggregation in ["token-sum", "token-mean", "sequence-mean"]
            ],
        },
        indent=1,
    )
)
