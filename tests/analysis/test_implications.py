"""An assumption is proved to imply another exactly where it is declared to."""

from functools import cache

import pytest

from certify.analysis.catalogue import assumption_names, load_assumption
from certify.analysis.implications import implication
from certify.kernel import Rejected, check
from certify.language import Assumption, Evaluation, Inequality, inner

implied = cache(implication)
# Assumptions on layers speak of consecutive points in another space; there nothing is implied between pairs of points.
PLAIN = [name for name in assumption_names() if not name.startswith("layerwise")]
EVERYTHING = [a for a in map(load_assumption, PLAIN) if a.subject == "function"]


@pytest.mark.parametrize("strong", EVERYTHING, ids=lambda a: a.name)
def test_exactly_the_declared_implications_are_proved(strong: type[Assumption]) -> None:
    proved = {strong} | {weak for weak in EVERYTHING if implied(strong, weak) is not None}
    assert proved == strong.closure()


@pytest.mark.parametrize("strong", EVERYTHING, ids=lambda a: a.name)
def test_implications_use_no_more_than_the_strong_assumption(strong: type[Assumption]) -> None:
    own = (f"{strong.name}[", f"{strong.name}.", "minimum[", "duality", "triangle")
    for weak in strong.closure() - {strong}:
        for certificate in implied(strong, weak) or ():
            statement = check(certificate)
            assert all(h.name.startswith(own) for h in statement.hypotheses), [h.name for h in statement.hypotheses]


def test_ball_convexity_survives_in_any_norm() -> None:
    strong, weak = load_assumption("convex"), load_assumption("ball-convex")
    assert implication(strong, weak, norm="any") is not None


class HalfConvex(Assumption):
    """f(y) ≥ f(x) + ½⟨g, y − x⟩: it follows from convexity at a minimiser only."""

    name = "half-convex"

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """Half of the slope."""
        return y.value >= x.value + inner(x.gradient, y.point - x.point) / 2


def test_what_holds_at_the_minimiser_only_is_not_implied() -> None:
    assert implication(load_assumption("convex"), HalfConvex) is None
    assert implication(HalfConvex, load_assumption("convex")) is None


def test_a_certificate_of_an_implication_says_what_it_proves() -> None:
    (certificate,) = implication(load_assumption("strongly-convex"), load_assumption("convex")) or ()
    statement = certificate.statement
    assert {"f0", "f9", "<g0,g0>"} & statement.conclusion.variables == {"f0", "f9"}
    with pytest.raises(Rejected):
        check(type(certificate)(statement, type(certificate.proof)(())))
