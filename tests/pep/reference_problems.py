"""Worst-case problems whose answer is known: from a theorem, or from another tool.

Each entry has an interval that certainly contains the true value: a single point for a rational closed form, a few
units of the last digit around a closed form with square roots (whose coefficients are rounded, too), and the
accuracy of the solver around a number that another tool computed. Problems whose conditions are necessary only are
`relaxed`: the reference is then the optimum of the same relaxation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import sqrt

from certify.assumptions.block_smooth_convex import BlockSmoothConvex
from certify.assumptions.bounded_indicator import BoundedIndicator
from certify.assumptions.cocoercive import Cocoercive
from certify.assumptions.convex import Convex
from certify.assumptions.indicator import Indicator
from certify.assumptions.linear import Linear
from certify.assumptions.lipschitz import Lipschitz
from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.monotone import Monotone
from certify.assumptions.nonexpansive import Nonexpansive
from certify.assumptions.pl import PolyakLojasiewicz
from certify.assumptions.qg_convex import QGConvex
from certify.assumptions.quadratic import Quadratic
from certify.assumptions.rsi_eb import RSIEB
from certify.assumptions.skew_linear import SkewLinear
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.assumptions.strongly_monotone import StronglyMonotone
from certify.assumptions.symmetric_linear import SymmetricLinear
from certify.pep import Model, Point, equal, inner, norm2
from certify.pep.modelling.functions import Function
from certify.pep.modelling.operators import Operator

Q = Fraction
PEPIT = "PEPit 0.5.1 with Clarabel 0.11.1"
THG = "Taylor, Hendrickx, Glineur, Math. Program. 161 (2017)"
COMPOSITE = "Taylor, Hendrickx, Glineur, SIAM J. Optim. 27 (2017)"
LINEAR = "Taylor, Hendrickx, Glineur, J. Optim. Theory Appl. 178 (2018)"


@dataclass(frozen=True)
class Reference:
    """A problem, and an interval with rational ends that contains its true value."""

    name: str
    build: Callable[[], Model]
    low: Fraction
    high: Fraction
    source: str
    slow: bool = False
    relaxed: bool = False
    unattained: bool = False
    """The supremum takes vectors without bound: the lower end may stay away from it."""


PROBLEMS: list[Reference] = []


def exact(name: str, build: Callable[[], Model], value: Fraction | int | str, source: str, **marks: bool) -> None:
    """A problem with a rational closed form."""
    PROBLEMS.append(Reference(name, build, Q(value), Q(value), source, **marks))


def closed(name: str, build: Callable[[], Model], value: float, source: str, **marks: bool) -> None:
    """A problem with an irrational closed form; its coefficients may be rounded to 14 digits."""
    margin = Q(10) ** -10 * abs(Q(value))
    PROBLEMS.append(Reference(name, build, Q(value) - margin, Q(value) + margin, source, **marks))


def numeric(
    name: str, build: Callable[[], Model], value: float, accuracy: float = 2e-7, source: str = PEPIT, **marks: bool
) -> None:
    """A problem that another tool solved, to this absolute accuracy."""
    PROBLEMS.append(Reference(name, build, Q(value) - Q(accuracy), Q(value) + Q(accuracy), source, **marks))


def digits(value: float) -> Fraction:
    """A rational number with 14 decimals."""
    return Q(round(value * 10**14), 10**14)


def parameters(*values: object) -> str:
    """How parameters are written in names."""
    return ",".join(map(str, values))


# -- building blocks ---------------------------------------------------------------------------------------


def started(model: Model, f: Function, name: str = "x0", squared: object = 1) -> Point:
    """A starting point at distance at most √squared from a minimiser."""
    x = model.point(name)
    model.suppose(norm2(x - f.minimizer) <= squared, name="initial")
    return x


def line_search(model: Model, f: Function, x: Point, *directions: Point) -> Point:
    """A minimiser of f over x + span of the directions, as far as first-order conditions know."""
    best = model.point()
    g = f.gradient(best)
    for direction in (best - x, *directions):
        model.suppose(equal(inner(g, direction), 0), name="line search")
    return best


def inexact(model: Model, f: Function, x: Point, epsilon: object) -> Point:
    """d with ‖d − ∇f(x)‖ ≤ ε ‖∇f(x)‖."""
    g, d = f.gradient(x), model.point()
    model.suppose(norm2(d - g) <= Q(epsilon) ** 2 * norm2(g), name="relative error")
    return d


def zero_of(model: Model, operator: Operator, f: Function) -> Point:
    """x with 0 ∈ A(x) + ∂f(x)."""
    x = model.point("x⋆")
    f.known(x, None, -operator(x))
    return x


# -- gradient descent --------------------------------------------------------------------------------------


def gradient_descent(
    N: int, steps: Sequence[object] | object = 1, *, L: object = 1, mu: object = 0, R: object = 1, start: str = "point",
    measure: str = "value", quadratic: bool = False,
) -> Model:  # fmt: skip
    """x⁺ = x − (h/L) ∇f(x) with all the usual initial conditions and measures."""
    model = Model()
    L, mu, R = Q(L), Q(mu), Q(R)
    if quadratic:
        f = model.function(Quadratic(L=L, mu=mu))
    else:
        f = model.function(SmoothStronglyConvex(L=L, mu=mu) if mu else SmoothConvex(L=L))
    x = x0 = model.point("x0")
    initial = {"point": norm2(x0 - f.minimizer), "value": f(x0) - f.minimum, "gradient": norm2(f.gradient(x0))}[start]
    model.suppose(initial <= R**2, name="initial")
    for h in steps if isinstance(steps, Sequence) and not isinstance(steps, str) else [steps] * N:
        x = x - Q(h) / L * f.gradient(x)
    measures = {
        "value": lambda: f(x) - f.minimum,
        "gradient": lambda: norm2(f.gradient(x)),
        "point": lambda: norm2(x - f.minimizer),
    }
    model.maximise(measures[measure]())
    return model


for N, h in [(0, 1), (1, 1), (2, 1), (3, 1), (5, 1), (10, 1), (1, "1/2"), (4, "1/2"), (1, "3/2"), (2, "3/2"),
             (2, "9/5"), (3, "19/10"), (6, "1/10")]:  # fmt: skip
    value = max(1 / (2 * N * Q(h) + 1), (1 - Q(h)) ** (2 * N)) / 2
    exact(f"gradient descent, value [{parameters(N, h)}]", partial(gradient_descent, N, h), value, THG)
exact("gradient descent, value [20]", partial(gradient_descent, 20), Q(1, 82), THG)
exact("gradient descent, value [50]", partial(gradient_descent, 50), Q(1, 202), THG, slow=True)
for L, R in [(10**6, "1/1000"), ("1/10000", 100), (10**6, 1000), ("1/1000", "1/1000"), (7, "1/3")]:
    value = Q(L) * Q(R) ** 2 / 14
    exact(f"gradient descent, scales [{parameters(L, R)}]", partial(gradient_descent, 3, L=L, R=R), value, THG)
for N, h in [(0, 1), (1, 1), (2, 1), (5, 1), (3, "1/2")]:
    build = partial(gradient_descent, N, h, measure="gradient")
    exact(f"gradient descent, gradient [{parameters(N, h)}]", build, 1 / (N * Q(h) + 1) ** 2, THG)
    build = partial(gradient_descent, N, h, start="value", measure="gradient")
    exact(f"gradient descent, gradient from value [{parameters(N, h)}]", build, 2 / (2 * N * Q(h) + 1), THG)
for N, h, mu in [(1, 1, "1/10"), (3, 1, "1/10"), (1, "20/11", "1/10"), (2, "1/2", "1/4"), (5, "3/2", "1/100"),
                 (2, "199/100", "1/1000")]:  # fmt: skip
    rho = max(1 - Q(h), Q(h) - 1, 1 - Q(h) * Q(mu)) ** (2 * N)
    for measure in ("point", "value", "gradient"):
        build = partial(gradient_descent, N, h, mu=mu, start=measure, measure=measure)
        exact(f"gradient descent, contraction of the {measure} [{parameters(N, h, mu)}]", build, rho, LINEAR)
for N, h, mu in [(1, 1, "1/10"), (3, 1, "1/10"), (2, "1/2", "1/2"), (2, "9/5", "1/4")]:
    q, hh = Q(mu), Q(h)
    value = max(q / (q - 1 + (1 - hh * q) ** (-2 * N)), (1 - hh) ** (2 * N)) / 2
    build = partial(gradient_descent, N, h, mu=mu)
    exact(f"gradient descent, value, strongly convex [{parameters(N, h, mu)}]", build, value, THG)
for N, mu in [(1, "1/10"), (2, "1/10"), (4, "1/10"), (1, 0), (3, 0), (1, "1/2")]:
    a = min(max(Q(1, 2 * N + 1), Q(mu)), Q(1))
    build = partial(gradient_descent, N, mu=mu, quadratic=True)
    source = "Bousselmi, Hendrickx, Glineur, SIAM J. Optim. (2024)"
    exact(f"gradient descent, quadratic [{parameters(N, mu)}]", build, a * (1 - a) ** (2 * N) / 2, source)
SILVER = [1 + (1 + sqrt(2)) ** (k - 1) for k in (0, 1, 0, 2, 0, 1, 0)]
for N, value in ((1, 0.13060193856), (3, 0.04691816137), (7, 0.01842154255)):
    steps = tuple(map(digits, SILVER[:N]))
    numeric(f"silver steps [{N}]", partial(gradient_descent, N, steps), value)


def best_gradient(N: int, gamma: object = 1, *, last: bool) -> Model:
    """The smallest squared gradient of a smooth function that need not be convex."""
    model = Model()
    f = model.function(Smooth(L=1))
    x = x0 = model.point("x0")
    gradients = [f.gradient(x)]
    for _ in range(N):
        x = x - Q(gamma) * f.gradient(x)
        gradients.append(f.gradient(x))
    model.suppose(f(x0) - (f(x) if last else f.minimum) <= 1, name="initial")
    model.maximise(*map(norm2, gradients))
    return model


for N in (1, 2, 3, 5):
    source = "Abbaszadehpeivasti, de Klerk, Zamani, Optim. Lett. 16 (2022)"
    exact(f"smooth, best gradient from f0 − fN [{N}]", partial(best_gradient, N, last=True), Q(4, 3 * N), source)
    build = partial(best_gradient, N, last=False)
    exact(f"smooth, best gradient from f0 − f⋆ [{N}]", build, Q(4, 3 * N + 2), source)


def lojasiewicz(N: int, gamma: object, mu: object) -> Model:
    """Gradient descent on a Polyak–Łojasiewicz function."""
    model = Model()
    f = model.function(PolyakLojasiewicz(L=1, mu=mu))
    x = x0 = model.point("x0")
    model.suppose(f(x0) - f.minimum <= 1, name="initial")
    for _ in range(N):
        x = x - Q(gamma) * f.gradient(x)
    model.maximise(f(x) - f.minimum)
    return model


for N, mu in ((1, "1/5"), (2, "1/5"), (1, "1/2"), (3, "1/2")):
    value = (1 - Q(mu) * 3 / (2 + Q(mu))) ** N
    source = "Abbaszadehpeivasti, de Klerk, Zamani, EURO J. Comput. Optim. 11 (2023)"
    exact(f"Łojasiewicz [{parameters(N, mu)}]", partial(lojasiewicz, N, 1, mu), value, source, relaxed=True)


def restricted_secant(N: int, gamma: object) -> Model:
    """The gradient method under the restricted secant inequality and the upper error bound."""
    model = Model()
    f = model.function(RSIEB(L=1, mu="1/10"))
    x = started(model, f)
    for _ in range(N):
        x = x - Q(gamma) * f.gradient(x)
    model.maximise(norm2(x - f.minimizer))
    return model


for N, gamma in ((1, "1/10"), (4, "1/10"), (2, "1/5"), (2, 1)):
    value = (1 - Q(gamma) / 5 + Q(gamma) ** 2) ** N
    source = "Guille-Escuret, Ibrahim, Goujaud, Mitliagkas (2022)"
    exact(f"restricted secant [{parameters(N, gamma)}]", partial(restricted_secant, N, gamma), value, source)


def exact_line_search(N: int, mu: object = "1/10", epsilon: object = 0) -> Model:
    """Steepest descent with exact line search along an inexact gradient."""
    model = Model()
    f = model.function(SmoothStronglyConvex(L=1, mu=mu))
    x = x0 = model.point("x0")
    model.suppose(f(x0) - f.minimum <= 1, name="initial")
    for _ in range(N):
        x = line_search(model, f, x, inexact(model, f, x, epsilon) if epsilon else f.gradient(x))
    model.maximise(f(x) - f.minimum)
    return model


for N, mu in ((1, "1/10"), (2, "1/10"), (3, "1/10"), (1, "1/2")):
    value = ((1 - Q(mu)) / (1 + Q(mu))) ** (2 * N)
    source = "de Klerk, Glineur, Taylor, Optim. Lett. 11 (2017)"
    exact(f"exact line search [{parameters(N, mu)}]", partial(exact_line_search, N, mu), value, source)
INEXACT = Q(110 - 9, 110 + 9)
for N in (1, 2):
    source = "de Klerk, Glineur, Taylor, SIAM J. Optim. 30 (2020)"
    build = partial(exact_line_search, N, epsilon="1/10")
    exact(f"exact line search, inexact direction [{N}]", build, INEXACT ** (2 * N), source)


def inexact_gradient_descent(N: int, epsilon: object = "1/10") -> Model:
    """Gradient descent with a relative error in the gradient, at the best step."""
    model = Model()
    f = model.function(SmoothStronglyConvex(L=1, mu="1/10"))
    x = x0 = model.point("x0")
    model.suppose(f(x0) - f.minimum <= 1, name="initial")
    step = 2 / (1 + Q(epsilon) + (1 - Q(epsilon)) / 10)
    for _ in range(N):
        x = x - step * inexact(model, f, x, epsilon)
    model.maximise(f(x) - f.minimum)
    return model


for N in (1, 2, 3):
    source = "de Klerk, Glineur, Taylor, SIAM J. Optim. 30 (2020)"
    exact(f"inexact gradient [{N}]", partial(inexact_gradient_descent, N), INEXACT ** (2 * N), source)


def polyak(gamma: object, measure: str) -> Model:
    """One Polyak step of effective length γ; L = 1, μ = 1/10."""
    model = Model()
    f = model.function(SmoothStronglyConvex(L=1, mu="1/10"))
    x0 = model.point("x0")
    gap, g, c = f(x0) - f.minimum, f.gradient(x0), Q(gamma)
    if measure == "point":
        model.suppose(norm2(x0 - f.minimizer) <= 1, name="initial")
        model.suppose(equal(c * norm2(g), 2 * gap), name="step")
    else:
        model.suppose(gap <= 1, name="initial")
        model.suppose(equal(norm2(g), 2 * (2 - c) * gap), name="step")
    x = x0 - c * g
    model.maximise(norm2(x - f.minimizer) if measure == "point" else f(x) - f.minimum)
    return model


for gamma in ("3/2", 2, 5):
    c, mu = Q(gamma), Q(1, 10)
    source = "Barré, Taylor, d'Aspremont, COLT (2020)"
    value = (c - 1) * (1 - c * mu) / (c * (1 + mu) - 1)
    exact(f"Polyak step, distance [{gamma}]", partial(polyak, gamma, "point"), value, source)
for gamma in ("6/5", "3/2"):
    c, mu = Q(gamma), Q(1, 10)
    value = (c - 1) * (c * (3 - c * (1 + mu)) - 1)
    exact(f"Polyak step, value [{gamma}]", partial(polyak, gamma, "value"), value, source)


def composed_with_linear(N: int, kind: str) -> Model:
    """Gradient descent on g(Mx); L = 1, μ_g = 1/10, ‖M‖ ≤ 1."""
    model = Model()
    g = model.function(SmoothStronglyConvex(L=1, mu="1/10"), name="g")
    kinds = {"general": Linear(L=1), "symmetric": SymmetricLinear(L=1, mu="1/10"), "skew": SkewLinear(L=1)}
    M = model.operator(kinds[kind], name="M")
    back = {"general": M.adjoint, "symmetric": M, "skew": lambda u: -M(u)}[kind]
    x, best = model.point("x0"), model.point("x⋆")
    model.suppose(equal(back(g.gradient(M(best))), 0 * best), name="optimality")
    model.suppose(norm2(x - best) <= 1, name="initial")
    for _ in range(N):
        x = x - back(g.gradient(M(x)))
    model.maximise(g(M(x)) - g(M(best)))
    return model


for kind in ("general", "symmetric", "skew"):
    for N, value in ((1, 0.14944649446494), (2, 0.08070349289731)):
        source = "Bousselmi, Hendrickx, Glineur, SIAM J. Optim. (2024)"
        build = partial(composed_with_linear, N, kind)
        numeric(f"composed with linear, {kind} [{N}]", build, value, 1e-10, source)


# -- acceleration ------------------------------------------------------------------------------------------


def fast_gradient(N: int, mu: object = 0, momentum: str = "λ", epsilon: object = 0, composite: bool = False) -> Model:
    """Nesterov's method and FISTA, in the indexing of Beck and Teboulle."""
    model = Model()
    f = model.function(SmoothStronglyConvex(L=1, mu=mu) if mu else SmoothConvex(L=1), name="f")
    h = model.function(Convex(), name="h") if composite else None
    F = f + h if h is not None else f
    x = y = model.point("x0")
    model.suppose(norm2(x - F.minimizer) <= 1, name="initial")
    weight = 1.0
    for i in range(N):
        old, before = x, weight
        weight = (1 + sqrt(4 * before**2 + 1)) / 2
        x = y - (inexact(model, f, y, epsilon) if epsilon else f.gradient(y))
        x = h.prox(x, 1) if h is not None else x
        y = x + (digits((before - 1) / weight) if momentum == "λ" else Q(i, i + 3)) * (x - old)
    model.maximise(F(x) - F.minimum)
    return model


