"""Verdicts and exit codes for methods of one's own, ties in all forms, filters, and names that do not exist."""

from dataclasses import replace
from fractions import Fraction as Q
from pathlib import Path
from typing import Any

import pytest

from certify.analysis.analyse import analyse
from certify.analysis.bundles import verify
from certify.analysis.errors import BadInput
from certify.analysis.results import Analysis, TheoremResult, Verdict

QUICK: dict[str, Any] = {"sdp": False, "simulate": False}

OWN = '''
"""A method of one's own with a true, a false and a useless theorem."""

from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.language import DISTANCE, GRADIENT, Contraction, Method, Positive, Telescoping, norm2, theorem


class Own(Method):
    """x⁺ = x − γ ∇f(x)."""

    name = "own"
    title = "a method of one's own"
    formula = "x - \\\\gamma g"
    step_size = Positive("gamma", "step size")

    def step(self, x, f):
        return x - self.step_size * f.gradient(x)

    @theorem(Smooth, measure=GRADIENT)
    def descent(self, f, x, y):
        """True."""
        return Telescoping(
            quantities=(norm2(f.gradient(x)),), before=f.value(x) - f.minimum, after=f.value(y) - f.minimum
        )

    @theorem(SmoothConvex, measure=DISTANCE)
    def contraction(self, f, x, y):
        """False on flat pieces."""
        return Contraction(before=norm2(x - f.minimizer), after=norm2(y - f.minimizer), rate=1 / (1 + self.step_size))

    @theorem(Smooth, measure=GRADIENT)
    def no_progress(self, f, x, y):
        """True, and good for nothing."""
        before, after = f.value(x) - f.minimum, f.value(y) - f.minimum
        given = (1 / self.step_size >= f.L,)
        return Telescoping(quantities=(norm2(f.gradient(x)),), weights=(-1,), before=before, after=after, given=given)
'''


