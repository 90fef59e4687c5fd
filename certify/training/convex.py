"""Convex mode: the smoothness constant L of a linear model's loss as a certified interval, and the proved step range.

For outputs Ax of a linear layer and a loss mean ℓ(output, target) with 0 ≤ ℓ'' ≤ c, the loss is convex and L-smooth
with L = c λmax(AᵀA)/n, plus weight decay. Squares: c is attained everywhere, L is exact and 2/L is sharp. Logistic and
softmax: c = 1/4 and 1/2 are attained at some points at most, so a longer step is outside the guarantee, no more.

λmax is enclosed rigorously: from below by a Rayleigh quotient, from above by a floating-point Cholesky factorisation of
λI − AᵀA that runs to completion, with the error bounds of both (Rump 2006, Higham 2002, section 10.1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from certify.training.errors import BadSetup
from certify.training.kinds import Kind, kind_of
from certify.training.rates import peak
from certify.training.session import Session
from certify.training.setup import Setup
from certify.training.theorems import EUCLIDEAN, Reference, proved
from certify.training.verdicts import Judgement, Verdict

UNIT = 2.0**-53
PASSIVE = (nn.Sequential, nn.Flatten, nn.Identity, nn.Unflatten, nn.Linear)
CURVATURE = {"least-squares": 2.0, "logistic": 0.25, "softmax": 0.5, "huber": 1.0}
"""The largest ℓ'' by the name of the loss; squares are (output − target)²."""
LARGEST = 4000
"""Unknowns beyond which AᵀA is not formed."""


@dataclass(frozen=True)
class Range:
    """L in [low, high], and what follows for the step γ = lr of gradient descent."""

    loss: str
    low: float
    high: float
    lr: float
    theorem: Reference
    full_batch: bool
    sharp: bool

    def judgement(self) -> Judgement:
        """The verdict against 0 < γ < 2/L."""
        product = f"γL = {self.lr * self.low:.4g}"
        if self.lr * self.high < 2:
            extra = "" if self.full_batch else "; for the full gradient, noise of mini-batches is not covered"
            return Judgement(Verdict.PASS, f"inside the proved range: {product} < 2{extra}")
        lower = f"lr below 2/L = {2 / self.high:.6g}"
        if self.lr * self.low > 2 and self.sharp:
            return Judgement(
                Verdict.FAIL, f"outside the proved range: {product} > 2, and on a quadratic 2/L is sharp", lower
            )
        if self.lr * self.low > 2:
            return Judgement(
                Verdict.WARN,
                f"outside the guarantee: {product} > 2; that is not to say that it diverges",
                f"{lower} is guaranteed",
            )
        return Judgement(
            Verdict.INCONCLUSIVE, f"γL = 2 within the error of L ({self.low:.9g} … {self.high:.9g})", lower
        )

    def sentences(self) -> list[str]:
        """What was established."""
        return [
            f"{self.loss}: L in [{self.low:.9g}, {self.high:.9g}], so 0 < γ < {2 / self.high:.6g} by {self.theorem}",
            f"lr = {self.lr:g}: {self.judgement().reason}",
        ]

    def data(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "loss": self.loss,
            "L": [self.low, self.high],
            "lr": self.lr,
            "largest_step": 2 / self.high,
            "sharp": self.sharp,
            "full_batch": self.full_batch,
            "verdict": self.judgement().verdict.value,
            "theorem": self.theorem.identifier,
            "certificate": self.theorem.certificate,
        }


def convex_range(setup: Setup, wanted: str | None = None, batches: int = 1000) -> Range | None:
    """The range of a linear model trained by plain SGD; none if this is not one.

    `wanted` names the loss (least-squares, logistic, softmax, huber; its mean over samples and, but for softmax,
    outputs) if `loss_fn` is not a criterion of torch; then what does not fit raises `BadSetup`.
    """
    found, layer, group = _parts(setup, wanted)
    for lacking, what in ((found, "a known convex loss"), (layer, "one linear layer"), (group, "plain SGD, one lr")):
        if lacking is None:
            if wanted is not None:
                raise BadSetup(f"convex mode needs {what}; this set-up has none")
            return None
    assert found is not None and layer is not None and group is not None  # noqa: S101, PT018 - just checked
    name, factor = found
    rows, count, several = _inputs(setup, layer, batches)
    if rows is None or rows.shape[1] > LARGEST:
        return None
    low, high = largest_eigenvalue(rows)
    scale = CURVATURE[name] * factor / count
    decay = float(group.get("weight_decay", 0.0) or 0.0)
    outputs = 1 if name == "softmax" else layer.out_features
    low, high = low * scale / outputs * (1 - 8 * UNIT) + decay, high * scale / outputs * (1 + 8 * UNIT) + decay
    sharp = name == "least-squares"
    return Range(name, low, high, peak(group), proved(*EUCLIDEAN), not several, sharp)


def is_candidate(setup: Setup, wanted: str | None = None) -> bool:
    """Whether the proved range is to decide, before any data are looked at."""
    return wanted is not None or None not in _parts(setup, wanted)


def _parts(
    setup: Setup, wanted: str | None
) -> tuple[tuple[str, float] | None, nn.Linear | None, dict[str, Any] | None]:
    found = _loss_of(setup.loss_fn) if wanted is None else _named(wanted)
    return found, _only_layer(setup.model), _plain_group(setup)


def largest_eigenvalue(a: Tensor) -> tuple[float, float]:
    """Rigorous bounds of λmax(aᵀa) for a of shape (n, d): the entries of `a` are taken as exact."""
    a = a.double()
    n, d = a.shape
    gram = a.mT @ a
    frobenius = float(a.square().sum()) * (1 + _gamma(n * d + 2))
    gram_error = _gamma(n) * frobenius  # ‖fl(aᵀa) − aᵀa‖₂ ≤ γₙ ‖|a|ᵀ|a|‖₂ ≤ γₙ ‖a‖_F²
    values, vectors = torch.linalg.eigh((gram + gram.mT) / 2)
    top = vectors[:, -1]
    image = a @ top
    quotient = float(image.square().sum()) / float(top.square().sum())
    # fl(a v) is off by γ_d |a||v|, so its norm by γ_d ‖a‖_F ‖v‖; sums of squares and the quotient by γ
    error = _gamma(d) * math.sqrt(frobenius) * (1 + _gamma(8))
    low = max(0.0, math.sqrt(max(quotient * (1 - _gamma(n + d + 8)), 0.0)) - error) ** 2 * (1 - _gamma(8))
    slack = 2.0**-45 * float(values[-1]) + gram_error
    for _ in range(60):
        shift = float(values[-1]) + slack
        shifted = torch.diag(gram.new_full((d,), shift)) - (gram + gram.mT) / 2
        if int(torch.linalg.cholesky_ex(shifted).info) == 0:
            # a Cholesky that completes proves λmin ≥ −γ/(1 − γ) trace; forming `shifted` rounds each entry once
            rounding = UNIT * (abs(shift) + frobenius) * 2
            cholesky = _gamma(d + 1) / (1 - _gamma(d + 1)) * (d * shift + rounding) * (1 + _gamma(8))
            return low, (shift + cholesky + rounding + gram_error) * (1 + _gamma(8))
        slack *= 2
    raise BadSetup("the largest eigenvalue of AᵀA could not be enclosed; are all inputs finite numbers?")


def _gamma(count: int) -> float:
    return count * UNIT / (1 - count * UNIT) * (1 + 4 * UNIT)


def _loss_of(loss_fn: Any) -> tuple[str, float] | None:
    """Name and factor (1 for a mean over samples and outputs, as torch's criteria take it) of a criterion of torch."""
    functional = nn.functional
    if loss_fn is functional.mse_loss or (isinstance(loss_fn, nn.MSELoss) and loss_fn.reduction == "mean"):
        return "least-squares", 1.0
    if loss_fn is functional.binary_cross_entropy_with_logits:
        return "logistic", 1.0
    if isinstance(loss_fn, nn.BCEWithLogitsLoss) and loss_fn.reduction == "mean" and loss_fn.weight is None:
        return ("logistic", 1.0) if loss_fn.pos_weight is None else None
    if isinstance(loss_fn, nn.SoftMarginLoss) and loss_fn.reduction == "mean":
        return "logistic", 1.0
    if isinstance(loss_fn, nn.CrossEntropyLoss) and loss_fn.reduction == "mean" and loss_fn.weight is None:
        return "softmax", 1.0
    if loss_fn is functional.cross_entropy:
        return "softmax", 1.0
    if isinstance(loss_fn, nn.HuberLoss) and loss_fn.reduction == "mean":
        return "huber", 1.0
    return None


def _named(wanted: str) -> tuple[str, float]:
    """`least-squares` by name is the mean of (output − target)²; append ``/2`` for half of it."""
    name, _, half = wanted.partition("/")
    if name not in CURVATURE or half not in ("", "2"):
        raise BadSetup(f"convex loss {wanted!r} is unknown; there are {', '.join(CURVATURE)}, and each with /2")
    return name, 0.5 if half else 1.0


def _only_layer(model: nn.Module) -> nn.Linear | None:
    modules = list(model.modules())
    linear = [m for m in modules if isinstance(m, nn.Linear)]
    return linear[0] if len(linear) == 1 and all(isinstance(m, PASSIVE) for m in modules) else None


def _plain_group(setup: Setup) -> dict[str, Any] | None:
    """The only group of a torch SGD without momentum, clipping or a loop of the user's own."""
    changed = setup.clip_norm or setup.clip_value or setup.before_step or setup.train_step or setup.scaler
    if len(setup.optimizers) != 1 or changed:
        return None
    optimizer = setup.optimizers[0]
    group = optimizer.param_groups[0]
    plain = type(optimizer) is torch.optim.SGD and kind_of(optimizer, group) is Kind.SGD
    alone = len(optimizer.param_groups) == 1 and {id(p) for p in group["params"]} >= {
        id(p) for p in setup.model.parameters() if p.requires_grad
    }
    return group if plain and alone and not group.get("momentum") and not group.get("maximize") else None


def _inputs(setup: Setup, layer: nn.Linear, batches: int) -> tuple[Tensor | None, int, bool]:
    """The layer's inputs over one pass of the data (with a 1 for the bias), their number; several batches?"""
    seen: list[Tensor] = []
    handle = layer.register_forward_hook(lambda _m, args, _o: seen.append(args[0].detach().double().flatten(0, -2)))
    session = Session(setup)
    groups = 0
    try:
        with session.open(), torch.no_grad():
            for index, batch in enumerate(setup.data):
                if index >= batches:
                    return None, 0, True
                groups += 1
                session.loss(batch)
    finally:
        handle.remove()
    sizes = {len(rows) for rows in seen}
    if not seen or len(sizes) > 1:  # batches of different sizes weigh their rows differently
        return None, 0, True
    rows = torch.cat(seen)
    if layer.bias is not None:
        rows = torch.cat([rows, rows.new_ones(len(rows), 1)], 1)
    return rows, len(rows), groups > setup.accumulate