for N, mu, value in ((1, 0, 1 / 6), (2, 0, 0.1), (3, 0, 0.066106905), (5, 0, 0.034893768), (8, 0, 0.017557632),
                     (3, "1/10", 0.045238039)):  # fmt: skip
    numeric(f"fast gradient [{parameters(N, mu)}]", partial(fast_gradient, N, mu), value)
for N in (1, 3, 6):
    source = "Kim, Fessler, Math. Program. 159 (2016); " + COMPOSITE
    value = Q(2, N**2 + 5 * N + 6)
    exact(f"fast gradient, simple momentum [{N}]", partial(fast_gradient, N, momentum="k"), value, source)
    value = Q(2, N**2 + 5 * N + 2)
    build = partial(fast_gradient, N, momentum="k", composite=True)
    exact(f"fast proximal gradient, simple momentum [{N}]", build, value, source)
for N, mu, value in ((2, 0, 0.125), (4, 0, 0.051673292), (2, "1/10", 0.095391104)):
    numeric(f"fast proximal gradient [{parameters(N, mu)}]", partial(fast_gradient, N, mu, composite=True), value)
for N, value in ((1, 0.178571439), (3, 0.072992738), (5, 0.039387841)):
    build = partial(fast_gradient, N, momentum="k", epsilon="1/10")
    numeric(f"fast gradient, inexact [{N}]", build, value)


