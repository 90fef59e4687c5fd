"""The symbolic function of a trace: oracle calls become points, subgradients and function values.

The same oracle names exist on the concrete functions that trajectories run on (value, gradient, subgradient,
prox, brox), so a method's update is one piece of code for proofs and for runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from certify.language.layer_sums import energy, largest, length
from certify.language.records import BallProxCall, Draw, Evaluation
from certify.language.scalar import Scalar, ScalarLike, UnknownSign, exact
from certify.language.tables import Components, Sample, Table
from certify.language.text import scalar_text
from certify.language.trace import OutOfDomain, Trace
from certify.language.unbiased import energy_weights, unbiased
from certify.language.vector import Vector
from certify.language.workers import Workers

MINIMIZER = "⋆"


@dataclass
class SymbolicFunction:
    """f in a trace. `constants` are the constants of its class: ``f.L``, ``f.mu``, ``f.M``."""

    trace: Trace
    constants: Mapping[str, Scalar] = field(default_factory=dict)
    method: Any = None
    """The method that runs on f, for measures that are weighted with its steps."""
    evaluations: dict[Vector, Evaluation] = field(default_factory=dict)
    ball_prox_calls: list[BallProxCall] = field(default_factory=list)
    samples: list[Draw] = field(default_factory=list)
    iterates: list[Vector] = field(default_factory=list)
    """The points that the method's steps lead through, in their order."""
    role: str = ""
    """Its name if it is one of several functions."""
    together: Any = None
    """What several functions share (`certify.language.roles.Together`)."""

    def __post_init__(self) -> None:
        self._minimizer = self.trace.vector(f"x{MINIMIZER}") if self.together is None else self.together.point
        self.bounded_below = False
        self._workers: Workers | None = None
        self._components: Components | None = None

    @property
    def workers(self) -> Workers:
        """The functions f_i of which f is the mean; using them asserts that it is one."""
        if self._workers is None:
            self._workers = Workers(self)
        return self._workers

    @property
    def has_workers(self) -> bool:
        """Whether f was used as a mean of functions."""
        return self._workers is not None

    @property
    def components(self) -> Components:
        """The functions f_i of which f is the mean and each step draws one; using them asserts that it is one."""
        if self._components is None:
            self._alone("samples")
            self._components = Components(self)
        return self._components

    @property
    def has_components(self) -> bool:
        """Whether f was used as a mean of functions that are drawn."""
        return self._components is not None

    def sample(self) -> Sample:
        """f_i for an index i that this step draws, every one of 1, …, n as likely as the others; once in a step."""
        return self.components.draw()

    @property
    def drawn(self) -> Sample:
        """The function that the last step drew."""
        return self.components.last

    def table(self, entries: Callable[[Any], Any]) -> Table:
        """A vector for every function f_i, such as ``f.table(lambda f_i: f_i.gradient(x))``."""
        return self.components.table(entries)

    def __add__(self, other: Any) -> Any:
        from certify.language.roles import SymbolicSum  # a sum knows functions, and a function makes sums

        return SymbolicSum((self, other))

    def __getattr__(self, name: str) -> Scalar:
        constants = self.__dict__.get("constants", {})
        if name in constants:
            return constants[name]
        known = ", ".join(constants) or "none"
        raise AttributeError(f"the assumptions give f no constant {name!r} (they give: {known})")

    @property
    def minimum(self) -> Scalar:
        """f⋆ = inf f; using it asserts that f is bounded below."""
        self._alone("infimum")
        self.bounded_below = True
        return Scalar.variable(f"f{MINIMIZER}")

    @property
    def minimizer(self) -> Vector:
        """x⋆, a minimiser of f; using it asserts that there is one."""
        self._alone("minimiser")
        if self._minimizer not in self.evaluations:
            zero = self.trace.geometry.zero()
            self.evaluations[self._minimizer] = Evaluation(self._minimizer, MINIMIZER, self.minimum, zero)
        return self._minimizer

    def value_name(self, label: str) -> str:
        """What the value at a point is called."""
        return f"{self.role}_{label}" if self.role else f"f{label}"

    def _slope(self, label: str, draws: frozenset[int]) -> Vector:
        """A fresh (sub)gradient; of one of several functions written as that at x⋆ and a difference."""
        if self.together is None:
            return self.trace.vector(f"g{label}", dual=True, draws=draws)
        there = self.evaluations[self.together.minimizer()].gradient
        return there + self.trace.vector(f"g{self.role}_{label}-g{self.role}_{MINIMIZER}", dual=True, draws=draws)

    @property
    def comparator(self) -> Vector:
        """x⋆ as any fixed point: nothing is said of the gradient there, so that f may change from step to step."""
        return self._minimizer

    @property
    def loss_of_comparator(self) -> Scalar:
        """f(x⋆) at the comparator, with nothing said of other values."""
        return Scalar.variable(self.value_name(MINIMIZER))

    def start(self, label: str) -> Vector:
        """A fresh point x; written x⋆ + (x − x⋆), so translation-invariant methods never see x⋆ itself."""
        return self._minimizer + self.trace.vector(f"x{label}-x{MINIMIZER}")

    def at(self, point: Vector) -> Evaluation:
        """The record of f at a point, made when first needed."""
        if point not in self.evaluations:
            if point == self._minimizer:
                return self.evaluations[self.minimizer if self.together is None else self.together.minimizer()]
            self.trace.label(point, str(self.trace.step))
            label = self.trace.labels[point]
            value = self.trace.scalar(self.value_name(label), draws=self.trace.draws_of(point))
            self.evaluations[point] = Evaluation(point, label, value)
        return self.evaluations[point]

    def lower_bounds(self) -> None:
        """Suppose f ≥ f⋆ at every point visited, if f⋆ was used."""
        if self.bounded_below:
            for evaluation in list(self.evaluations.values()):
                if evaluation.label != MINIMIZER:
                    relation, label = evaluation.value >= self.minimum, evaluation.label
                    self.trace.suppose(relation, name=f"minimum[{label}]", note=f"f(x{label}) ≥ f⋆")

    # -- oracles ---------------------------------------------------------------------------------------

    def value(self, x: Vector) -> Scalar:
        """f(x)."""
        return self.at(x).value

    def subgradient(self, x: Vector) -> Vector:
        """Some g ∈ ∂f(x): the one recorded at x, if there is one."""
        evaluation = self.at(x)
        if evaluation.subgradient is None:
            draws = self.trace.draws_of(x)
            evaluation.subgradient = self._slope(evaluation.label, draws)
        return evaluation.subgradient

    gradient = subgradient

    def stochastic_gradient(self, x: Vector) -> Vector:
        """∇f_i(x) for a sample i that is drawn here: a random vector with mean ∇f(x)."""
        return self._drawn(x, unbiased=True)

    def biased_gradient(self, x: Vector) -> Vector:
        """A random vector in place of ∇f(x), of which only the assumptions on noise say something."""
        return self._drawn(x, unbiased=False)

    def stochastic_prox(self, x: Vector, step: Scalar) -> Vector:
        """prox_{γf_i}(x) for a sample i that is drawn here: u = x − γ g with g ∈ ∂f_i(u)."""
        self._alone("samples")
        draws, label = self.trace.randomness.draw(), self._next_label()
        g = self.trace.vector(f"sp{label}", dual=True, draws=draws)  # no name of a sample that is drawn at u
        u = x - step * g
        self.trace.label(u, label)
        reached = Evaluation(u, label, self.trace.scalar(f"f_p{label}", draws=draws), g)
        self.samples.append(Draw(self, self.at(x), draws, reached=reached))
        return u

    def _drawn(self, x: Vector, *, unbiased: bool) -> Vector:
        self._alone("samples")
        self.gradient(x)
        draw = Draw(self, self.at(x), self.trace.randomness.draw(), unbiased)
        self.samples.append(draw)
        return draw.record(draw.point)

    def drawn_at(self, x: Vector) -> Vector:
        """The stochastic gradient that was drawn at x last. **Raises:** LookupError if none was."""
        found = [d for d in self.samples if d.point.point == x]
        if not found:
            raise LookupError("no stochastic gradient was asked for at this point")
        return found[-1].output

    def mean(self, quantity: Scalar) -> Scalar:
        """E[quantity], the mean over the draws of the step given the point before it."""
        return self.trace.mean(quantity)

    def earlier(self, draw: Draw) -> list[Draw]:
        """The samples drawn before this one."""
        return [d for d in self.samples if min(d.draws) < min(draw.draws)]

    def unbiased(self) -> None:
        """Write E⟨∇f_i(x), v⟩ = ⟨∇f(x), v⟩ for every v that occurs and is known before i is drawn."""
        unbiased(self)

    def energy(self, v: Vector) -> Scalar:
        """‖vᵢ‖₂², the squared Euclidean length of a layer's gradient."""
        return energy(self.trace, v)

    def energy_weights(self, s: Vector) -> list[Scalar]:
        """The nonnegative x for which a sum Σᵢ xᵢ‖sᵢ‖₂² occurs, s a sample."""
        return energy_weights(self.trace, s)

    def prox(self, x: Vector, step: Scalar) -> Vector:
        """prox_{γf}(x) = argmin f(z) + ‖z − x‖²/(2γ): u = x − γ g with g ∈ ∂f(u)."""
        label = self._next_label()
        draws = self.trace.draws_of(x)
        g = self._slope(label, draws)
        u = x - step * g
        self.trace.label(u, label)
        value = self.trace.scalar(self.value_name(label), draws=draws)
        self.evaluations[u] = Evaluation(u, self.trace.labels[u], value, g)
        return u

    def shifted_minimizer(self, slope: Vector) -> Vector:
        """Some u ∈ argmin f(z) − ⟨slope, z⟩: a point with slope ∈ ∂f(u)."""
        name = f"u{self.role}{sum(e.label.startswith('u') for e in self.evaluations.values())}"
        u, draws = self.point(name), self.trace.draws_of(slope)
        if draws:
            raise NotImplementedError("minimisers for random slopes are not modelled")
        self.trace.label(u, name)
        label = self.trace.labels[u]
        self.evaluations[u] = Evaluation(u, label, self.trace.scalar(self.value_name(label)), slope)
        return u

    def brox(self, x: Vector, radius: Scalar) -> Vector:
        """brox_t f(x) = argmin{ f(z) : ‖z − x‖ ≤ t }; the assumptions say what is known about the result.

        **Raises:** UnknownSign if t > 0 is not plain: nothing pushes out of a ball that is empty or a point.
        """
        self._alone("ball-prox steps")
        if self.trace.sign(self.trace.cleared(radius)) != 1:
            raise UnknownSign(f"the radius {scalar_text(exact(radius))} of a ball is not known to be positive")
        if self.trace.draws_of(x):
            raise NotImplementedError("ball-prox steps from random points are not modelled")
        label = self._next_label()
        u = self.start(label)
        self.trace.label(u, label)
        multiplier = None
        if self.trace.geometry.euclidean:
            multiplier = self.trace.scalar(f"c{label}", sign="positive", note=f"x{label} is not yet a minimiser")
            g = multiplier * (x - u)
        else:
            g = self.trace.vector(f"g{label}", dual=True)
        output = Evaluation(u, label, self.trace.scalar(f"f{label}"), g)
        self.evaluations[u] = output
        self.ball_prox_calls.append(BallProxCall(x, output, radius, multiplier))
        return u

    def lmo(self, g: Vector, alpha: ScalarLike = 1, b: ScalarLike = 1) -> Vector:
        """A direction o with ⟨g, o⟩ ≤ −α‖g‖* and ‖o‖ ≤ b: in every layer argmin{ ⟨g, o⟩ : ‖o‖ ≤ 1 } for α = b = 1."""
        alpha, b = exact(alpha), exact(b)
        if (rest := (b - alpha).as_constant()) is not None and rest < 0:
            raise OutOfDomain(
                f"no direction of norm {scalar_text(b)} has a product with g of −{scalar_text(alpha)}‖g‖*"
            )
        number = sum(v.startswith("o") for v in self.trace.geometry.basis)
        o = self.trace.vector(f"o{number}", draws=self.trace.draws_of(g))
        gain, size = -self.trace.geometry.inner(g, o), self.trace.geometry.norm(o)
        best = "" if alpha.as_constant() == 1 else "α"
        note = f"the oracle's direction, whose product with g is at most −{best}‖g‖*"
        self.trace.suppose(gain >= alpha * self.trace.geometry.norm(g), name=f"lmo[{number}]", note=note)
        short = f"the oracle's direction has norm ≤ {1 if b.as_constant() == 1 else 'b'}"
        self.trace.suppose(b**2 >= size**2, name=f"size[{number}]", note=short)
        self.trace.suppose(b >= size, name=f"length[{number}]", note=short)
        return o

    def total(self, quantity: ScalarLike) -> Scalar:
        """Σᵢ quantityᵢ over the layers of the space; the quantity itself where there are none."""
        return self.trace.total(quantity)

    def largest(self, quantity: ScalarLike) -> Scalar:
        """The largest value of a quantity among the layers of the space."""
        return largest(self.trace, quantity)

    def length(self, quantity: ScalarLike) -> Scalar:
        """(Σᵢ quantityᵢ²)^½ over the layers of the space."""
        return length(self.trace, quantity)

    def point(self, name: str) -> Vector:
        """A fresh point, written like a start."""
        return self._minimizer + self.trace.vector(f"{name}-x{MINIMIZER}")

    def is_point(self, v: Vector) -> bool:
        """Whether a vector is a point: x⋆ and a difference."""
        return all(v.coefficients.get(n) == c for n, c in self._minimizer.coefficients.items())

    def _alone(self, what: str) -> None:
        if self.together is not None:
            raise NotImplementedError(f"the {what} of one of several functions: only those of their sum are known")

    def _next_label(self) -> str:
        label = str(self.trace.step + 1)
        while label in self.trace.labels.values():
            label += "'"
        return label