def only(*arguments: Any, **options: Any) -> TheoremResult:
    """The result for the one theorem asked for."""
    (result,) = analyse(*arguments, **{**QUICK, **options}).theorems
    return result


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of the method above."""
    path = tmp_path_factory.mktemp("own") / "own.py"
    path.write_text(OWN, encoding="utf-8")
    return str(path)


# --- verdicts and exit codes ---------------------------------------------------------------------


def test_a_proved_theorem_of_ones_own_is_verified_by_name_and_file(own: str) -> None:
    analysis = analyse(own, theorems=["descent"], **QUICK)
    (result,) = analysis.theorems
    assert (analysis.method, result.identifier, result.verdict) == ("own", "own/smooth/descent", Verdict.PROVED)
    assert result.step_size is not None
    assert result.step_size.text == "0 < γ < 2/L"
    assert analysis.exit_code == 0
    assert verify(result.certificate, methods={"own": own}).identifier == "own/smooth/descent"
    with pytest.raises(BadInput, match="unknown method 'own'"):
        verify(result.certificate)


def test_a_false_theorem_of_ones_own_is_refuted(own: str) -> None:
    analysis = analyse(own, theorems=["contraction"], sdp=False, seconds=3)
    (result,) = analysis.theorems
    assert result.verdict is Verdict.REFUTED
    assert result.certificate is None
    assert result.bound is None
    assert result.counterexample is not None
    assert Q(result.counterexample["lhs"]) > Q(result.counterexample["rhs"])
    assert result.counterexample["inequality"] == "step"
    assert analysis.exit_code == 1


def test_what_is_neither_proved_nor_refuted_is_open(own: str) -> None:
    analysis = analyse(own, theorems=["contraction"], seconds=1, **QUICK)
    assert [t.verdict for t in analysis.theorems] == [Verdict.OPEN]
    assert analysis.theorems[0].tried
    assert analysis.exit_code == 3


def test_an_inequality_without_progress_is_no_theorem(own: str) -> None:
    analysis = analyse(own, theorems=["no-progress"], **QUICK)
    (result,) = analysis.theorems
    assert result.verdict is Verdict.OPEN
    assert result.bound is None
    assert result.certificate is None
    assert analysis.exit_code == 3


def test_one_bad_theorem_decides_the_exit_code(own: str) -> None:
    good, bad = (analyse(own, theorems=[n], seconds=1, **QUICK) for n in ("descent", "contraction"))
    assert replace(good, theorems=(*good.theorems, *bad.theorems)).exit_code == 3
    contradicted = replace(good.theorems[0], contradiction="a run exceeds the bound")
    assert replace(good, theorems=(contradicted, *bad.theorems)).exit_code == 1


@pytest.mark.parametrize(("text", "words"), [
    ("x = 1", "exactly one method class with a name"),
    (OWN + "class Other(Own):\n    name = 'other'\n", "exactly one method class with a name"),
    ("def broken(:\n", "could not be loaded: SyntaxError"),
    ("raise ValueError('no')", "could not be loaded: ValueError: no"),
    ("import no_such_module", "could not be loaded: ModuleNotFoundError"),
])  # fmt: skip
def test_files_that_are_no_method_are_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "method.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=words):
        analyse(str(path), **QUICK)


# --- ties ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rules", [
    ["gamma=1/L"], ["gamma = 1 / L"], ["L=1/gamma"], ["gamma=1/L,L=1"], ["L=1", "gamma=1/L"], ["gamma=1/L, L=2*mu"],
    ["gamma=1/2,L=2,mu=1/3"], ["gamma=0.5,L=2"], ["mu=L/3,gamma=1/L"],
])  # fmt: skip
def test_ties_that_put_the_step_at_one_over_L(rules: list[str]) -> None:
    """The contraction there is (1 − μ/L)², and the proof of the tied theorem is verified."""
    result = only("gd", ["smooth-strongly-convex"], theorems=["distance"], values=rules)
    assert result.verdict is Verdict.PROVED
    assert verify(result.certificate).traced
    if any("mu=" in rule for rule in rules):
        assert result.rate is not None
        assert result.rate.text in ("ρ = 25/36", "ρ = 4/9")


@pytest.mark.parametrize("rules", [
    ["gamma=3/L"], ["gamma=2/L+1"], ["gamma=-1"], ["gamma=0"], ["gamma=-L"], ["gamma=L-2*L"], ["L=mu"], ["L=mu/2"],
    ["mu=2*L"], ["L=0-1"], ["gamma=3,L=1"], ["L=1,mu=1"],
])  # fmt: skip
def test_ties_outside_the_domain_prove_nothing(rules: list[str]) -> None:
    analysis = analyse("gd", ["smooth-strongly-convex"], theorems=["gap-pl"], values=rules, **QUICK)
    (result,) = analysis.theorems
    assert result.verdict is Verdict.OPEN
    assert result.certificate is None
    assert "does not hold" in result.tried[0]
    assert analysis.exit_code == 3


@pytest.mark.parametrize("rules", [
    ["gamma=L,L=mu,mu=gamma"], ["gamma=gamma"], ["gamma=gamma+1"], ["gamma=1/(L-1),L=1"], ["N=3"], ["gamma==1"],
    ["gamma=x0"], ["gamma=1", "gamma=1"], ["=1"], [""], ["gamma=(((9^20)^20)^20)^20"], ["t=1"],
])  # fmt: skip
def test_ties_that_cannot_be_read(rules: list[str]) -> None:
    with pytest.raises(BadInput, match="--set") as caught:
        analyse("gd", ["smooth-strongly-convex"], values=rules, **QUICK)
    assert "\n" not in str(caught.value)


# --- filters and names ---------------------------------------------------------------------------


def identifiers(analysis: Analysis) -> list[str]:
    """What was analysed, without the method."""
    return [t.identifier.partition("/")[2] for t in analysis.theorems]


def test_theorems_are_chosen_by_measure_assumption_and_norm() -> None:
    assert identifiers(analyse("ppm", measure="distance", **QUICK)) == ["strongly-convex/distance"]
    for_convex = [
        "gap",
        "gap-textbook",
        "subgradient-last",
        "gap-varying",
        "gap-varying-textbook",
        "subgradient-varying",
    ]
    assert identifiers(analyse("ppm", ["convex"], **QUICK)) == [f"convex/{name}" for name in for_convex]
    assert identifiers(analyse("ppm", ["strongly-convex"], **QUICK)) == [
        "strongly-convex/gap",
        "strongly-convex/gap-textbook",
        "strongly-convex/subgradient-last",
        "strongly-convex/gap-strongly",
        "strongly-convex/subgradient",
        "strongly-convex/distance",
        *(f"strongly-convex/{name}" for name in for_convex[3:]),
    ]
    any_norm = analyse("bpm", norm="any", **QUICK)
    assert identifiers(any_norm) == [
        "ball-convex/gap-any-norm",
        "ball-convex/gap-next-any-norm",
        "ball-convex/subgradient",
        "ball-convex+bounded-domain/gap-bounded",
        "ball-convex+bounded-domain/gap-next-bounded",
        "ball-convex+sharp-growth/gap-sharp",
        "ball-convex+growth-at-radius/gap-growth",
        "ball-convex+bounded-domain+growth-at-radius/gap-growth-bounded",
        "convex/subgradient-start",
        "strongly-convex/subgradient-decrease",
    ]
    assert any_norm.exit_code == 0


def test_the_same_question_has_the_same_answer() -> None:
    first, second = (analyse("ppm", **QUICK) for _ in range(2))
    strip = [[replace(t, seconds=0.0) for t in a.theorems] for a in (first, second)]
    assert strip[0] == strip[1]


@pytest.mark.parametrize(("arguments", "options", "words"), [
    (("pmm",), {}, "did you mean 'ppm'"),
    (("zzzzzz",), {}, "`certify --help` lists those there are"),
    (("gd", ["smooth-convx"]), {}, "did you mean 'smooth-convex'"),
    (("gd", ["../smooth"]), {}, "does not exist"),
    (("ppm", ["convex"]), {"measure": "speed"}, "its measures are distance, gap"),
    (("ppm", ["convex"]), {"measure": "distance"}, "need one of: strongly-convex"),
    (("ppm",), {"theorems": ["gapp"]}, "it has gap, gap-textbook"),
    (("ppm",), {"norm": "any"}, "norm any"),
    (("",), {}, "unknown method ''"),
])  # fmt: skip
def test_wrong_questions_are_answered_in_one_sentence(arguments: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        analyse(*arguments, **options, **QUICK)
    assert "\n" not in str(caught.value)
