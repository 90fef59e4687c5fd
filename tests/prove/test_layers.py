"""Sums over any number of layers: theorems about Gluon, certificates that are tampered with, and false variants."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from certify.analysis.bundles import bundle, verify
from certify.analysis.conclude import conclude
from certify.assumptions.layerwise_lipschitz import LayerwiseLipschitz
from certify.assumptions.layerwise_smooth import LayerwiseSmooth
from certify.assumptions.layerwise_smooth_gradients import LayerwiseSmoothGradients
from certify.assumptions.layerwise_variance import LayerwiseVariance
from certify.kernel import Certificate, Malformed, Rejected, check
from certify.language import (
    Assumption,
    DoesNotApply,
    Goal,
    Positive,
    SaturatingDecrease,
    Scalar,
    Telescoping,
    Trace,
    UnknownSign,
    inner,
    norm,
    pose,
    theorem,
)
from certify.methods._layerwise import (
    BY_RADIUS,
    DECREASE,
    HALF,
    LAYERS,
    SQUARES,
    SUM,
    WEIGHTED,
    Adaptive,
    Fixed,
    Scaled,
)
from certify.methods._layerwise_inexact import InexactAdaptive, InexactFixed
from certify.methods._layerwise_momentum import StochasticMomentum
from certify.methods.gluon import Gluon
from certify.methods.muon import Muon
from certify.prove.prover import prove
from certify.simulate.layered import run_layers


def proved(method: Any, name: str, seconds: float = 10) -> Any:
    own = method.theorems()[name]
    return prove(pose(method, own.assumptions, own), seconds=seconds)


def saturating(f: Any, x: Any, y: Any, **options: Any) -> Goal:
    given = {"offset": f.total(f.L0), "slope": f.largest(f.L1), "weight": HALF} | options
    given.setdefault("quantity", f.total(norm(f.gradient(x))))
    return SaturatingDecrease(before=f.value(x) - f.minimum, after=f.value(y) - f.minimum, **given)


def telescoping(f: Any, x: Any, y: Any, quantity: Any, **options: Any) -> Goal:
    given = {"weights": (HALF,)} | options
    return Telescoping(quantities=(quantity,), before=f.value(x) - f.minimum, after=f.value(y) - f.minimum, **given)


class OtherNorm(Assumption):
    """The descent inequality, but with lengths in another norm than that of the oracle."""

    name = "other-norm"
    differentiable = True
    L = Positive("L", each=True)

    def along(self, x: Any, y: Any, f: Any) -> Any:
        """‖yᵢ − xᵢ‖₂, of which the oracle says nothing."""
        f.trace.layered.add("ℓ")
        length = f.trace.scalar("ℓ", sign="nonnegative", note="a Euclidean length")
        return y.value <= x.value + f.total(inner(x.gradient, y.point - x.point) + self.L / 2 * length**2)


class FalseAdaptive(Adaptive):
    """Wrong constants with the adaptive radius."""

    @theorem(LayerwiseSmooth, measure=DECREASE, norms=LAYERS)
    def larger_weight(self, f: Any, x: Any, y: Any) -> Goal:
        """0.51 instead of ½."""
        r = norm(f.gradient(x))
        return telescoping(f, x, y, f.total(r**2 / (f.L0 + f.L1 * r)), weights=(Fraction(51, 100),))

    @theorem(LayerwiseSmooth, measure=SUM, norms=LAYERS)
    def largest_offset(self, f: Any, x: Any, y: Any) -> Goal:
        """max L0 instead of the sum."""
        return saturating(f, x, y, offset=f.largest(f.L0))

    @theorem(LayerwiseSmooth, measure=SUM, norms=LAYERS)
    def mean_slope(self, f: Any, x: Any, y: Any) -> Goal:
        """The mean of L1 instead of the maximum."""
        return saturating(f, x, y, slope=f.total(f.L1) / f.total(1))

    @theorem(LayerwiseSmooth, measure=SUM, norms=LAYERS)
    def missing_half(self, f: Any, x: Any, y: Any) -> Goal:
        """The weight 1 instead of ½."""
        return saturating(f, x, y, weight=1)

    @theorem(LayerwiseSmooth, measure=WEIGHTED, norms=LAYERS)
    def half_slope(self, f: Any, x: Any, y: Any) -> Goal:
        """Half of the slope in the weighted theorem."""
        a = f.total(1) / f.total(1 / f.L1)
        quantity, offset = f.total(a / f.L1 * norm(f.gradient(x))), f.total(a**2 * f.L0 / f.L1**2)
        return saturating(f, x, y, quantity=quantity, offset=offset, slope=a / 2)


class TwiceAsFar(Adaptive):
    """Radii twice as long: no decrease is left."""

    def radius(self, r: Any) -> Any:
        """2r/(L0 + L1 r)."""
        return 2 * super().radius(r)

    @theorem(LayerwiseSmooth, measure=SUM, norms=LAYERS)
    def twice(self, f: Any, x: Any, y: Any) -> Goal:
        """The decrease of the right radius."""
        return saturating(f, x, y)


class FalseFixed(Fixed):
    """Wrong conditions and constants with fixed radii."""

    @theorem(LayerwiseSmooth, measure=BY_RADIUS, norms=LAYERS)
    def unconditional(self, f: Any, x: Any, y: Any) -> Goal:
        """Radii of any size."""
        quantity = f.total(self.t * norm(f.gradient(x)))
        return telescoping(f, x, y, quantity, error=f.total(f.L0 * self.t**2) / 2)

    @theorem(LayerwiseSmooth, measure=BY_RADIUS, norms=LAYERS)
    def half_error(self, f: Any, x: Any, y: Any) -> Goal:
        """Half of the error."""
        quantity, error = f.total(self.t * norm(f.gradient(x))), f.total(f.L0 * self.t**2) / 4
        return telescoping(f, x, y, quantity, error=error, given=(self.t * f.L1 <= 1,))


class FalseScaled(Scaled):
    """Steps up to 2/L do not keep the weight ½, and constants for another norm say nothing."""

    @theorem(LayerwiseLipschitz, measure=SQUARES, norms=LAYERS)
    def long(self, f: Any, x: Any, y: Any) -> Goal:
        """γᵢ ≤ 2/Lᵢ."""
        quantity = f.total(self.gamma * norm(f.gradient(x)) ** 2)
        return telescoping(f, x, y, quantity, given=(self.gamma * f.L <= 2,))

    @theorem(OtherNorm, measure=SQUARES, norms=LAYERS)
    def other_norm(self, f: Any, x: Any, y: Any) -> Goal:
        """L in another norm."""
        quantity = f.total(self.gamma * norm(f.gradient(x)) ** 2)
        return telescoping(f, x, y, quantity, given=(self.gamma * f.L <= 1,))


class FalseInexact(InexactAdaptive):
    """Wrong powers of the oracle's constants."""

    @theorem(LayerwiseSmooth, measure=SUM, norms=LAYERS)
    def without_bound(self, f: Any, x: Any, y: Any) -> Goal:
        """b² is left out."""
        return saturating(f, x, y, weight=self.alpha**2 / 2)

    @theorem(LayerwiseSmooth, measure=SUM, norms=LAYERS)
    def first_power(self, f: Any, x: Any, y: Any) -> Goal:
        """α instead of α²."""
        return saturating(f, x, y, weight=self.alpha / (2 * self.b**2), given=(self.alpha <= 1,))