def constant_momentum(N: int, root: object) -> Model:
    """Nesterov's method for strongly convex functions, with √(μ/L) = root."""
    model = Model()
    q = Q(root)
    f = model.function(SmoothStronglyConvex(L=1, mu=q**2))
    x = y = model.point("x0")
    model.suppose(f(x) - f.minimum + q**2 / 2 * norm2(x - f.minimizer) <= 1, name="initial")
    for _ in range(N):
        old, x = x, y - f.gradient(y)
        y = x + (1 - q) / (1 + q) * (x - old)
    model.maximise(f(x) - f.minimum)
    return model


for N, root, value in ((1, "1/2", 0.324118378), (2, "1/2", 0.13172877), (4, "1/2", 0.017696077),
                       (3, "1/10", 0.678511434)):  # fmt: skip
    numeric(f"constant momentum [{parameters(N, root)}]", partial(constant_momentum, N, root), value)


def optimised(N: int, L: object = 1) -> Model:
    """The optimised gradient method."""
    model = Model()
    f = model.function(SmoothConvex(L=L))
    x = y = started(model, f)
    theta = 1.0
    for i in range(N):
        old, before = x, theta
        theta = (1 + sqrt((4 if i < N - 1 else 8) * theta**2 + 1)) / 2
        x = y - f.gradient(y) / L
        y = x + digits((before - 1) / theta) * (x - old) + digits(before / theta) * (x - y)
    model.maximise(f(y) - f.minimum)
    return model


def thetas(N: int) -> list[float]:
    """θ₀, …, θ_N of the optimised gradient method."""
    found = [1.0]
    for i in range(N):
        found.append((1 + sqrt((4 if i < N - 1 else 8) * found[-1] ** 2 + 1)) / 2)
    return found


def optimised_for_gradient(N: int) -> Model:
    """OGM-G: the best last gradient from f(x0) − f⋆ ≤ 1."""
    model = Model()
    f = model.function(SmoothConvex(L=1))
    x = y = model.point("x0")
    model.suppose(f(x) - f.minimum <= 1, name="initial")
    t = thetas(N)[::-1]
    for i in range(N):
        old, y = y, x - f.gradient(x)
        a = (t[i] - 1) * (2 * t[i + 1] - 1) / t[i] / (2 * t[i] - 1)
        x = y + digits(a) * (y - old) + digits((2 * t[i + 1] - 1) / (2 * t[i] - 1)) * (y - x)
    model.maximise(norm2(f.gradient(x)))
    return model


def greedy(N: int, assumption: type = SmoothConvex) -> Model:
    """Exact line search over the span of all gradients so far (the conjugate gradient method of Drori and Taylor)."""
    model = Model()
    f = model.function(assumption(L=1))
    x = started(model, f)
    span = [f.gradient(x)]
    for _ in range(N):
        old, x = x, line_search(model, f, x, *span)
        span += [f.gradient(x), old - x]
    model.maximise(f(x) - f.minimum)
    return model


for N in (1, 2, 3, 5):
    closed(f"optimised gradient [{N}]", partial(optimised, N), 0.5 / thetas(N)[-1] ** 2, "Kim, Fessler (2016)")
    value = 2 / thetas(N)[-1] ** 2
    closed(f"optimised gradient for gradients [{N}]", partial(optimised_for_gradient, N), value, "Kim, Fessler (2021)")
closed("optimised gradient, L = 3 [4]", partial(optimised, 4, 3), 1.5 / thetas(4)[-1] ** 2, "Kim, Fessler (2016)")
for N in (1, 2, 3):
    closed(f"greedy [{N}]", partial(greedy, N), 0.5 / thetas(N)[-1] ** 2, "Drori, Taylor, Math. Program. 184 (2020)")
for N in (1, 3):
    build = partial(greedy, N, QGConvex)
    exact(f"greedy, quadratic growth [{N}]", build, Q(1, 2 * N + 2), "Goujaud, Taylor, Dieuleveut (2022)")


def heavy_ball(N: int, alpha: object = "1/2", beta: object = "1/4") -> Model:
    """Heavy ball on a smooth strongly convex function."""
    model = Model()
    f = model.function(SmoothStronglyConvex(L=1, mu="1/10"))
    x = old = model.point("x0")
    model.suppose(f(x) - f.minimum <= 1, name="initial")
    for _ in range(N):
        x, old = x - Q(alpha) * f.gradient(x) + Q(beta) * (x - old), x
    model.maximise(f(x) - f.minimum)
    return model


for N, value in ((1, 0.90249995), (2, 0.79209992), (4, 0.59923076)):
    numeric(f"heavy ball [{N}]", partial(heavy_ball, N), value)


def triple_momentum(N: int, root: object = "1/2") -> Model:
    """The triple momentum method, with 1/√κ = root."""
    model = Model()
    f = model.function(SmoothStronglyConvex(L=1, mu=Q(root) ** 2))
    x = y = old = started(model, f)
    rho = 1 - Q(root)
    beta, gamma, delta = rho**2 / (2 - rho), rho**2 / (1 + rho) / (2 - rho), rho**2 / (1 - rho**2)
    z = x
    for _ in range(N):
        new = (1 + beta) * x - beta * old - (1 + rho) * f.gradient(y)
        y, z = (1 + gamma) * new - gamma * x, (1 + delta) * new - delta * x
        x, old = new, x
    model.maximise(f(z) - f.minimum)
    return model


for N, root in ((1, "1/2"), (2, "1/2"), (4, "1/2"), (2, "1/10")):
    value = (1 - Q(root)) ** (2 * N) / 2 / Q(root) ** 2
    source = "Van Scoy, Freeman, Lynch, IEEE Control Syst. Lett. 2 (2018)"
    exact(f"triple momentum [{parameters(N, root)}]", partial(triple_momentum, N, root), value, source)


def information_theoretic(N: int, mu: float) -> tuple[Model, float]:
    """ITEM, and its rate."""
    model = Model()
    f = model.function(SmoothStronglyConvex(L=1, mu=Q(str(mu))))
    x = z = started(model, f)
    A = 0.0
    for _ in range(N):
        new = ((1 + mu) * A + 2 * (1 + sqrt((1 + A) * (1 + mu * A)))) / (1 - mu) ** 2
        b, d = digits(A / (1 - mu) / new), ((1 - mu) ** 2 * new - (1 + mu) * A) / 2 / (1 + mu + mu * A)
        y = (1 - b) * z + b * x
        x = y - f.gradient(y)
        z = (1 - digits(mu * d)) * z + digits(mu * d) * y - digits(d) * f.gradient(y)
        A = new
    model.maximise(norm2(z - f.minimizer))
    return model, 1 / (1 + mu * A)


for N, mu in ((1, 0.01), (3, 0.01), (2, 0.25)):
    value = information_theoretic(N, mu)[1]
    build = lambda N=N, mu=mu: information_theoretic(N, mu)[0]  # noqa: E731
    closed(f"information-theoretic [{parameters(N, mu)}]", build, value, "Taylor, Drori, Math. Program. 199 (2023)")


def robust_momentum(root: object = "1/2", share: object = "1/5") -> tuple[Model, Fraction]:
    """One step of the robust momentum method in its Lyapunov function, and the rate; 1/√κ = root.

    The Lyapunov function vanishes along directions that are not bounded: rounded parameters make the ratio infinite.
    """
    model = Model()
    mu, share = Q(root) ** 2, Q(share)
    kappa = 1 / mu
    f = model.function(SmoothStronglyConvex(L=1, mu=mu))
    x0, x1 = model.point("x0"), model.point("x1")
    rho = share * (1 - mu) + (1 - share) * (1 - Q(root))
    alpha, beta = kappa * (1 - rho) ** 2 * (1 + rho), kappa * rho**3 / (kappa - 1)
    gamma = rho**3 / ((kappa - 1) * (1 - rho) ** 2 * (1 + rho))
    weight = mu**2 * (kappa - kappa * rho**2 - 1) / (2 * rho * (1 - rho))

    def potential(y: Point, new: Point, old: Point) -> object:
        z, d = (new - rho**2 * old) / (1 - rho**2), y - f.minimizer
        smooth = (1 - mu) * (f(y) - f.minimum - mu / 2 * norm2(d)) - norm2(f.gradient(y) - mu * d) / 2
        return weight * norm2(z - f.minimizer) + smooth

    y0 = x1 + gamma * (x1 - x0)
    x2 = x1 + beta * (x1 - x0) - alpha * f.gradient(y0)
    y1 = x2 + gamma * (x2 - x1)
    x3 = x2 + beta * (x2 - x1) - alpha * f.gradient(y1)
    model.maximise(potential(y1, x3, x2), relative_to=potential(y0, x2, x1))
    return model, rho**2


