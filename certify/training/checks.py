"""Findings from real steps: sizes against rules, averages against their hyper-parameters, the loop against its loss."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

import torch

from certify.training.findings import Finding, Severity, some
from certify.training.kinds import Kind
from certify.training.rows import Row
from certify.training.session import Session, Step
from certify.training.setup import Setup
from certify.training.sizes import HIGH, LOW, SCALINGS, WRONG_SCALINGS, fitting_scaling

SCALED_DOWN = "; an orthogonalised update was scaled down afterwards, as clipping does"
STRETCHED = 2.5
"""Largest singular value over the typical one, above which an update was not orthogonalised."""
MOVED = 0.5
"""Part of the entries in half precision that an update should change."""
AGREE = 0.99
"""Cosine above which two gradients are the same up to a factor."""


def check_rows(history: Sequence[Sequence[Row]], clip_norm: float | None) -> Iterator[Finding]:
    """What the rows of all steps show."""
    last = history[-1]
    yield from _finite(history)
    yield from _dead(history)
    yield from _stuck(history)
    yield from _exact_rules(history)
    yield from _orthogonal_rules([row for rows in history for row in rows])
    yield from _averages(last)
    yield from _rescaled_gradients([row for rows in history for row in rows])
    if clip_norm is not None and any(row.kind in (Kind.MUON, Kind.SCION) for row in last):
        yield Finding(
            "clip-without-effect",
            Severity.NOTE,
            (),
            f"clipping gradients at {clip_norm:g} does not bound the updates of Muon or Scion: "
            "their size does not depend on the gradient's",
        )


def _finite(history: Sequence[Sequence[Row]]) -> Iterator[Finding]:
    bad = list(dict.fromkeys(row.name for rows in history for row in rows if not row.finite))
    if bad:
        yield Finding(
            "non-finite",
            Severity.ERROR,
            tuple(bad),
            f"{some(bad)}: gradient or update is infinite or not a number within {len(history)} steps",
            "lower lr, or look for a division by zero, a log of zero or an overflow in low precision",
        )


def _dead(history: Sequence[Sequence[Row]]) -> Iterator[Finding]:
    by_name: dict[str, list[Row]] = {}
    for rows in history:
        for row in rows:
            by_name.setdefault(row.name, []).append(row)
    unused = [name for name, rows in by_name.items() if all(math.isnan(row.gradient) for row in rows)]
    zero = [name for name, rows in by_name.items() if name not in unused and rows[-1].gradient == 0]
    zero = [name for name in zero if all(not row.gradient for row in by_name[name] if not math.isnan(row.gradient))]
    if unused:
        yield Finding(
            "unused-parameter",
            Severity.ERROR,
            tuple(unused),
            f"{some(unused)}: the loss does not depend on it (no gradient in {len(history)} steps)",
            "use it in forward(), look for a detach() or no_grad() on the way, or freeze it",
        )
    if zero:
        yield Finding(
            "dead-layer",
            Severity.ERROR,
            tuple(zero),
            f"{some(zero)}: the gradient is exactly zero in all {len(history)} steps",
            "look at the initialisation and at saturated or dead activations before and after it",
        )


def _stuck(history: Sequence[Sequence[Row]]) -> Iterator[Finding]:
    moved: dict[str, float] = {}
    pulled: set[str] = set()
    coarse = {row.name for rows in history for row in rows if row.coarse}
    for rows in history:
        for row in rows:
            moved[row.name] = max(moved.get(row.name, 0.0), row.moved)
            if row.gradient > 0 and row.lr > 0:
                pulled.add(row.name)
    stuck = [name for name, part in moved.items() if name in pulled and part == 0]
    if stuck:
        yield Finding(
            "no-update",
            Severity.ERROR,
            tuple(stuck),
            f"{some(stuck)}: has a gradient and a positive lr, but does not change in {len(history)} steps",
            "step() may not be called for it, or the update is lost in the rounding of a low precision",
        )
    lost = [name for name in coarse & pulled if name not in stuck and moved[name] < MOVED]
    if lost:
        least = min(moved[name] for name in lost)
        yield Finding(
            "lost-in-rounding",
            Severity.WARNING,
            tuple(sorted(lost)),
            f"{some(sorted(lost))}: only {least:.0%} of the entries change at all, "
            "the rest of the update is lost in the rounding of half precision",
            "keep the parameters in float32 (autocast for the rest), or round stochastically",
        )


def _exact_rules(history: Sequence[Sequence[Row]]) -> Iterator[Finding]:
    """Sizes that follow from lr and state exactly: SGD, Adam, sign."""
    found: dict[str, tuple[Row, list[float]]] = {}
    for rows in history:
        for row in rows:
            if row.ratio is None or row.expected is None or not row.finite or row.coarse:
                continue
            if not row.expected.low <= row.ratio <= row.expected.high:
                found.setdefault(row.name, (row, []))[1].append(row.ratio)
    for row, ratios in _alike(found.values()):
        factor = math.exp(sum(math.log(max(r, 1e-30)) for r in ratios) / len(ratios))
        assert row[0].expected is not None  # noqa: S101 - filtered above
        names = tuple(r.name for r in row)
        yield Finding(
            "wrong-size",
            Severity.ERROR,
            names,
            f"{some(names)}: the update is {factor:.3g} times {row[0].expected.rule} (lr = {row[0].lr:g})",
            "look for lr scaled twice, an update clipped or cast after it was computed, or a step taken twice",
        )


def _alike(items: Iterable[tuple[Row, list[float]]]) -> Iterator[tuple[list[Row], list[float]]]:
    """Tensors of one optimiser group that are off are told in one sentence."""
    merged: dict[str, tuple[list[Row], list[float]]] = {}
    for row, ratios in items:
        rows, all_ratios = merged.setdefault(row.optimizer, ([], []))
        rows.append(row)
        all_ratios.extend(ratios)
    yield from merged.values()


def _orthogonal_rules(rows: Sequence[Row]) -> Iterator[Finding]:
    """Muon and spectral Scion: which scaling do the sizes follow?"""
    by_group: dict[str, list[Row]] = {}
    for row in rows:
        spectral = row.kind is Kind.MUON or (row.kind is Kind.SCION and row.norm == "spectral")
        if spectral and len(row.shape) >= 2 and row.finite and row.lr > 0 and row.gradient > 0:
            by_group.setdefault(row.optimizer, []).append(row)
    for where, members in by_group.items():
        yield from _scaling_of(where, members)
        stretch: dict[str, list[float]] = {}
        for row in members:
            stretch.setdefault(row.name, []).append(row.stretch)
        loose = [n for n, values in stretch.items() if members[0].kind is Kind.MUON and min(values) > STRETCHED]
        if loose:
            yield Finding(
                "not-orthogonal",
                Severity.ERROR,
                tuple(loose),
                f"{some(loose)} in {where}: the update is not orthogonal, its singular values differ by more than "
                "Newton–Schulz leaves",
                "look at the iteration's normalisation and at the axes it works on (kernels: flatten to (out, in·k·k))",
            )


def _scaling_of(where: str, members: Sequence[Row]) -> Iterator[Finding]:
    unit = {(row.name, i): row for i, row in enumerate(members)}
    factors = {
        f"{name}@{i}": (row.size / (row.lr * row.scale), (row.shape[0], math.prod(row.shape[1:])))
        for (name, i), row in unit.items()
    }
    declared = members[0].declared
    if declared is not None:
        name, scaling = declared, SCALINGS[declared]
        misses = sum(not LOW <= f / scaling(*s) <= HIGH for f, s in factors.values())
    else:
        name, scaling, misses = fitting_scaling(factors)
    off = [(row, row.size / (row.lr * row.scale) / scaling(row.shape[0], math.prod(row.shape[1:]))) for row in members]
    bad = [(row, part) for row, part in off if not LOW <= part <= HIGH]
    if misses == 0 and name in WRONG_SCALINGS:
        names = tuple(dict.fromkeys(row.name for row in members))
        yield Finding(
            "wrong-scaling",
            Severity.ERROR,
            names,
            f"{where}: updates of shape m × n follow lr · {name}",
            "Muon's scaling is √max(1, m/n) with m = rows = outputs (or 0.2 √max(m, n) to match AdamW)",
        )
    elif bad:
        names = tuple(dict.fromkeys(row.name for row, _ in bad))
        parts = sorted(part for _, part in bad)
        low, high = parts[0], parts[-1]
        size = f"{low:.3g}" if high < 1.3 * low else f"{low:.3g} to {high:.3g}"
        rescaled = all(part < LOW for part in parts)
        code = "update-rescaled" if rescaled and all(row.stretch <= STRETCHED for row, _ in bad) else "wrong-scaling"
        why = SCALED_DOWN if code == "update-rescaled" else ""
        yield Finding(
            code,
            Severity.ERROR,
            names,
            f"{some(names)} in {where}: ‖ΔX‖_op is {size} times lr · {name}{why}",
            "clip gradients before the momentum, not the orthogonalised update"
            if code == "update-rescaled"
            else "use lr · √max(1, m/n) with m = rows = outputs (or 0.2 √max(m, n) to match AdamW) for every tensor",
        )


def _averages(rows: Sequence[Row]) -> Iterator[Finding]:
    """Is the average of gradients as long as its hyper-parameter was meant to make it?"""
    short: dict[str, tuple[Row, float, float]] = {}
    for row in rows:
        if row.average is None or row.momentum is None or row.kind not in (Kind.SCION, Kind.MUON):
            continue
        kept, m = row.average.kept, row.momentum
        if 0.02 < kept < 0.45 and (m > 0.55 if row.kind is Kind.SCION else m < 0.45):
            short[row.optimizer] = (row, kept, m)
    for where, (row, kept, m) in short.items():
        code = "scion-momentum" if row.kind is Kind.SCION else "short-momentum"
        told = "this code's momentum is 1 − β" if row.kind is Kind.SCION else "this code's momentum is β"
        yield Finding(
            code,
            Severity.WARNING,
            tuple(r.name for r in rows if r.optimizer == where),
            f"{where}: momentum = {m:g} keeps {kept:.2f} of the average at each step; {told}",
            f"set momentum = {1 - m:g} for β = {m:g}" if row.kind is Kind.SCION else f"set momentum = {1 - m:g}",
        )


def _rescaled_gradients(rows: Sequence[Row]) -> Iterator[Finding]:
    names = tuple(dict.fromkeys(row.name for row in rows if row.orthogonal_gradient and row.orthogonal_gradient < LOW))
    if names:
        sizes = [row.orthogonal_gradient for row in rows if row.orthogonal_gradient]
        yield Finding(
            "update-rescaled",
            Severity.ERROR,
            names,
            f"{some(names)}: the gradient was orthogonalised and then scaled to {min(sizes):.2g}, as clipping does",
            "clip before orthogonalising, or not at all",
        )


def check_loop(session: Session, step: Step, previous: Step | None, setup: Setup) -> Iterator[Finding]:
    """A loop body of the user's own: how often it steps, and with which gradient."""
    if setup.train_step is None:
        return
    for number, optimizer in enumerate(setup.optimizers):
        count, name = step.optimizer_steps.get(number, 0), type(optimizer).__name__
        if count == 0:
            yield Finding(
                "no-step", Severity.ERROR, (name,), f"train_step does not call step() of {name}", "call it once a step"
            )
        elif count > 1:
            yield Finding(
                "stepped-twice",
                Severity.ERROR,
                (name,),
                f"train_step calls step() of {name} {count} times",
                "call it once a step",
            )
    if setup.loss_fn is None or not step.stepped_with:
        return
    after = session.point()
    session.move(step.before)
    wanted = session.replay(step).gradients
    session.move(after)
    names = [n for n in step.stepped_with if n in wanted]
    real = torch.cat([step.stepped_with[n].flatten().float() for n in names])
    mean = torch.cat([wanted[n].flatten().float() for n in names])
    yield from _gradient_findings(step, previous, names, real, mean)