class FalseInexactFixed(InexactFixed):
    """Steps that an exact oracle could take."""

    @theorem(LayerwiseSmooth, measure=BY_RADIUS, norms=LAYERS)
    def exact_range(self, f: Any, x: Any, y: Any) -> Goal:
        """t ≤ 1/L1 as if α = b = 1."""
        quantity, error = f.total(self.t * norm(f.gradient(x))), self.b**2 * f.total(f.L0 * self.t**2) / 2
        return telescoping(f, x, y, quantity, weights=(self.alpha / 2,), error=error, given=(self.t * f.L1 <= 1,))


class FalseStochastic(StochasticMomentum):
    """Wrong constants with momentum and noise."""

    def _wrong(self, f: Any, before: Any, after: Any, *, noise: Any = 1, spread: Any = 1, reach: Any = 3) -> Goal:
        t, β, h = self.t, self.beta, self.split

        def left(state: Any) -> Any:
            drift = norm(state.m - f.gradient(state.x) - state.noise)
            energy = f.total(t * f.rho**2 / h * f.energy(state.noise)) * spread / (1 - β**2)
            return f.value(state.x) - f.minimum + 2 * f.total(t * drift) / (1 - β) + energy

        norm(before.m - f.gradient(before.x))
        error = (1 + 3 * β) * f.total(f.L0 * t**2) / (2 * (1 - β)) + f.total(t * h)
        error = error + noise * (1 - β) * f.total(t * f.rho**2 * f.sigma**2 / h) / (1 + β)
        quantity, given = f.total(t * norm(f.gradient(before.x))), ((1 + reach * β) * t * f.L1 <= 1 - β,)
        goal = Telescoping(quantities=(quantity,), weights=(HALF,), before=left(before), after=left(after))
        return replace(goal, error=error, given=given)

    @theorem(LayerwiseSmoothGradients, LayerwiseVariance, measure=BY_RADIUS, norms=LAYERS)
    def half_noise(self, f: Any, before: Any, after: Any) -> Goal:
        """Half of the noise's error."""
        return self._wrong(f, before, after, noise=HALF)

    @theorem(LayerwiseSmoothGradients, LayerwiseVariance, measure=BY_RADIUS, norms=LAYERS)
    def half_spread(self, f: Any, before: Any, after: Any) -> Goal:
        """Half of the energy in the potential."""
        return self._wrong(f, before, after, spread=HALF)

    @theorem(LayerwiseSmoothGradients, LayerwiseVariance, measure=BY_RADIUS, norms=LAYERS)
    def far(self, f: Any, before: Any, after: Any) -> Goal:
        """Radii up to (1 − β)/(L1(1 + β))."""
        return self._wrong(f, before, after, reach=1)