for root, share in (("1/2", "1/5"), ("1/3", "1/2"), ("1/2", 0)):
    source = "Cyrus, Hu, Van Scoy, Lessard, ACC (2018)"
    build = lambda root=root, share=share: robust_momentum(root, share)[0]  # noqa: E731
    exact(f"robust momentum [{parameters(root, share)}]", build, robust_momentum(root, share)[1], source)


def quadratic_growth(N: int, method: str) -> tuple[Model, float]:
    """Methods for convex functions with a quadratic upper bound at the minimiser."""
    model = Model()
    f = model.function(QGConvex(L=1))
    x = old = started(model, f)
    rate, u = 0.5 / (N + 1), 1.0
    for t in range(N):
        g = f.subgradient(x)
        if method == "heavy ball":
            x, old = x - Q(1, t + 2) * g + Q(t, t + 2) * (x - old), x
        elif method == "decreasing":
            u = u / 2 + sqrt((u / 2) ** 2 + 2)
            x, rate = x - digits(1 / u) * g, 0.5 / u
        else:
            x, rate = x - Q(method) * g, 0.5 * max(1 / (2 * N * float(Q(method)) + 1), float(Q(method)))
    model.maximise(f(x) - f.minimum)
    return model, rate


for N, method in ((1, "heavy ball"), (3, "heavy ball"), (5, "heavy ball"), (1, "1/5"), (4, "1/5"), (3, "decreasing")):
    source = "Goujaud, Taylor, Dieuleveut (2022)"
    build = lambda N=N, method=method: quadratic_growth(N, method)[0]  # noqa: E731
    closed(f"quadratic growth [{parameters(N, method)}]", build, quadratic_growth(N, method)[1], source)


# -- subgradients ------------------------------------------------------------------------------------------


def subgradient_method(N: int, gamma: object, M: object = 1, R: object = 1) -> Model:
    """The best iterate of the subgradient method."""
    model = Model()
    f = model.function(LipschitzConvex(M=M))
    x = started(model, f, squared=Q(R) ** 2)
    values = [f(x)]
    f.subgradient(x)
    for _ in range(N):
        x = x - Q(gamma) * f.subgradient(x)
        values.append(f(x))
        f.subgradient(x)
    model.maximise(*(value - f.minimum for value in values))
    return model


for N in (0, 3, 8):
    value = Q(1, round(sqrt(N + 1)))
    exact(f"subgradients [{N}]", partial(subgradient_method, N, value), value, "Drori, Teboulle (2016)")
closed("subgradients [1]", partial(subgradient_method, 1, digits(sqrt(0.5))), sqrt(0.5), "Drori, Teboulle (2016)")
numeric("subgradients [4]", partial(subgradient_method, 4, "2/5"), 0.4472135955)
build = partial(subgradient_method, 3, "1/2000000", M=1000, R="1/1000")
exact("subgradients, scales [3]", build, Q(1, 2), "Drori, Teboulle (2016)")


def epsilon_subgradients(N: int) -> Model:
    """The ε-subgradient method; M = 2, γ = 1/2, ε = 1/10."""
    model = Model()
    f = model.function(Convex())
    x = started(model, f)
    values = []
    for _ in range(N):
        near, g, level = model.point(), f.fresh_gradient(), model.number()
        f.known(near, level, g)
        model.suppose(f(x) - level - inner(g, x - near) <= Q(1, 10), norm2(g) <= 4, name="ε-subgradient")
        values.append(f(x))
        x = x - g / 2
    model.suppose(norm2(f.subgradient(x)) <= 4, name="last")
    model.maximise(*(value - f.minimum for value in (*values, f(x))))
    return model


for N, value in ((1, 1.521363372), (3, 1.293833006)):
    numeric(f"ε-subgradients [{N}]", partial(epsilon_subgradients, N), value)


# -- proximal and composite methods ------------------------------------------------------------------------


def proximal_point(N: int, gamma: object, measure: str = "value", mu: object = 0) -> Model:
    """The proximal point method."""
    model = Model()
    f = model.function(StronglyConvex(mu=mu) if Q(mu) else Convex())
    x = started(model, f)
    for _ in range(N):
        x = f.prox(x, gamma)
    measures = {
        "value": lambda: f(x) - f.minimum,
        "gradient": lambda: norm2(f.subgradient(x)),
        "point": lambda: norm2(x - f.minimizer),
    }
    model.maximise(measures[measure]())
    return model


for N, gamma in ((1, 1), (2, 1), (4, 3), (8, "1/2"), (3, 1000)):
    value = 1 / (4 * Q(gamma) * N)
    exact(f"proximal points, value [{parameters(N, gamma)}]", partial(proximal_point, N, gamma), value, COMPOSITE)
for N, gamma in ((1, 1), (3, 1), (2, "1/10")):
    build = partial(proximal_point, N, gamma, "gradient")
    exact(f"proximal points, gradient [{parameters(N, gamma)}]", build, 1 / (Q(gamma) * N) ** 2, COMPOSITE)
    build = partial(proximal_point, N, gamma, "point", "1/4")
    value = (1 + Q(gamma) / 4) ** (-2 * N)
    exact(f"proximal points, distance [{parameters(N, gamma)}]", build, value, "Rockafellar (1976)")


def guler(gammas: Sequence[int] = (2, 3, 4), A: float = 5.0) -> Model:
    """Güler's accelerated proximal point method."""
    model = Model()
    f = model.function(Convex())
    x = v = model.point("x0")
    model.suppose(f(x) - f.minimum + Q(A) / 2 * norm2(x - f.minimizer) <= 1, name="initial")
    for gamma in gammas:
        a = (sqrt((A * gamma) ** 2 + 4 * A * gamma) - A * gamma) / 2
        y = (1 - digits(a)) * x + digits(a) * v
        x = f.prox(y, gamma)
        v, A = v + digits(1 / a) * (x - y), (1 - a) * A
    model.maximise(f(x) - f.minimum)
    return model


numeric("accelerated proximal points, Güler", guler, 0.009830659)


def proximal_gradient(
    N: int, gamma: object = 1, mu: object = 0, measure: str = "value", quadratic: bool = False
) -> Model:
    """The proximal gradient method, L = 1."""
    model = Model()
    smooth = SmoothStronglyConvex(L=1, mu=mu) if Q(mu) else SmoothConvex(L=1)
    f = model.function(Quadratic(L=1, mu=mu) if quadratic else smooth, name="f")
    h = model.function(Convex(), name="h")
    F = f + h
    x = x0 = model.point("x0")
    model.suppose(norm2(x0 - F.minimizer) <= 1, name="initial")
    for _ in range(N):
        x = h.prox(x - Q(gamma) * f.gradient(x), gamma)
    model.maximise(F(x) - F.minimum if measure == "value" else norm2(x - F.minimizer))
    return model


for N in (1, 2, 4):
    exact(f"proximal gradient, value [{N}]", partial(proximal_gradient, N), Q(1, 4 * N), COMPOSITE)
for N, gamma in ((1, 1), (2, 1), (2, "1/2"), (2, "3/2"), (3, "20/11")):
    value = max(1 - Q(gamma) / 10, Q(gamma) - 1) ** (2 * N)
    build = partial(proximal_gradient, N, gamma, "1/10", "point")
    exact(f"proximal gradient, distance [{parameters(N, gamma)}]", build, value, LINEAR)
for N in (1, 2):
    build = partial(proximal_gradient, N, 1, "1/10", "point", quadratic=True)
    exact(f"proximal gradient, quadratic [{N}]", build, Q(81, 100) ** N, LINEAR)


def bregman_proximal(N: int, gamma: object = 3) -> Model:
    """The Bregman proximal point method."""
    model = Model()
    f, h = model.function(Convex(), name="f"), model.function(Convex(), name="h")
    best, x = f.minimizer, model.point("x0")
    slope = h.subgradient(x)
    model.suppose(h(best) - h(x) - inner(slope, best - x) <= 1, name="initial")
    for _ in range(N):
        x = (h + Q(gamma) * f).shifted_minimizer(slope)
        slope = h.subgradient(x)
    model.maximise(f(x) - f.minimum)
    return model


for N in (1, 2, 5):
    exact(f"Bregman proximal points [{N}]", partial(bregman_proximal, N), Q(1, 3 * N), PEPIT)


def no_lips(N: int, gamma: object, measure: str) -> Model:
    """The Bregman gradient method, relatively smooth with L = 1."""
    model = Model()
    d, f = model.function(Convex(), name="d"), model.function(Convex(), name="f")
    c, h = model.function(Indicator(), name="c"), d + f
    F = f + c
    best, x = F.minimizer, model.point("x0")
    model.suppose(h(best) - h(x) - inner(h.subgradient(x), best - x) <= 1, name="initial")
    divergences = []
    for _ in range(N):
        old, x = x, (c + h).shifted_minimizer(h.subgradient(x) - Q(gamma) * f.subgradient(x))
        divergences.append(h(old) - h(x) - inner(h.subgradient(x), old - x))
    model.maximise(*([f(x) - f(best)] if measure == "value" else divergences))
    return model


