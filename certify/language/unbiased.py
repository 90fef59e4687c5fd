"""What it means for samples to have the mean ∇f(x): equations between means of products, one for each that occurs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from certify.kernel import Polynomial
from certify.kernel.polynomial import times
from certify.language.scalar import Scalar
from certify.language.trace import Trace
from certify.language.vector import Vector

if TYPE_CHECKING:
    from certify.language.oracles import SymbolicFunction
    from certify.language.records import Draw, Evaluation


def unbiased(f: SymbolicFunction) -> None:
    """Write E⟨∇f_i(x), v⟩ = ⟨∇f(x), v⟩ for every v that occurs and is known before i is drawn."""
    write = {"coordinates": _in_coordinates, "layers": _in_layers}.get(f.trace.norm, _in_space)
    for draw, evaluation in _evaluations(f):
        write(f, draw, evaluation)


def energy_weights(trace: Trace, s: Vector) -> list[Scalar]:
    """The nonnegative x for which a sum Σᵢ xᵢ‖sᵢ‖₂² over the layers occurs, s a sample."""
    ((name, _),) = s.coefficients.items()
    found = []
    for moment in list(trace.moments.values()):
        rest = tuple(i for i in moment.monomial if i != (f"({name};{name})", 1))
        known = all(trace.sign(Polynomial.variable(n)) in (0, 1) and not trace.randomness.of(n) for n, _ in rest)
        if len(rest) < len(moment.monomial) and known:
            found.append(Scalar(Polynomial({rest: 1})))
    return found


def _evaluations(f: SymbolicFunction) -> Iterator[tuple[Draw, Evaluation]]:
    """Every evaluation of an unbiased sample."""
    for draw in (d for d in f.samples if d.unbiased):
        for evaluation in list(draw.evaluations.values()):
            yield draw, evaluation


def _in_space(f: SymbolicFunction, draw: Draw, evaluation: Evaluation) -> None:
    """In Euclidean space, or one with only a norm: v every basis vector known before the draw."""
    trace, g = f.trace, f.gradient(evaluation.point)
    (name,) = evaluation.gradient.coefficients
    for basis in list(trace.geometry.basis):
        if trace.randomness.known_before(draw.draws, basis):
            v = Vector(trace.geometry, {basis: Scalar.constant(1)})
            left, right = (trace.mean(trace.geometry.inner(u, v)) for u in (evaluation.gradient, g))
            note = f"unbiased: E {name} = ∇f(x{evaluation.label})"
            trace.equate(left, right, name=f"unbiased[{name};{basis}]", note=note)


def _in_layers(f: SymbolicFunction, draw: Draw, evaluation: Evaluation) -> None:
    """E Σᵢ xᵢ⟨aᵢ, sᵢ⟩₂ = Σᵢ xᵢ⟨aᵢ, ∇ᵢf(x)⟩₂ for the sums that occur, a and x known before s is drawn."""
    trace = f.trace
    ((s, _),) = evaluation.gradient.coefficients.items()
    ((g, _),) = f.gradient(evaluation.point).coefficients.items()
    note = f"unbiased: E {s} = ∇f(x{evaluation.label})"
    for found in list(trace.moments.values()):
        random = [(n, e) for n, e in found.monomial if trace.randomness.of(n)]
        if len(random) != 1 or random[0][1] != 1 or not random[0][0].startswith("("):
            continue
        a, *others = [n for n in random[0][0][1:-1].split(";") if n != s] or [s]
        if others or a == s:
            continue
        rest = Scalar(Polynomial({tuple(i for i in found.monomial if i != random[0]): 1}))
        mean = rest * Scalar.variable(f"({min(a, g)};{max(a, g)})")
        left, right = trace.mean(Scalar.variable(found.name)), trace.total(mean)
        trace.equate(left, right, name=f"unbiased[{found.name}]", note=note)


def _in_coordinates(f: SymbolicFunction, draw: Draw, evaluation: Evaluation) -> None:
    """E Σⱼ sⱼvⱼ = Σⱼ ∇ⱼf(x)vⱼ for the sums that occur, v known before s is drawn."""
    trace = f.trace
    ((sample,),) = (c.variables for c in evaluation.gradient.coefficients.values())
    ((full,),) = (c.variables for c in f.gradient(evaluation.point).coefficients.values())
    note = f"unbiased: E {sample} = ∇f(x{evaluation.label})"
    for found in list(trace.moments.values()):
        v = tuple(item for item in found.monomial if item != (sample, 1))
        if len(v) == len(found.monomial) or any(trace.randomness.of(n) for n, _ in v):
            continue
        both = (Scalar(Polynomial({times(v, ((n, 1),)): 1})) for n in (sample, full))
        left, right = (trace.mean(trace.total(product)) for product in both)
        trace.equate(left, right, name=f"unbiased[{found.name}]", note=note)
