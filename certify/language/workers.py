"""Functions that are means of n functions f_i, one for each worker, n a symbol: all workers are one generic worker.

What worker i holds is a random vector: the mean over the workers is the kernel's positive linear functional E with
E[1] = 1, and f = E f_i. Nothing is left to chance: all workers do the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

from certify.kernel import Polynomial
from certify.language.functions import inner, norm
from certify.language.records import Evaluation
from certify.language.scalar import Scalar, UnknownSign
from certify.language.vector import Vector

if TYPE_CHECKING:
    from certify.language.oracles import SymbolicFunction


@dataclass
class Workers:
    """The workers of a symbolic function, as one generic worker i."""

    function: SymbolicFunction
    evaluations: list[Evaluation] = field(default_factory=list)
    """f_i where its gradient was taken."""
    means: list[tuple[Vector, Vector]] = field(default_factory=list)
    """Vectors of the workers, and their means over all workers."""

    def __post_init__(self) -> None:
        randomness = self.function.trace.randomness
        randomness.drawn = bool(randomness.count)
        self.draws = randomness.draw()

    def gradients(self, x: Vector) -> Vector:
        """∇f_i(x) for every worker i, with mean ∇f(x); x is the same for all workers."""
        f, trace = self.function, self.function.trace
        found = next((e for e in self.evaluations if e.point == x), None)
        if found is None:
            if trace.draws_of(x):
                raise NotImplementedError("the gradients of all workers at a point that depends on the worker")
            mean, own = f.gradient(x), f.at(x)
            found = self._evaluated(x, own.label, trace.vector(f"h{own.label}", dual=True, draws=self.draws))
            self.means.append((found.gradient, mean))
        return found.gradient

    def average(self, v: Vector) -> Vector:
        """The mean over the workers of what each of them holds."""
        if (known := self._combined(v)) is not None:
            self.means.append((v, known))
            return known
        number = sum(n.startswith("mean") for n in self.function.trace.geometry.basis)
        mean = self.function.trace.vector(f"mean{number}", dual=v.dual)
        self.means.append((v, mean))
        return mean

    def within(self, radius: Scalar) -> Vector:
        """Any vectors, one for each worker, of length at most `radius`."""
        trace = self.function.trace
        v = trace.vector("v", dual=True, draws=self.draws)
        trace.assume(radius - norm(v), name="within", note="the vectors that the workers start with are no longer")
        return v

    def moved(self, held: Vector, goal: Vector, share: Scalar) -> Vector:
        """held + share · (goal − held) for every worker: then ‖goal − …‖ = (1 − share)‖goal − held‖.

        **Raises:** UnknownSign unless the share is known to be between 0 and 1.
        """
        trace, length = self.function.trace, norm(goal - held)
        trace.randomness.variables |= dict.fromkeys(length.variables, self.draws)
        share = self._without_quotient(share)
        if any(trace.sign(s.numerator) not in (0, 1) for s in (share, 1 - share)):
            raise UnknownSign("the share of the way that workers move is not known to be between 0 and 1")
        number = sum(n.startswith("m") and n[1:].isdigit() for n in trace.geometry.basis)
        new = trace.vector(f"m{number + 1}", dual=held.dual, draws=self.draws)
        trace.geometry.set_norm(goal - new, (1 - share) * length)
        return new

    def _without_quotient(self, value: Scalar) -> Scalar:
        """The same value with a quantity w for every inverse 1/b of something b > 0 that depends on the worker."""
        trace, result = self.function.trace, Scalar(value.numerator)
        for base, exponent in value.denominators:
            if not any(trace.randomness.of(n) for n in base.variables):
                result = result / Scalar(base) ** exponent
                continue
            if trace.sign(base) != 1:
                raise UnknownSign("a division by something that is not known to be positive for every worker")
            number = sum(e.startswith("inverse[w") for e in trace.equations) + 1
            w = trace.scalar(f"w{number}", sign="positive", note="an inverse of a positive number", draws=self.draws)
            trace.equate(w * Scalar(base), 1, name=f"inverse[w{number}]", note=f"definition of w{number}")
            for monomial, coefficient in base:
                part = Scalar(Polynomial({monomial: coefficient}))
                if trace.sign(part.numerator) == 1 and trace.sign(base - part.numerator) in (0, 1):
                    trace.assume(1 - part * w, name=f"part[w{number}]", note="no summand is larger than the sum")
            result = result * w**exponent
        return result

    # -- what is known at the end ----------------------------------------------------------------------

    def known(self) -> None:
        """Write E⟨v, b⟩ = ⟨E v, b⟩ for the fixed vectors b, and ‖E v‖ ≤ E‖v‖ where both norms were taken."""
        trace = self.function.trace
        norms, euclidean = trace.geometry.norms, trace.geometry.euclidean
        fixed = [n for n in trace.geometry.basis if euclidean and not trace.randomness.vectors.get(n)]
        for i, (v, mean) in enumerate(self.means):
            if v in norms and mean in norms:
                note = "the length of a mean is at most the mean length"
                trace.suppose(trace.mean(norms[v]) >= norms[mean], name=f"jensen[{i}]", note=note)
            for name in fixed:
                b = Vector(trace.geometry, {name: Scalar.constant(1)})
                left, right = trace.mean(inner(v, b)), trace.mean(inner(mean, b))
                trace.equate(left, right, name=f"mean[{i};{name}]", note="the mean over the workers is linear")

    def _evaluated(self, point: Vector, label: str, gradient: Vector) -> Evaluation:
        value = self.function.trace.scalar(f"f_i{label}", draws=self.draws)
        self.evaluations.append(Evaluation(point, label, value, gradient))
        return self.evaluations[-1]

    def _combined(self, v: Vector) -> Vector | None:
        """The mean of a sum or difference of vectors whose means are known."""
        trace = self.function.trace
        for signs in product((0, 1, -1), repeat=len(self.means)):
            rest, total = v, trace.geometry.zero() * 1
            for sign, (u, mean) in zip(signs, self.means, strict=True):
                if sign:
                    rest, total = rest - u * sign, total + mean * sign
            if not trace.draws_of(rest):
                return total + rest
        return None


def pairs(evaluations: Sequence[Evaluation]) -> list[tuple[Evaluation, Evaluation]]:
    """Every two points at which a worker's function was evaluated."""
    return [(x, y) for i, x in enumerate(evaluations) for y in evaluations[i + 1 :]]