for N in (1, 3):
    source = "Bauschke, Bolte, Teboulle, Math. Oper. Res. 42 (2017)"
    exact(f"Bregman gradient, value [{N}]", partial(no_lips, N, "1/2", "value"), Q(2, N), source)
for N in (2, 4):
    build = partial(no_lips, N, 1, "divergence")
    exact(f"Bregman gradient, divergence [{N}]", build, Q(2, N * (N - 1)), "Dragomir, thesis (2021)")


def no_lips_nonconvex(N: int, reverse: bool, gamma: object = "1/2") -> Model:
    """The Bregman gradient method for a difference of convex functions."""
    model = Model()
    d1, d2 = model.function(Convex(), name="d1"), model.function(Convex(), name="d2")
    c = model.function(Indicator(), name="c")
    f, h = (d2 - d1) / 2, (d1 + d2) / 2
    x = x0 = model.point("x0")
    c(x0)
    divergences = []
    for _ in range(N):
        old, x = x, (c + h).shifted_minimizer(h.subgradient(x) - Q(gamma) * f.subgradient(x))
        base, other = (x, old) if reverse else (old, x)
        divergences.append(h(other) - h(base) - inner(h.subgradient(base), other - base))
    model.suppose(f(x0) - f(x) <= 1, name="initial")
    model.maximise(*divergences)
    return model


for N in (1, 3):
    source = "Bolte, Sabach, Teboulle, Vaisbourd, SIAM J. Optim. 28 (2018)"
    exact(f"Bregman gradient, nonconvex [{N}]", partial(no_lips_nonconvex, N, False), Q(1, N), source)
    exact(f"Bregman gradient, nonconvex, reversed [{N}]", partial(no_lips_nonconvex, N, True), Q(1, 2 * N), source)


def interior(N: int) -> Model:
    """The improved interior gradient algorithm; L = μ = c = λ = 1."""
    model = Model()
    f, c = model.function(SmoothConvex(L=1), name="f"), model.function(Indicator(), name="c")
    h = model.function(StronglyConvex(mu=1), name="h")
    F = f + c
    best = F.minimizer
    x = z = x0 = model.point("x0")
    model.suppose(h(best) - h(x0) - inner(h.subgradient(x0), best - x0) + f(x0) - F.minimum <= 1, name="initial")
    weight = Q(1)
    for _ in range(N):
        a = Q(int((sqrt(weight**2 + 4 * weight) - weight) / 2 * 10**12), 10**12)  # a² ≤ (1 − a) · weight
        weight *= 1 - a
        y = (1 - a) * x + a * z
        z = (h + c).shifted_minimizer(h.subgradient(z) - a / weight * f.gradient(y))
        x = (1 - a) * x + a * z
    model.maximise(F(x) - F.minimum)
    return model


for N, value in ((1, 0.38193), (2, 0.20783), (3, 0.13224)):  # no multipliers are strictly feasible
    numeric(f"interior gradient [{N}]", partial(interior, N), value, 1e-4)


def frank_wolfe(N: int) -> Model:
    """The Frank–Wolfe method on a set of diameter 1."""
    model = Model()
    f, c = model.function(SmoothConvex(L=1), name="f"), model.function(BoundedIndicator(D=1), name="c")
    F = f + c
    x = model.point("x0")
    c(x)
    for i in range(N):
        y = c.shifted_minimizer(-f.gradient(x))
        x = Q(i, i + 2) * x + Q(2, i + 2) * y
    model.maximise(f(x) - F.minimum)
    return model


for N, value in ((1, 0.5), (2, 0.31261699), (4, 0.17803312)):
    numeric(f"Frank–Wolfe [{N}]", partial(frank_wolfe, N), value)


def difference_of_convex(N: int) -> Model:
    """The difference-of-convex algorithm; L1, μ1 = 2, 1/2 and L2, μ2 = 1, 1/4."""
    model = Model()
    f1 = model.function(SmoothStronglyConvex(L=2, mu="1/2"), name="f1")
    f2 = model.function(SmoothStronglyConvex(L=1, mu="1/4"), name="f2")
    F = f1 - f2
    best = F.stationary_point()
    lowest, x = F(best), model.point("x0")
    model.suppose(F(x) - lowest <= 1, name="initial")
    measures = [norm2(F.gradient(x))]
    for k in range(N + 1):
        model.suppose(F(x) - norm2(F.gradient(x)) * Q(2, 7) >= lowest, name="lowest")
        if k < N:
            x = f1.shifted_minimizer(f2.gradient(x))
            measures.append(norm2(F.gradient(x)))
    model.maximise(*measures)
    return model


for N in (1, 3):
    A, B, C = 2 * (2 - Q(1, 2)), 3 + Q(1, 2) * (2 - 3), (2 - Q(1, 2)) / Q(7, 4)
    source = "Abbaszadehpeivasti, de Klerk, Zamani, J. Optim. Theory Appl. (2023)"
    exact(f"difference of convex functions [{N}]", partial(difference_of_convex, N), A / (B * N + C), source)


def inexact_proximal_points(N: int) -> Model:
    """Proximal points with a relative error; γ = 10, σ = 0.65."""
    model = Model()
    f = model.function(Convex())
    x = started(model, f)
    for _ in range(N):
        old, x = x, model.point()
        error = x - old + 10 * f.subgradient(x)
        model.suppose(norm2(error) <= Q("0.65") ** 2 * norm2(x - old), name="error")
    model.maximise(f(x) - f.minimum)
    return model


for N, value in ((1, 0.04125), (3, 0.016261372)):
    numeric(f"inexact proximal points [{N}]", partial(inexact_proximal_points, N), value)


def inexact_douglas_rachford(N: int) -> tuple[Model, Fraction]:
    """Douglas–Rachford with one inexact proximal step, and its rate; γ = 1.4, σ = 0.2, L = 5, μ = 1/10."""
    model = Model()
    f, g = model.function(SmoothStronglyConvex(L=5, mu="1/10"), name="f"), model.function(Convex(), name="g")
    step, share = Q("1.4"), Q("0.2")
    best = (f + g).minimizer
    fixed = best + step * f.gradient(best)
    z = model.point("z0")
    model.suppose(norm2(z - fixed) <= 1, name="initial")
    for _ in range(N):
        x = model.point()
        slope = f.gradient(x)
        error = x - z + step * slope
        y = g.prox(x - step * slope, step)
        model.suppose(norm2(error) <= share**2 * norm2(y - z + step * slope), name="error")
        z = z + y - x
    model.maximise(norm2(z - fixed))
    a = (1 - share + step * share / 10) / (1 - share + step / 10)
    b = (share + (1 - share) * step * 5) / (1 + (1 - share) * step * 5)
    return model, max(a, b) ** (2 * N)


for N in (1, 2):
    source = "Barré, Taylor, Bach, Math. Program. 201 (2023)"
    build = lambda N=N: inexact_douglas_rachford(N)[0]  # noqa: E731
    exact(f"inexact Douglas–Rachford [{N}]", build, inexact_douglas_rachford(N)[1], source)


def inexact_forward_backward(N: int) -> Model:
    """The accelerated inexact forward–backward method; L = 1, ζ = 0.45."""
    model = Model()
    f, h = model.function(SmoothConvex(L=1), name="f"), model.function(Convex(), name="h")
    F, zeta = f + h, Q("0.45")
    x = z = model.point("x0")
    model.suppose(norm2(x - F.minimizer) <= 1, name="initial")
    eta, A = 1 - 0.45**2, 0.0
    level = None
    for _ in range(N):
        new = A + (eta + sqrt(eta**2 + 4 * eta * A)) / 2
        y = x + (1 - digits(A / new)) * (z - x)
        g, near = f.gradient(y), model.point()
        v, x = h.subgradient(near), model.point()
        level = h(x)
        gap = norm2(x - y + g + v) / 2 + level - h(near) - inner(v, x - near)
        model.suppose(gap <= zeta**2 / 2 * norm2(v + g), name="gap")
        z, A = z - digits(new - A) * (v + g), new
    model.maximise(f(x) + level - F.minimum)
    return model


for N, value in ((1, 0.454545456), (3, 0.11449027)):
    numeric(f"inexact forward–backward [{N}]", partial(inexact_forward_backward, N), value)


# -- splitting ---------------------------------------------------------------------------------------------


def douglas_rachford(N: int) -> Model:
    """Douglas–Rachford in function values; γ = L = 1."""
    model = Model()
    g, f = model.function(Convex(), name="g"), model.function(SmoothConvex(L=1), name="f")
    F = f + g
    best, w = F.minimizer, model.point("w0")
    for k in range(N):
        x = f.prox(w, 1)
        if k == 0:
            model.suppose(norm2(x - best) <= 1, name="initial")
        y = g.prox(2 * x - w, 1)
        w = w + y - x
    model.maximise(F(y) - F.minimum)
    return model


for N, value in ((1, 0.25), (2, 0.127322009), (4, 0.062688662)):
    numeric(f"Douglas–Rachford, value [{N}]", partial(douglas_rachford, N), value)


