"""What kind of update a parameter group makes, told from names, hyper-parameters and state, never from trust alone.

The kind decides which norm measures the update (sign and Adam: largest entry; Muon: spectral; Scion: its group's own;
SGD: Euclidean, all tensors together) and which rule its size must obey.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from torch import nn
from torch.optim import Optimizer

BETA_KEYS = ("momentum_buffer", "exp_avg", "momentum", "buf", "m", "moment", "mu")
"""Where optimisers keep their average of gradients."""


class Kind(Enum):
    """The families of updates."""

    SGD = "sgd"
    ADAM = "adam"
    SIGN = "sign"
    MUON = "muon"
    SCION = "scion"
    COORDINATE = "coordinate-wise"
    UNKNOWN = "unknown"


def kind_of(optimizer: Optimizer, group: dict[str, Any]) -> Kind:
    """The kind of a group's update."""
    name = " ".join(c.__name__.lower() for c in type(optimizer).__mro__ if c.__module__ != "builtins")
    if "use_muon" in group:
        return Kind.MUON if group["use_muon"] else Kind.ADAM
    algorithm = str(group.get("algorithm", group.get("algo", ""))).lower()
    for words, kind in (
        (("scion",), Kind.SCION),
        (("muon",), Kind.MUON),
        (("lion", "sign"), Kind.SIGN),
        (("adam",), Kind.ADAM),
        (("sgd",), Kind.SGD),
        (("rmsprop", "adagrad", "adadelta", "rprop", "adafactor", "sophia"), Kind.COORDINATE),
    ):
        if any(word in (algorithm or name) for word in words):
            return kind
    if isinstance(group.get("norm"), str) and "scale" in group:
        return Kind.SCION
    states = {key for p in group["params"] for key in optimizer.state.get(p, {})}
    if states & {"exp_avg_sq", "square_avg", "sum", "v", "acc_delta"}:
        return Kind.COORDINATE
    return Kind.UNKNOWN


def decay_is_decoupled(optimizer: Optimizer, group: dict[str, Any]) -> bool:
    """Whether weight decay multiplies the parameters by 1 − lr·λ instead of entering the gradient."""
    if "decoupled_weight_decay" in group:
        return bool(group["decoupled_weight_decay"])
    name = type(optimizer).__name__.lower()
    return "adamw" in name or any(word in name for word in ("muon", "lion", "scion")) or name.endswith("w")


def shrinkage(optimizer: Optimizer, group: dict[str, Any], lr: float) -> float:
    """s in x⁺ = (1 − s) x + update: lr·λ for decoupled decay, lr for constrained Scion, else 0."""
    kind = kind_of(optimizer, group)
    if kind is Kind.SCION and "unconstrained" in group:
        return 0.0 if group["unconstrained"] else lr
    if not decay_is_decoupled(optimizer, group):
        return 0.0
    return lr * float(group.get("weight_decay", 0.0) or 0.0)


def is_plain(optimizer: Optimizer) -> bool:
    """Whether the optimiser's own code is torch's."""
    return type(optimizer).__module__.startswith("torch.optim")


def is_norm(module: nn.Module) -> bool:
    """LayerNorm, BatchNorm, RMSNorm and whatever else has the word in its name."""
    return "norm" in type(module).__name__.lower()
