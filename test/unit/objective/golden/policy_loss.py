"""Writes policy-loss.json: losses and gradients by PyTorch autograd, for policy-loss.test.ts.

The loss is written as the papers have it and the gradient left to autograd, in float64.
Run: python policy_loss.py > policy-loss.json
"""

import json
import math

import torch

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)
LENGTHS = [9, 1, 14, 6, 11, 4]
ADVANTAGES = [1.3, -0.8, -1.7, 0.6, 0.0, 0.9]
OPTIONS = [
    {"clipLow": 0.2, "clipHigh": 0.285, "klCoefficient": 0.0},
    {"clipLow": 0.2, "clipHigh": 0.285, "klCoefficient": 0.01},
    {"clipLow": 0.1, "clipHigh": 0.4, "klCoefficient": 0.5},
    {"clipLow": 0.0, "clipHigh": 0.0, "klCoefficient": 0.1},
    # Bounds near enough to be met by these sequences.
    {"clipLow": 0.2, "clipHigh": 0.285, "klCoefficient": 0.5, "dualClip": 1.5},
    {"clipLow": 0.2, "clipHigh": 0.285, "klCoefficient": 0.5, "maxLogRatio": 0.5},
    {"clipLow": 0.2, "clipHigh": 0.285, "klCoefficient": 0.5, "maxDivergence": 0.1},
]
WEIGHTS = [1, 1, 0.4, 2, 1, 1]

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


def token_losses(logp, old, reference, advantage, options):
    bound = options.get("maxLogRatio", math.inf)
    ratio = torch.exp(torch.clamp(logp - old, -bound, bound))
    clipped = torch.clamp(ratio, 1 - options["clipLow"], 1 + options["clipHigh"])
    surrogate = -torch.minimum(ratio * advantage, clipped * advantage)
    if advantage < 0 and "dualClip" in options:
        surrogate = torch.clamp(surrogate, max=-options["dualClip"] * advantage)
    difference = torch.clamp(reference - logp, -bound, bound)
    divergence = torch.exp(difference) - difference - 1
    divergence = torch.clamp(divergence, max=options.get("maxDivergence", math.inf))
    return surrogate + options["klCoefficient"] * divergence


def aggregate(losses, masks, name):
    losses = [loss * weight for loss, weight in zip(losses, WEIGHTS)]
    if name == "token-sum":
        return sum((loss * mask).sum() for loss, mask in zip(losses, masks))
    if name == "token-mean":
        return torch.cat(losses)[torch.cat(masks) > 0].mean()
    means = [loss[mask > 0].mean() for loss, mask in zip(losses, masks) if mask.sum() > 0]
    return torch.stack(means).mean()


def case(options, aggregation):
    logps = [sequence[0].clone().requires_grad_() for sequence in sequences]
    masks = [sequence[3] for sequence in sequences]
    losses = [
        token_losses(logp, old, reference, advantage, options)
        for logp, (_, old, reference, _, advantage) in zip(logps, sequences)
    ]
    loss = aggregate(losses, masks, aggregation)
    loss.backward()
    return {
        "options": {**options, "aggregation": aggregation},
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
                    "lossWeight": weight,
                }
                for (logp, old, reference, mask, advantage), weight in zip(sequences, WEIGHTS)
            ],
            "cases": [
                case(options, aggregation)
                for options in OPTIONS
                for aggregation in ["token-sum", "token-mean", "sequence-mean"]
            ],
        },
        indent=1,
    )
)