def douglas_rachford_contraction(N: int, theta: object = 1, third: bool = False) -> Model:
    """How two runs of Douglas–Rachford (with `third` of Davis–Yin) come closer."""
    model = Model()
    L, step = (10, 1) if third else (1, 3)
    f, g = model.function(SmoothStronglyConvex(L=L, mu="1/10"), name="f"), model.function(Convex(), name="g")
    s = model.function(SmoothConvex(L=1), name="s") if third else None
    runs = starts = [model.point("w0"), model.point("w1")]
    for _ in range(N):
        runs = list(runs)
        for k, w in enumerate(runs):
            x = g.prox(w, step)
            y = f.prox(2 * x - w - (step * s.gradient(x) if s is not None else 0), step)
            runs[k] = w + Q(theta) * (y - x)
    model.maximise(norm2(runs[0] - runs[1]), relative_to=norm2(starts[0] - starts[1]))
    return model


for N in (1, 2):
    source = "Giselsson, Boyd, IEEE Trans. Autom. Control 62 (2017)"
    value = max(Q(10, 13), Q(3, 4)) ** (2 * N)
    exact(f"Douglas–Rachford, contraction [{N}]", partial(douglas_rachford_contraction, N), value, source)
numeric("Douglas–Rachford, overrelaxed", partial(douglas_rachford_contraction, 1, "3/2"), 0.427514828)
for N, value in ((1, 0.830379741), (2, 0.689530509), (4, 0.475452327)):
    numeric(f"Davis–Yin [{N}]", partial(douglas_rachford_contraction, N, third=True), value, slow=N > 2)


def accelerated_douglas_rachford(N: int) -> Model:
    """Accelerated Douglas–Rachford; L = 1, μ = 1/10, α = 9/10."""
    model = Model()
    g, f = model.function(Convex(), name="g"), model.function(SmoothStronglyConvex(L=1, mu="1/10"), name="f")
    F, alpha = f + g, Q(9, 10)
    best = F.minimizer
    w = u = model.point("w0")
    model.suppose(norm2(best + alpha * f.gradient(best) - w) <= 1, name="initial")
    for i in range(N):
        x = f.prox(u, alpha)
        y = g.prox(2 * x - u, alpha)
        old, w = w, u + (1 - alpha) / (1 + alpha) * (y - x)
        u = w + (Q(i - 1, i + 2) * (w - old) if i else 0)
    model.maximise(F(y) - F.minimum)
    return model


for N, value in ((1, 0.202732754), (2, 0.192914818)):
    numeric(f"accelerated Douglas–Rachford [{N}]", partial(accelerated_douglas_rachford, N), value)


# -- operators ---------------------------------------------------------------------------------------------


def forward_step(gamma: object, N: int, *assumptions: object) -> Model:
    """x⁺ = x − γ A(x)."""
    model = Model()
    A = model.operator(*assumptions)
    x = x0 = model.point("x0")
    for _ in range(N):
        x = x - Q(gamma) * A(x)
    model.maximise(norm2(x - A.zero), relative_to=norm2(x0 - A.zero))
    return model


for gamma, N in (("1/10", 1), ("1/2", 2)):
    c, source = Q(gamma), "folklore"
    build = partial(forward_step, gamma, N, StronglyMonotone(mu="1/4"), Lipschitz(L=1))
    exact(f"forward step, Lipschitz [{parameters(gamma, N)}]", build, (1 - c / 2 + c**2) ** N, source, relaxed=True)
    build = partial(forward_step, gamma, N, StronglyMonotone(mu="1/4"), Cocoercive(beta=1))
    value = (1 - c / 2 + c**2 / 4) ** N
    exact(f"forward step, cocoercive [{parameters(gamma, N)}]", build, value, source, relaxed=True)


def monotone_proximal_point(N: int, method: str = "plain", gamma: object = 2) -> Model:
    """The proximal point method for a monotone operator, and Kim's acceleration."""
    model = Model()
    A = model.operator(Monotone())
    x = y = last = before = model.point("x0")
    model.suppose(norm2(x - A.zero) <= 1, name="initial")
    for i in range(N):
        old, before, last, x = x, last, y, A.resolvent(y, gamma)
        y = x if method == "plain" else x + Q(i, i + 2) * (x - old) - Q(i, i + 2) * (old - before)
    model.maximise(norm2(x - last))
    return model


for N in (1, 2, 5, 10):
    value = Q(N - 1, N) ** (N - 1) / N if N > 1 else Q(1)
    exact(f"monotone proximal points [{N}]", partial(monotone_proximal_point, N), value, "Gu, Yang (2020)")
    build = partial(monotone_proximal_point, N, "fast")
    exact(f"monotone proximal points, accelerated [{N}]", build, Q(1, N**2), "Kim, Math. Program. 190 (2021)")


def strongly_monotone_proximal_point(N: int, mu: object = "1/20") -> Model:
    """The optimal proximal point method for strongly monotone operators (Park, Ryu)."""
    model = Model()
    A, mu = model.operator(StronglyMonotone(mu=mu)), Q(mu)

    def phi(i: int) -> Fraction:
        return sum(((1 + 2 * mu) ** (2 * j) for j in range(i + 1)), Q(0))

    x = y = before = model.point("x0")
    model.suppose(norm2(x - A.zero) <= 1, name="initial")
    for i in range(N):
        new, ahead = A.resolvent(y, 1), phi(i + 1)
        y, before, x = (
            new + (phi(i) - 1) / ahead * (new - x) - 2 * mu * phi(i) / ahead * (y - new)
            + (1 + 2 * mu) * phi(i - 1) / ahead * (before - x),
            y,
            new,
        )  # fmt: skip
    model.maximise(norm2(before - x))
    return model


for N in (1, 2, 5):
    value = (Q(1, 10) / (Q(11, 10) ** N - 1)) ** 2
    build = partial(strongly_monotone_proximal_point, N)
    exact(f"strongly monotone proximal points [{N}]", build, value, "Park, Ryu, ICML (2022)")


def fixed_points(
    N: int, weights: Callable[[int], Fraction], *, anchored: bool, L: object = 1, scale: object = 1
) -> Model:
    """Averaged (or anchored) iterations of a nonexpansive or contractive operator."""
    model = Model()
    T = model.operator(Nonexpansive() if L == 1 else Lipschitz(L=L), name="T")
    x = x0 = model.point("x0")
    model.suppose(norm2(x0 - T.fixed_point) <= 1, name="initial")
    for i in range(N):
        x = weights(i) * (x0 if anchored else x) + (1 - weights(i)) * T(x)
    model.maximise(Q(scale) * norm2(x - T(x)))
    return model


for N in (1, 4, 10):
    build = partial(fixed_points, N, lambda i: Q(1, i + 2), anchored=True)
    exact(f"Halpern [{N}]", build, Q(4, (N + 1) ** 2), "Lieder, Optim. Lett. 15 (2021)")
exact("Halpern [25]", partial(fixed_points, 25, lambda i: Q(1, i + 2), anchored=True), Q(4, 26**2), "Lieder", slow=True)
for N in (1, 3):
    build = partial(fixed_points, N, lambda i: Q(1, 4), anchored=False, scale="1/4")
    value = Q(N, N + 1) ** N / (N + 1) * Q(4, 3)
    exact(f"Krasnoselskii–Mann [{N}]", build, value, "Lieder, thesis (2018)")
for N, value in ((1, 0.25), (3, 0.11963371)):
    build = partial(fixed_points, N, lambda i: Q(1, i + 2), anchored=False, scale="1/4")
    numeric(f"Krasnoselskii–Mann, increasing [{N}]", build, value)
GAMMA = Q(3, 2)
for N in (1, 4):
    weights = lambda i: (GAMMA**2 - 1) / (GAMMA ** (2 * i + 4) - 1)  # noqa: E731
    build = partial(fixed_points, N, weights, anchored=True, L=1 / GAMMA)
    value = (1 + 1 / GAMMA) ** 2 * ((GAMMA - 1) / (GAMMA ** (N + 1) - 1)) ** 2
    exact(f"contractive Halpern [{N}]", build, value, "Park, Ryu, ICML (2022)")


def inconsistent_halpern(N: int) -> Model:
    """Halpern's iteration without a fixed point, towards the smallest displacement v."""
    model = Model()
    T = model.operator(Nonexpansive(), name="T")
    best, x = model.point("x⋆"), model.point("x0")
    v = best - T(best)
    model.suppose(norm2(x - best) <= 1, name="initial")
    x0, points = x, [x]
    for i in range(N):
        x = Q(1, i + 2) * x0 + Q(i + 1, i + 2) * T(x)
        points.append(x)
    for point in points:
        model.suppose(inner(v, point - T(point)) >= norm2(v), name="displacement")
    model.maximise(norm2(x - T(x) - v))
    return model


for N, value in ((1, 4.0), (3, 1.0), (6, 0.3265)):
    accuracy = 3e-3 * value
    marks = {"slow": N > 3, "unattained": True}
    numeric(f"inconsistent Halpern [{N}]", partial(inconsistent_halpern, N), value, accuracy, **marks)