FALSE = [
    (kind, name)
    for kind in (FalseAdaptive, TwiceAsFar, FalseFixed, FalseScaled, FalseInexact, FalseInexactFixed, FalseStochastic)
    for name, own in kind.theorems().items()
    if own.goal.__qualname__.startswith(kind.__name__)
]


@pytest.mark.parametrize(("method", "name"), FALSE, ids=[n for _, n in FALSE])
def test_false_variants_are_not_proved(method: Any, name: str) -> None:
    assert not proved(method, name, seconds=4).proved


@pytest.mark.parametrize("name", ["larger-weight", "missing-half", "largest-offset"])
def test_false_variants_are_violated_by_runs(name: str) -> None:
    own = FalseAdaptive.theorems()[name]
    found = run_layers(FalseAdaptive, own.assumptions, own, runs=400, norms=("l2", "linf"))
    assert found is not None
    assert found.violations


def test_there_are_false_variants_enough() -> None:
    assert len(FALSE) >= 12


@pytest.mark.parametrize("name", list(Gluon.theorems()))
def test_tampered_certificates_are_rejected(name: str) -> None:
    own = proved(Gluon, name)
    data = json.loads(json.dumps(bundle(own, own.problem.identifier, conclude(own).strict)))
    assert verify(data).traced
    step = next(p for p in data["parts"] if p["role"] == "step")
    for i, term in enumerate(step["certificate"]["proof"]["terms"]):
        for changed in ({"coefficient": str(2 * Fraction(term["coefficient"]))}, {"under": []}):
            if changed.get("under") == term.get("under", []):
                continue
            wrong = copy.deepcopy(step["certificate"])
            wrong["proof"]["terms"][i] |= changed
            with pytest.raises(Rejected):
                check(Certificate.from_json(wrong))


def test_sums_are_not_means_and_products_of_sums_not_sums_of_products() -> None:
    trace = Trace("layers")
    trace.layered |= {"a", "b"}
    a, b = (trace.scalar(n, sign="positive") for n in "ab")
    assert trace.total(1) == Scalar.variable("p")
    assert trace.total(a * b) != trace.total(a) * trace.total(b)
    assert trace.total(2 * a + 3) == 2 * trace.total(a) + 3 * Scalar.variable("p")


def test_divisors_of_unknown_sign_are_refused_under_sums() -> None:
    trace = Trace("layers")
    trace.layered.add("a")
    with pytest.raises(UnknownSign, match="a, which is not known to be positive"):
        trace.total(1 / trace.scalar("a"))


def test_constants_of_approximate_polar_factors_are_those_in_the_statements() -> None:
    for name, alpha, bound in (("newton-schulz", "0.6818", "1.2024"), ("polar-express", "0.8588", "1.1412")):
        own = Muon.theorems()[name]
        assert own.variant is not None
        assert own.variant.constants() == (Fraction(alpha), Fraction(bound))
        assert f"α = {alpha}, b = {bound}" in own.statement


def test_theorems_for_layers_are_claimed_nowhere_else() -> None:
    own = Gluon.theorems()["gradients"]
    with pytest.raises(DoesNotApply, match="layers norms only"):
        pose(Gluon, own.assumptions, own, norm="euclidean")


def test_a_certificate_may_not_invent_a_sum() -> None:
    own = proved(Gluon, "gradients")
    data = own.parts[0].cases[0].certificate.to_json()
    moment = data["statement"]["moments"][0]
    moment["monomial"] = "L0^2"
    with pytest.raises((Rejected, Malformed)):
        check(Certificate.from_json(data))
