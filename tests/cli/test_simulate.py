"""``certify simulate``: bounds against runs, the report, the picture, and what is refused."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from certify.analysis import simulation_sweeps
from certify.analysis.catalogue import load_method
from certify.analysis.errors import BadInput
from certify.analysis.simulation_request import Request
from certify.analysis.simulations import CLAIMED, PROVED, TRUE, Simulations, simulations
from certify.cli.main import main
from certify.report.simulation_plot import picture
from certify.report.simulations import render, render_json

FALSE = '''
"""Gradient descent, said to be faster than it is."""
from certify.assumptions.smooth_convex import SmoothConvex
from certify.language import DISTANCE, GAP, Method, Positive, rate


class TooFast(Method):
    """x⁺ = x − γ∇f(x)."""

    name = "too-fast"
    gamma = Positive("gamma", "step size")

    def step(self, x, f):
        return x - self.gamma * f.gradient(x)

    @rate(SmoothConvex, measure=GAP, initial=DISTANCE, at=[{"L": 1, "gamma": 1, "N": 1}])
    def wrong(self, f, N):
        """f(x_N) − f⋆ ≤ L R²/(5N + 2)."""
        return f.L / (5 * N + 2)
'''
BROKEN = FALSE.replace("too-fast", "broken").replace("x - self.gamma * f.gradient(x)", "x - 'gamma'")


def _run(method: str, *bounds: str, **options: object) -> Simulations:
    return simulations(Request(method, bounds=bounds, **{"runs": 600, "steps": 8, **options}))


def test_methods_without_bounds_are_compared_with_where_their_runs_start():
    (short,), (long,) = (_run("auon", steps=n, rules=("alpha=1/20",)).found for n in (1, 100))
    assert short.status == long.status == TRUE
    assert not long.violations
    assert short.assumptions == ("smooth",)
    assert {"alpha", "beta", "L"} == set(short.values)
    made = [one.comparison.median[-1] / one.comparison.bound[-1] for one in (short, long)]
    assert made[1] < made[0] / 10  # they do descend


def test_runs_that_carry_all_outcomes_end_before_there_are_too_many():
    (found,) = _run("prox-skip", "energy-rate", steps=40, runs=60).found
    assert found.comparison.compared
    assert not found.violations


# --- one bound each -------------------------------------------------------------------------------

NEARLY = [
    ("gd", "gap", PROVED, 0.999),
    ("gd", "distance", PROVED, 0.99),
    ("gd", "gap-rate", CLAIMED, 0.999),
    ("gd", "gradient-from-gap", CLAIMED, 0.98),
    ("ppm", "distance", PROVED, 0.999),
    ("bpm", "gap", PROVED, 0.999),
    ("bpm", "gap-bounded", PROVED, 0.5),
    ("bpm", "gap-potential", PROVED, 0.99),
    ("subgradient", "gap", PROVED, 0.99),
    ("heavy-ball", "distance-rate-quadratic", CLAIMED, 0.99),
    ("fgm-simple", "gap-rate", CLAIMED, 0.99),
    ("ogm", "gap-rate", CLAIMED, 0.9),
    ("triple-momentum", "energy-rate", CLAIMED, 0.99),
    ("pgm", "gap-rate", CLAIMED, 0.99),
    ("fista", "gap-rate", CLAIMED, 0.5),
    ("douglas-rachford", "distance-rate", CLAIMED, 0.99),
    ("sgd", "gap-pl-variance", PROVED, 0.2),
    ("sgd", "distance-sampled", PROVED, 0.01),
]


@pytest.mark.parametrize(("method", "bound", "status", "attained"), NEARLY)
def test_runs_come_close_and_never_exceed(method, bound, status, attained):
    (found,) = _run(method, bound).found
    assert found.status == status
    assert found.comparison is not None, found.reason
    assert found.comparison.violations == 0
    assert found.comparison.worst_ratio is not None
    assert attained < found.comparison.worst_ratio < 1 + 1e-9
    assert found.comparison.runs >= 600
    assert len(found.comparison.bound) == 9
    for envelope, bound_ in zip(found.comparison.envelope, found.comparison.bound, strict=True):
        assert not envelope > bound_ * (1 + 1e-8)


def test_a_false_rate_is_exceeded(tmp_path):
    path = tmp_path / "too_fast.py"
    path.write_text(FALSE, encoding="utf-8")
    result = _run(str(path))
    (found,) = result.found
    assert found.comparison is not None
    assert found.comparison.violations > 0
    assert found.comparison.worst_ratio is not None
    assert found.comparison.worst_ratio > 1.05
    assert result.violated
    assert not result.contradicted  # nothing was proved
    assert "runs exceed it" in render(result)


def test_a_broken_declaration_is_one_clear_error(tmp_path):
    path = tmp_path / "broken.py"
    path.write_text(BROKEN, encoding="utf-8")
    with pytest.raises(BadInput, match="broken/wrong cannot be run: TypeError"):
        _run(str(path))


@pytest.mark.parametrize(("method", "bound"), [("subgradient", "gap-rate-best-step"), ("pgm", "gap-rate")])
def test_the_worst_case_function_attains_a_tight_bound(method, bound):
    (found,) = _run(method, bound, worst=True, steps=4, runs=50).found
    assert found.comparison is not None
    assert found.comparison.violations == 0
    assert found.comparison.worst_ratio == pytest.approx(1, abs=1e-6)
    assert "worst-case function was run" in render(Simulations(method, "", Request(method), (found,)))


def test_functions_with_minimisers_of_their_own_are_left_out():
    """Each sample's gradient is taken around its own minimiser: functions that share it are taken instead.

    (It was: runs on functions with a common x⋆ that is a minimiser of neither exceeded the bound.)
    """
    (found,) = _run("sgd-interpolation", "distance-rate", steps=2, runs=20, rules=("L=1,mu=1/10,gamma=1/2",)).found
    assert found.comparison is not None
    assert found.comparison.violations == 0
    assert found.comparison.worst_ratio is not None
    assert 0.9 < found.comparison.worst_ratio < 1 + 1e-9


@pytest.mark.parametrize(
    ("method", "bound", "attained"),
    [
        ("douglas-rachford", "step-rate", 0.9),
        ("halpern", "residual-rate", 0.99),
        ("kim-ppm", "operator-rate", 0.99),
        ("oc-halpern", "residual-rate", 0.99),
        ("subspace-projections", "distance-rate", 0.99),
        ("chambolle-pock", "step-rate", 0.9),
        ("alternating-projections", "best-moves-rate", 0.9),
        ("frank-wolfe", "gap-rate", 0.3),
        ("inexact-gd", "gap-rate", 0.99),
        ("inexact-ppm", "gap-rate", 0.5),
        ("line-search", "gap-rate", 0.9),
        ("span-search", "gap-rate-quadratic", 0.5),
        ("epsilon-subgradient", "gap-rate", 0.5),
        ("nolips", "gap-rate", 0.2),
        ("nolips-nonconvex", "reversed-step-rate", 0.5),
        ("bregman-ppm", "gap-rate", 0.2),
        ("point-saga-pair", "energy-rate", 0.8),
        ("sppm", "distance", 0.01),
    ],
)
def test_operators_sets_searches_and_errors_have_runs_too(method, bound, attained):
    (found,) = simulations(Request(method, bounds=(bound,), runs=150, steps=4, seconds=10.0)).found
    assert found.comparison is not None, found.reason
    assert found.comparison.violations == 0
    assert found.comparison.worst_ratio is not None
    assert attained < found.comparison.worst_ratio < 1 + 1e-9


@pytest.mark.parametrize("method", ["muon", "adagrad-norm", "amsgrad", "normec", "shampoo"])
def test_methods_of_all_homes_run(method):
    """In layers a bound after N steps is compared; where there is none, every step."""
    theorem = next(iter(load_method(method).theorems()))
    found = simulations(Request(method, bounds=(theorem,), runs=60, steps=3, seconds=10.0))
    (one,) = found.found
    assert one.status == PROVED
    assert not found.violated
    if method == "muon":
        assert one.comparison is not None
        assert "cosh-ridges" in one.comparison.families
    else:
        assert one.each_step is not None
        assert one.each_step.checked > 100
        assert "every step by itself" in render(found)


def test_an_error_beyond_what_is_allowed_stops_a_run():
    """Inexact steps whose error is larger than the method accepts are none of its steps (they exceed the bound)."""
    (found,) = simulations(Request("inexact-douglas-rachford", runs=150, steps=4)).found
    assert found.comparison is not None
    assert found.comparison.violations == 0
    assert found.comparison.compared < 150 * 4


def test_a_false_rate_is_exceeded_on_the_worst_case_function(tmp_path):
    path = tmp_path / "too_fast.py"
    path.write_text(FALSE.replace("5 * N", "401 * N / 100"), encoding="utf-8")
    (found,) = _run(str(path), worst=True, steps=3).found
    assert found.comparison is not None
    assert found.comparison.worst_ratio is not None
    assert found.comparison.worst_ratio > 1.001
    assert found.comparison.violations > 0


def test_functions_without_a_formula_are_said_to_be_missing():
    (found,) = _run("gd", "gap-rate-quadratic", worst=True, steps=1, runs=20).found
    assert "no worst-case function: " in render(Simulations("gd", "", Request("gd"), (found,)))


def test_functions_of_real_data_are_among_them_if_asked_for():
    pytest.importorskip("sklearn")
    (plain,), (more,) = (_run("gd", "gap-contraction", data=data).found for data in (False, True))
    assert plain.comparison is not None
    assert more.comparison is not None
    assert set(more.comparison.families) - set(plain.comparison.families) == {
        "logistic-regression", "softmax-regression", "least-squares",
    }  # fmt: skip
    assert more.comparison.violations == 0


# --- the report -----------------------------------------------------------------------------------


def test_text_json_and_picture_of_one_run():
    found = _run("gd", assumptions=("smooth-convex",), rules=("L=2,gamma=1/L",), measure="gap")
    text = render(found)
    assert "gap: proved in this run" in text
    assert "gap-rate: claimed (Drori, Teboulle (2014), Theorem 3.1)" in text
    assert "L = 2, γ = 1/2" in text
    assert "no run exceeds it by more than rounding (1e-09 of the bound)" in text
    assert "cpu, " in text
    data = json.loads(render_json(found))
    assert data["schema"] == "certify-simulation/1"
    first = data["bounds"][0]
    assert first["values"] == {"L": "2", "gamma": "1/2"}
    assert first["comparison"]["bound"][0] is None
    assert len(first["comparison"]["worst"]) == 9
    assert first["comparison"]["example"]["functions"][0]["family"] in first["comparison"]["families"]
    drawn = picture(found, "svg")
    assert drawn is not None
    assert drawn == picture(found, "svg")
    assert b"<svg" in drawn


def test_equal_requests_give_equal_answers():
    first, again, other = (render_json(_run("gd", "gap", seed=seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_what_cannot_be_compared_says_why():
    found = _run("sgd-sampled", runs=60, steps=2)
    reasons = [s.reason for s in found.found if s.comparison is None]
    assert any("nothing is claimed at these numbers" in reason for reason in reasons)
    assert "not compared: " in render(found) or "every step by itself" in render(found)
    with pytest.raises(BadInput, match="constants and radii of layers are drawn"):
        _run("muon", "fixed", rules=("L0=1",))


# --- the command ----------------------------------------------------------------------------------


def test_the_command_writes_what_it_is_told_to(tmp_path, capsys):
    plot, report = tmp_path / "gd.svg", tmp_path / "gd.json"
    code = main(
        ["simulate", "gd", "--bound", "gap", "--runs", "300", "-N", "5", "--plot", str(plot), "-o", str(report)]
    )
    assert code == 0
    assert capsys.readouterr().out == ""
    assert plot.read_bytes().startswith(b"<?xml")
    assert json.loads(report.read_text(encoding="utf-8"))["method"] == "gd"
    assert {p.name for p in tmp_path.iterdir()} == {"gd.svg", "gd.json"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gdd"], "there is no method 'gdd'; did you mean 'gd'?"),
        (["gd", "-a", "smoth"], "there is no assumption 'smoth'"),
        (["gd", "--bound", "none"], "has no theorem or rate 'none'"),
        (["gd", "--measure", "none"], "no theorem or rate about 'none'"),
        (["gd", "--set", "gamma"], "must read NAME=FORMULA"),
        (["gd", "--set", "gama=1"], "--set gama: there is no such parameter here"),
        (["gd", "--plot", "a.txt"], "must end in .png or .svg"),
        (["gd", "-a", "h=convex"], "gd has no function 'h'"),
        (["no/such.py"], "there is no file 'no/such.py'"),
    ],
)
def test_wrong_use_is_one_sentence(arguments, said, capsys):
    assert main(["simulate", *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_a_gpu_that_is_not_there_is_said(capsys):
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is one")
    assert main(["simulate", "gd", "--bound", "gap", "--device", "cuda", "--runs", "10"]) == 2
    assert "--device cpu" in capsys.readouterr().err


def test_a_false_rate_makes_the_command_fail(tmp_path: Path, capsys):
    path = tmp_path / "too_fast.py"
    path.write_text(FALSE, encoding="utf-8")
    assert main(["simulate", str(path), "--runs", "300"]) == 1
    assert "exceeded: wrong." in capsys.readouterr().out


# --- sweeps ---------------------------------------------------------------------------------------


def test_a_sweep_goes_on_where_it_was(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CERTIFY_CACHE", str(tmp_path))
    words = ["simulate", "gd", "--bound", "gap-rate-all-steps", "--set", "L=1", "--runs", "100", "-N", "4"]
    assert main([*words, "--sweep", "gamma=1/2:3/2:2", "--jobs", "1", "--format", "json"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert [p["value"] for p in first["points"]] == ["1/2", "3/2"]
    monkeypatch.setattr(simulation_sweeps, "simulations", _again)
    assert main([*words, "--sweep", "gamma=1/2:3/2:2", "--jobs", "1", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["points"] == first["points"]
    assert main([*words, "--sweep", "gamma=1/2:3/2:2", "--plot", str(tmp_path / "a.svg")]) == 0
    assert "2 known from an earlier run" in capsys.readouterr().out
    assert b"<svg" in (tmp_path / "a.svg").read_bytes()


def _again(asked):
    raise AssertionError("what is known was computed again")


def test_what_is_finished_before_an_interruption_is_kept(tmp_path, monkeypatch):
    asked = Request("gd", rules=("L=1",), bounds=("gap-rate",), runs=60, steps=2)
    path, done = tmp_path / "results.sqlite", []

    def interrupted(request):
        if done:
            raise KeyboardInterrupt
        done.append(request)
        return simulations(request)

    monkeypatch.setattr(simulation_sweeps, "simulations", interrupted)
    with pytest.raises(KeyboardInterrupt):
        simulation_sweeps.sweep(asked, "gamma=1/4:1:4", path, jobs=1)
    monkeypatch.setattr(simulation_sweeps, "simulations", simulations)
    found = simulation_sweeps.sweep(asked, "gamma=1/4:1:4", path, jobs=1)
    assert found.reused == 1
    assert len(found.points) == 4
    assert not found.violated


@pytest.mark.parametrize(
    ("sweep", "said"),
    [
        ("gamma", "must read NAME=FROM:TO:COUNT"),
        ("gamma=1:2", "must read NAME=FROM:TO:COUNT"),
        ("gamma=2:1:3", "FROM < TO"),
        ("L=1:2:3", "both give L"),
        ("gamma=1/q:2:3", "q"),
        ("omega=1:2:2", "no such parameter"),
    ],
)
def test_wrong_sweeps_are_one_sentence(sweep, said, tmp_path):
    asked = Request("gd", rules=("L=1",), bounds=("gap-rate",), runs=10, steps=1)
    with pytest.raises(BadInput, match=said):
        simulation_sweeps.sweep(asked, sweep, tmp_path / "results.sqlite", jobs=1)


@pytest.mark.parametrize(("backend", "module"), [("dask", "distributed"), ("ray", "ray")])
def test_clusters_need_their_packages(backend, module, tmp_path):
    if find_spec(module):
        pytest.skip(f"{module} is installed")
    asked = Request("gd", rules=("L=1",), bounds=("gap-rate",), runs=10, steps=1)
    with pytest.raises(BadInput, match=f"--backend {backend} needs a package"):
        simulation_sweeps.sweep(asked, "gamma=1/2:1:2", tmp_path / "results.sqlite", backend=backend)