def operator_douglas_rachford(first: object, second: object, alpha: object, theta: object) -> Model:
    """How two runs of Douglas–Rachford for operators come closer in one step."""
    model = Model()
    A = model.operator(*first, name="A")
    B = model.operator(*second, name="B")
    starts, ends = [model.point("w0"), model.point("w1")], []
    for w in starts:
        x = B.resolvent(w, alpha)
        ends.append(w - Q(theta) * (x - A.resolvent(2 * x - w, alpha)))
    model.maximise(norm2(ends[0] - ends[1]), relative_to=norm2(starts[0] - starts[1]))
    return model


RYU = "Ryu, Taylor, Bergeling, Giselsson, SIAM J. Optim. 30 (2020)"
LIPSCHITZ, STRONG = (Lipschitz(L=1), Monotone()), (StronglyMonotone(mu=1),)
build = partial(operator_douglas_rachford, LIPSCHITZ, STRONG, 1, 1)
closed("Douglas–Rachford, Lipschitz [1]", build, (3 + sqrt(5)) / 8, RYU, relaxed=True)
build = partial(operator_douglas_rachford, LIPSCHITZ, STRONG, 1, "6/5")
exact("Douglas–Rachford, Lipschitz [6/5]", build, Q(16, 25), RYU, relaxed=True)
build = partial(operator_douglas_rachford, LIPSCHITZ, (StronglyMonotone(mu="1/10"),), "13/10", "9/10")
numeric("Douglas–Rachford, Lipschitz [9/10]", build, 0.9287706932298526, 1e-9, RYU, relaxed=True)
for theta, value in ((1, Q(1, 3)), ("6/5", Q(32, 125)), ("199/100", Q(9801, 10000))):
    build = partial(operator_douglas_rachford, (Cocoercive(beta=1),), STRONG, 1, theta)
    exact(f"Douglas–Rachford, cocoercive [{theta}]", build, value, RYU)
build = partial(operator_douglas_rachford, (Cocoercive(beta="6/5"),), (StronglyMonotone(mu="1/10"),), "3/10", "3/2")
numeric("Douglas–Rachford, cocoercive [3/2]", build, 0.914530115939, 1e-9, RYU)


def operator_davis_yin() -> Model:
    """One step of Davis–Yin for two operators and a gradient."""
    model = Model()
    A, B = model.operator(Monotone(), name="A"), model.operator(Cocoercive(beta=1), name="B")
    f, alpha = model.function(SmoothStronglyConvex(L=1, mu="1/10")), Q(9, 10)
    starts, ends = [model.point("w0"), model.point("w1")], []
    for w in starts:
        x = B.resolvent(w, alpha)
        ends.append(w - Q(13, 10) * (x - A.resolvent(2 * x - w - alpha * f.gradient(x), alpha)))
    model.maximise(norm2(ends[0] - ends[1]), relative_to=norm2(starts[0] - starts[1]))
    return model


numeric("Davis–Yin, operators", operator_davis_yin, 0.779689002)


def variational_inequality(N: int, method: str, *assumptions: object) -> Model:
    """Optimistic gradient and past extragradient on a closed convex set; γ = 1/4."""
    model = Model()
    c = model.function(Indicator(), name="c")
    F = model.operator(*(assumptions or (Lipschitz(L=1), Monotone())), name="F")
    best, x, gamma = zero_of(model, F, c), model.point("x0"), Q(1, 4)
    model.suppose(norm2(x - best) <= 1, name="initial")
    x = middle = old = c.prox(x, gamma)
    V = F(middle)
    for _ in range(N):
        old, before = (x if method == "past" else middle), V
        middle = c.prox(x - gamma * V, gamma)
        V = F(middle)
        x = c.prox(x - gamma * V, gamma) if method == "past" else middle + gamma * (before - V)
    model.maximise(norm2((x if method == "past" else middle) - old))
    return model


for N, first, second in ((1, 1.06249985, 1.00414798), (2, 0.333267965, 0.280378416), (4, 0.096851817, 0.08134236)):
    marks = {"relaxed": True, "slow": N > 2}
    numeric(f"optimistic gradient [{N}]", partial(variational_inequality, N, "optimistic"), first, 3e-7, **marks)
    numeric(f"past extragradient [{N}]", partial(variational_inequality, N, "past"), second, 3e-7, **marks)
build = partial(variational_inequality, 1, "optimistic", Cocoercive(beta="1/4"))
numeric("optimistic gradient, cocoercive [1]", build, 4 / 3, 2e-6)


def anchored_extragradient(N: int) -> Model:
    """The fast extragradient method of Lee and Kim in its anchored form; L = 1."""
    model = Model()
    F = model.operator(Lipschitz(L=1), Monotone(), name="F")
    x = x0 = model.point("x0")
    model.suppose(norm2(x0 - F.zero) <= 1, name="initial")
    for k in range(N):
        beta = Q(1, k + 1)
        ahead = x + beta * (x0 - x) - (1 - beta) * F(x)
        x = x + beta * (x0 - x) - F(ahead)
    model.maximise(norm2(F(x)))
    return model


for N, value in ((1, 2), (2, 1), (3, Q(4, 9))):
    source = "Lee, Kim, NeurIPS (2021)"
    exact(f"anchored extragradient [{N}]", partial(anchored_extragradient, N), value, source, relaxed=True)


# -- sums of many functions --------------------------------------------------------------------------------


def sgd(n: int, variance: object, R: object = 1, gamma: object = 1) -> Model:
    """One step of stochastic gradient descent on n functions; L = 1, μ = 1/10."""
    model = Model()
    fs = [model.function(SmoothStronglyConvex(L=1, mu="1/10"), name=f"f{k}") for k in range(n)]
    F = sum(fs[1:], fs[0]) / n
    best, x = F.minimizer, model.point("x0")
    model.suppose(model.mean(norm2(f.gradient(best)) for f in fs) <= variance, name="variance")
    model.suppose(norm2(x - best) <= Q(R) ** 2, name="initial")
    model.maximise(model.mean(norm2(x - Q(gamma) * f.gradient(x) - best) for f in fs))
    return model


for n in (2, 5):
    value = (2 * 0.9 / 2 + sqrt(4 * 1.1**2 / 4 * (1 - 2 / 1.1) ** 2 + 1)) ** 2
    closed(f"stochastic gradients [{n}]", partial(sgd, n, 1, 2), value, "Taylor, Bach, COLT (2019)")
for n in (2, 3, 4):
    source = "Taylor, Bach, COLT (2019)"
    exact(f"stochastic gradients, interpolation [{n}]", partial(sgd, n, 0), Q(81, 100), source)


def saga(n: int, L: object = 1, mu: object = "1/10") -> Model:
    """One step of SAGA in its Lyapunov function."""
    model = Model()
    L, mu = Q(L), Q(mu)
    h = model.function(Convex(), name="h")
    fs = [model.function(SmoothStronglyConvex(L=L, mu=mu), name=f"f{k}") for k in range(n)]
    F = h + sum(fs[1:], fs[0]) / n
    best, x = F.minimizer, model.point("x0")
    table = [model.point(f"φ{k}") for k in range(n)]
    gamma = 1 / (2 * (mu * n + L))
    c = 1 / (2 * gamma * (1 - mu * gamma) * n)

    def potential(points: Sequence[Point], x: Point) -> object:
        gaps = [f(p) - f(best) - inner(f.gradient(best), p - best) for f, p in zip(fs, points, strict=True)]
        return c * norm2(x - best) + model.mean(gaps)

    mean = sum((f.gradient(p) for f, p in zip(fs, table, strict=True)), model.zero()) / n
    ends = []
    for k, f in enumerate(fs):
        y = h.prox(x - gamma * (f.gradient(x) - f.gradient(table[k]) + mean), gamma)
        ends.append(potential([*table[:k], x, *table[k + 1 :]], y))
    model.maximise(model.mean(ends), relative_to=potential(table, x))
    return model


for n in (2, 3):
    value = 1 - Q(1, 10) / (2 * (Q(n, 10) + 1))
    exact(f"SAGA [{n}]", partial(saga, n), value, "Defazio, Bach, Lacoste-Julien, NeurIPS (2014)")


def point_saga(n: int = 2) -> Model:
    """One step of Point-SAGA in its Lyapunov function; L = 1, μ = 1/100."""
    model = Model()
    fs = [model.function(SmoothStronglyConvex(L=1, mu="1/100"), name=f"f{k}") for k in range(n)]
    best, x = (sum(fs[1:], fs[0]) / n).minimizer, model.point("x0")
    table = [model.point(f"φ{k}") for k in range(n)]
    gamma = digits(sqrt((n - 1) ** 2 + 400 * n) / 2 / n - (1 - 1 / n) / 2)

    def potential(slopes: Sequence[Point], x: Point) -> object:
        return norm2(x - best) + 100 * model.mean(norm2(f.gradient(best) - s) for f, s in zip(fs, slopes, strict=True))

    mean, ends = sum(table, model.zero()) / n, []
    for k, f in enumerate(fs):
        y = f.prox(x + gamma * (table[k] - mean), gamma)
        ends.append(potential([*table[:k], f.gradient(y), *table[k + 1 :]], y))
    model.maximise(model.mean(ends), relative_to=potential(table, x))
    return model


numeric("Point-SAGA [2]", point_saga, 0.910282953)


