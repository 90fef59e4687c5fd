"""Hand-made results of every kind, so that reports are tested without proving anything."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from certify.analysis.results import Analysis, Formula, ProofLine, ProofPart, TheoremResult, Verdict


@pytest.fixture
def compiled(tmp_path: Path) -> Callable[..., str]:
    """``compiled(source, runs=1)``: pdflatex on document.tex; the log of the last run, which must succeed."""
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed")
    command = ["pdflatex", "-no-shell-escape", "-halt-on-error", "-interaction=nonstopmode", "document.tex"]

    def run(source: str, runs: int = 1) -> str:
        (tmp_path / "document.tex").write_text(source, encoding="utf-8")
        for _ in range(runs):
            done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=False)
        log = done.stdout.decode(errors="replace")
        assert done.returncode == 0, log[-3000:]
        return log

    return run


def same(text: str) -> Formula:
    """A formula that reads alike in a terminal and in LaTeX."""
    return Formula(text, text)


ONE = same("1")
DISTANCE = Formula("‖x⁺ − x⋆‖² ≤ ρ‖x − x⋆‖²", r"\left\|x^+ - x^\star\right\|^2 \le \rho \left\|x - x^\star\right\|^2")
GAMMA = Formula("0 < γ < 2/L", r"0 < \gamma < \frac{2}{L}")


def result(identifier: str, verdict: Verdict, **changes: object) -> TheoremResult:
    """A theorem with this verdict and nothing more than it must have."""
    blank = {
        "measure": "distance",
        "statement": same("‖x⁺ − x⋆‖² ≤ ρ ‖x − x⋆‖² with the best ρ."),
        "one_step": DISTANCE,
        "step_size": None,
        "rate": None,
        "optimal": None,
        "bound": None,
        "complexity": None,
        "lemma": "",
        "proof": (),
        "certificate": None,
        "source": "",
        "seconds": 0.25,
    }
    return TheoremResult(identifier=identifier, verdict=verdict, **(blank | changes))  # ty: ignore


def case(condition: Formula, weight: Formula) -> ProofPart:
    """One case of a proof with three summands and an equation."""
    return ProofPart(
        "step",
        Formula("ρ‖x₀−x⋆‖² − ‖x₁−x⋆‖² ≥ 0", r"\rho \|x_0 - x^\star\|^2 - \|x_1 - x^\star\|^2 \ge 0"),
        (condition,),
        Formula("L − μ", r"L - \mu"),
        (
            ProofLine(weight, Formula("f₀ − f⋆ ≥ 0", r"f(x_0) - f^\star \ge 0"), "smooth-convex from x0 to x⋆"),
            ProofLine(ONE, Formula("f⋆ − f₀ ≥ 0", r"f^\star - f(x_0) \ge 0"), "smooth-convex from x⋆ to x0"),
            ProofLine(weight, Formula("‖g₀ − μ(x₀−x⋆)‖² ≥ 0", r"\|g_0 - \mu(x_0 - x^\star)\|^2 \ge 0"), "a square"),
        ),
        ("x1 lies on the sphere of radius t",),
    )


@pytest.fixture
def proved() -> TheoremResult:
    """A theorem with two cases, a support, an end that is an identity, and everything else filled in."""
    short = Formula("γ ≤ 2/(L + μ)", r"\gamma \le \frac{2}{L + \mu}")
    long = Formula("γ ≥ 2/(L + μ)", r"\gamma \ge \frac{2}{L + \mu}")
    support = ProofPart(
        "support[0]",
        Formula("f₀ − f₁ ≥ 0", r"f_0 - f_1 \ge 0"),
        (),
        ONE,
        (ProofLine(ONE, ONE, "convex from x1 to x0"),),
    )
    nothing = ProofPart("end[0]", Formula("0 ≥ 0", r"0 \ge 0"), (), ONE, ())
    return result(
        "gd/smooth-strongly-convex/distance",
        Verdict.PROVED,
        step_size=GAMMA,
        rate=Formula(
            "ρ = (1 − γμ)² if γ ≤ 2/(L + μ); (1 − γL)² if γ ≥ 2/(L + μ)",
            r"\rho = \begin{cases} (1-\gamma\mu)^2 & \text{if } \gamma \le \frac{2}{L+\mu} \\"
            r" (1-\gamma L)^2 & \text{if } \gamma \ge \frac{2}{L+\mu} \end{cases}",
        ),
        optimal=Formula("γ = 2/(L + μ)", r"\gamma = \frac{2}{L+\mu}"),
        bound=Formula("‖x_N − x⋆‖² ≤ ρᴺ·R²", r"\|x_N - x^\star\|^2 \le \rho^N R^2"),
        complexity=Formula(
            "N ≥ ⌈ln(R²/ε)/ln(1/ρ)⌉", r"N \ge \left\lceil\frac{\log(R^2/\epsilon)}{\log(1/\rho)}\right\rceil"
        ),
        lemma="a⁺ ≤ q·a ⇒ a_N ≤ q^N·a₀",
        proof=(
            case(short, Formula("2γ(1 − γμ)", r"2\gamma(1 - \gamma\mu)")),
            case(long, Formula("γL − 1", r"\gamma L - 1")),
            support,
            nothing,
        ),
        certificate={"schema": "certify/theorem/1", "parts": []},
        source="Polyak (1963)",
        notes=("a note on R&D, 100% of it",),
        worst_case={
            "verdict": "exact",
            "lower": "999999999/1000000000",
            "upper": "1",
            "parameters": {"L": "1", "gamma": "1/2"},
            "within": "smooth-strongly-convex",
            "relaxations": [],
            "contradicts": False,
            "points": [{}] * 6,
        },
        trajectories={"runs": 4096, "steps": 12, "violations": 0, "worst_ratio": 0.99987, "families": ["a", "b"]},
    )


@pytest.fixture
def analysis(proved: TheoremResult) -> Analysis:
    """One theorem of every verdict, and one that is contradicted."""
    return Analysis(
        "gd",
        "gradient descent",
        Formula("x⁺ = x − γ ∇f(x).", r"x^+ = x - \gamma\,\nabla f(x)"),
        (("smooth-convex", Formula("f(y) ≥ f(x) + ⟨∇f(x), y − x⟩ for all x, y.", r"f(y) \ge f(x)")),),
        {"gamma": "1/L", "L": "1"},
        (
            proved,
            result("gd/smooth/certified", Verdict.CERTIFIED, certificate={}),
            result("gd/smooth/numerical", Verdict.NUMERICAL),
            result(
                "gd/smooth/refuted_50%", Verdict.REFUTED, counterexample={"text": "On f(y) = y² with γ = 3 it fails."}
            ),
            result("gd/smooth/open", Verdict.OPEN, tried=("products up to degree 4: no certificate",)),
            result(
                "gd/smooth/contradicted",
                Verdict.PROVED,
                certificate={"a": 1},
                contradiction="3 trajectories exceed the bound",
                trajectories={
                    "runs": 10,
                    "steps": 2,
                    "violations": 3,
                    "worst_ratio": float("inf"),
                    "worst": {"seed": 7},
                },
            ),
        ),
        3.21,
    )