def _gradient_findings(
    step: Step, previous: Step | None, names: Sequence[str], real: torch.Tensor, mean: torch.Tensor
) -> Iterator[Finding]:
    size = float(mean.norm())
    if not size or not float(real.norm()):
        return
    factor = float(real @ mean) / size**2
    cosine = factor * size / float(real.norm())
    count = len(step.group)
    if cosine > AGREE and count > 1 and abs(factor / count - 1) < 0.02:
        yield Finding(
            "not-averaged",
            Severity.ERROR,
            (),
            f"the optimizer sees {count} times the gradient of the mean loss: {count} batches are summed, not averaged",
            f"divide each loss by {count}, or lr by {count}",
        )
    elif cosine > AGREE and factor > 1.5:
        yield Finding(
            "scaled-gradient",
            Severity.ERROR,
            (),
            f"the optimizer sees {factor:.4g} times the gradient of the loss",
            "unscale before stepping (GradScaler.unscale_ or .step), and average accumulated batches",
        )
    elif cosine <= AGREE and previous is not None and previous.stepped_with:
        old = torch.cat([previous.stepped_with[n].flatten().float() for n in names if n in previous.stepped_with])
        if old.shape == mean.shape and float((real - old - mean).norm()) < 0.05 * float(mean.norm()):
            yield Finding(
                "no-zero-grad",
                Severity.ERROR,
                (),
                "gradients of earlier steps are still in .grad: the optimizer sees their sum",
                "call optimizer.zero_grad() before backward()",
            )