def coordinate_descent(d: int, mu: object = 0, t: int = 4) -> Model:
    """One step along a random block; L = γ = 1."""
    model = Model()
    space = model.blocks(d)
    f = model.function(SmoothStronglyConvex(L=1, mu=mu) if Q(mu) else SmoothConvex(L=1), space=space)
    x = model.point("x0", space=space)
    ends = [x - space.block(f.gradient(x), k) for k in range(d)]

    def potential(x: Point, k: int) -> object:
        if Q(mu):
            return norm2(x - f.minimizer)
        return (Q(k, d) + 1) * (f(x) - f.minimum) + norm2(x - f.minimizer) / 2

    model.maximise(model.mean(potential(y, t) for y in ends), relative_to=potential(x, t - 1))
    return model


for d in (2, 3):
    value = (Q(81, 100) + d - 1) / d
    exact(f"random coordinates [{d}]", partial(coordinate_descent, d, "1/10"), value, "Taylor, Bach, COLT (2019)")
exact("random coordinates, potential [2]", partial(coordinate_descent, 2), 1, "Taylor, Bach, COLT (2019)")


def cyclic_descent(constants: Sequence[int], N: int) -> Model:
    """Cyclic coordinate descent."""
    model = Model()
    space = model.blocks(len(constants))
    f = model.function(*(BlockSmoothConvex(L=L, block=k) for k, L in enumerate(constants)), space=space)
    x = model.point("x0", space=space)
    model.suppose(norm2(x - f.minimizer) <= 1, name="initial")
    for k in range(N):
        i = k % len(constants)
        x = x - space.block(f.gradient(x), i) / constants[i]
    model.maximise(f(x) - f.minimum)
    return model


for constants, N, value in (((1, 2), 2, 0.450299517), ((1, 2), 4, 0.307692299), ((1, 2, 4), 6, 0.90091611)):
    build = partial(cyclic_descent, constants, N)
    numeric(f"cyclic coordinates [{parameters(*constants)}; {N}]", build, value, relaxed=True, slow=N > 4)


def online(n: int, method: str) -> Model:
    """The regret of online methods; M = 1, D = 1/2."""
    model = Model()
    fs = [model.function(LipschitzConvex(M=1), name=f"f{k}") for k in range(n)]
    c = model.function(BoundedIndicator(D="1/2"), name="c")
    reference, x = c.prox(model.point("y"), 1), c.prox(model.point("z"), 1)
    x1, regret, step = x, model.constant(0), digits(0.5 / sqrt(n))
    total = c
    slopes = model.zero()
    for k, f in enumerate(fs):
        g = f.subgradient(x)
        regret = regret + f(x) - f(reference)
        total, slopes = total + f, slopes + g
        if k == n - 1:
            break
        if method == "descent":
            x = c.prox(x - step * g, step)
        elif method == "leader":
            x = total.stationary_point()
        else:
            x = total.prox(x1, step)
    model.maximise(regret)
    return model


source = "Zinkevich, ICML (2003); Hazan (2016)"
for n in (1, 2, 4):
    closed(f"online descent [{n}]", partial(online, n, "descent"), sqrt(n) / 2, source, slow=n > 2)
closed("follow the regularised leader [2]", partial(online, 2, "regularised"), sqrt(2) / 2, source)
numeric("follow the leader [2]", partial(online, 2, "leader"), 0.9330127046)


def online_frank_wolfe(n: int, M: object, D: object) -> Model:
    """The regret of online Frank–Wolfe."""
    model = Model()
    fs = [model.function(LipschitzConvex(M=M), name=f"f{k}") for k in range(n)]
    c = model.function(BoundedIndicator(D=D), name="c")
    reference, first = c.prox(model.point("y"), 1), c.prox(model.point("z"), 1)
    eta, share = digits(float(Q(D) / Q(M)) / 2 * (3 / n) ** 0.75), digits(min(1.0, sqrt(3 / n)))
    x, slopes, regret = first, model.zero(), model.constant(0)
    for f in fs:
        slopes, regret = slopes + f.subgradient(x), regret + f(x) - f(reference)
        x = (1 - share) * x + share * c.shifted_minimizer(-(x - first + eta * slopes))
    model.maximise(regret)
    return model


for n, M, D, value in ((2, 1, "1/2", 0.933012708), (3, 2, "7/10", 3.9131193)):
    numeric(f"online Frank–Wolfe [{parameters(n, M, D)}]", partial(online_frank_wolfe, n, M, D), value, 1e-6)


def projections(N: int, method: str) -> Model:
    """How far apart alternating, averaged or Dykstra's projections on two convex sets that meet still are."""
    model = Model()
    c1, c2 = model.function(Indicator(), name="c1"), model.function(Indicator(), name="c2")
    x = x0 = model.point("x0")
    model.suppose(norm2(x0 - (c1 + c2).minimizer) <= 1, name="initial")
    p = q = model.zero()
    for _ in range(N):
        if method == "averaged":
            x = (c1.prox(x, 1) + c2.prox(x, 1)) / 2
        else:
            y = c1.prox(x + p, 1)
            p = x + p - y if method == "Dykstra" else p
            x = c2.prox(y + q, 1)
            q = y + q - x if method == "Dykstra" else q
    model.maximise(norm2((c2.prox(x, 1) if method == "averaged" else x) - c1.prox(x, 1)))
    return model


for N, method, value in ((2, "alternating", 0.10546875), (5, "alternating", 0.03874204), (5, "averaged", 0.1279984),
                         (4, "Dykstra", 0.0655032)):  # fmt: skip
    build = partial(projections, N, method)
    numeric(f"projections [{parameters(N, method)}]", build, value, 5e-7, slow=N > 4)


def accelerated_potential(weight: object) -> Model:
    """The change of the potential λ²(f(x) − f⋆) + ‖z − x⋆‖²/2 of the accelerated gradient method; L = 1."""
    model = Model()
    f = model.function(SmoothConvex(L=1))
    x, z, now = model.point("x"), model.point("z"), Q(weight)
    new = (1 + Q(round(sqrt(4 * now**2 + 1) * 10**6), 10**6)) / 2  # exact for the weights below
    y = x + (z - x) / new
    g = f.gradient(y)
    ends = norm2(z - (new**2 - now**2) * g - f.minimizer) / 2 - norm2(z - f.minimizer) / 2
    model.maximise(new**2 * (f(y - g) - f.minimum) - now**2 * (f(x) - f.minimum) + ends)
    return model


for weight in ("3/8", "6/5"):
    exact(f"potential, accelerated [{weight}]", partial(accelerated_potential, weight), 0, "Bansal, Gupta (2019)")


# -- potentials and continuous time ------------------------------------------------------------------------


def descent_potential(n: int, kind: int) -> Model:
    """The change of a potential of gradient descent in one step."""
    model = Model()
    f = model.function(SmoothConvex(L=1))
    x = model.point("x")

    def potential(x: Point, n: int) -> object:
        gap, distance = f(x) - f.minimum, norm2(x - f.minimizer)
        if kind == 1:
            return n * gap + distance / 2
        return (2 * n + 1) * gap + n * (n + 2) * norm2(f.gradient(x)) + distance

    model.maximise(potential(x - f.gradient(x), n + 1) - potential(x, n))
    return model


for n in (0, 3, 10):
    exact(f"potential [1; {n}]", partial(descent_potential, n, 1), 0, "Bansal, Gupta (2019)")
    exact(f"potential [2; {n}]", partial(descent_potential, n, 2), 0, "Taylor, Bach, COLT (2019)")


def flow(kind: str, mu: object = "1/4") -> Model:
    """The time derivative of a Lyapunov function of a gradient flow."""
    model = Model()
    strong = kind.startswith("strong")
    f = model.function(StronglyConvex(mu=mu) if strong else Convex())
    x, v = model.point("x"), model.point("v")
    g, d, gap = f.subgradient(x), x - f.minimizer, f(x) - f.minimum
    if kind == "convex":
        model.maximise(gap - Q(5, 2) * norm2(g) - inner(d, g))
    elif kind == "convex, accelerated":
        t = Q(17, 5)
        a = -3 / t * v - g
        inertia = 4 * inner(d + t / 2 * v, Q(3, 2) * v + t / 2 * a)
        model.maximise(2 * t * gap + t**2 * inner(v, g) + inertia)
    elif kind == "strong":
        model.suppose(equal(gap, 1), name="initial")
        model.maximise(-norm2(g))
    else:
        r, a = Q(1, 2), -v - g
        if kind == "strong, accelerated":
            value = gap + norm2(r * d + v) / 2
            change = inner(g, v) + inner(r * d + v, r * v + a)
        else:
            value = gap + Q(1, 9) * norm2(d) + Q(2, 3) * inner(d, v) + norm2(v) / 2
            change = inner(g, v) + Q(2, 9) * inner(d, v) + Q(2, 3) * (norm2(v) + inner(d, a)) + inner(a, v)
        model.suppose(equal(value, 1), name="initial")
        model.maximise(change)
    return model


source = "Su, Boyd, Candès (2016); Moucer, Taylor, Bach, SIAM J. Optim. 33 (2023)"
for kind, value in (("convex", 0), ("convex, accelerated", 0), ("strong", "-1/2"), ("strong, accelerated", "-1/2"),
                    ("strong, accelerated, indefinite", "-2/3")):  # fmt: skip
    exact(f"flow [{kind}]", partial(flow, kind), value, source)
