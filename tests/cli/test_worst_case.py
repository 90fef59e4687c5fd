"""``certify worst-case`` as a user runs it: reports, data, sweeps, pictures, certificates, errors."""

import json
from fractions import Fraction

import pytest

BASE = ["worst-case", "gd", "-a", "smooth-convex"]
ONE = [*BASE, "--set", "L=1,gamma=1/L", "--steps", "2", "--measure", "gap"]


def test_the_report_in_words(certify):
    run = certify(*ONE)
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    for text in (
        "gd: gradient descent, N = 2",
        "start          ‖x₀ − x⋆‖² ≤ 1",
        "worst case of  f(x_N) − f⋆",
        "✓ certified",
        "1/10 ≈ 0.1 by gap-rate",
        "reproduced",
        "multipliers",
        "seconds",
    ):
        assert text in run.stdout, text
    assert max(map(len, run.stdout.splitlines())) <= 100


def test_the_answer_as_data(certify, tmp_path):
    run = certify(*ONE, "-o", "answer.json")
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    data = json.loads((tmp_path / "answer.json").read_text())
    assert Fraction(data["lower"]) <= Fraction(1, 10) <= Fraction(data["upper"])
    assert data["verdict"] == "certified"
    assert set(data["seconds"]) == {"model", "solve", "round", "check"}
    assert data["parameters"] == {"gamma": "1", "L": "1"}
    assert data["steps"] == 2
    assert all(Fraction(entry["value"]) > 0 for entry in data["multipliers"])
    assert data["claims"][0]["comparison"] == "reproduced"
    assert data["solver"]["attempts"]


def test_an_upper_end_without_inflation_is_the_default(certify):
    words = [*BASE, "--set", "L=1,gamma=1/L", "--measure", "gap", "-N", 5]
    run = certify(*words)
    assert "≤ worst case ≤ 0.04545454546  = 1/22\n" in run.stdout
    assert "theorem        f(x_N) − f⋆ ≤ 1/22 in every case, and ≥ 0.0454" in run.stdout
    assert json.loads(certify(*words, "--format", "json").stdout)["upper"] == "1/22"
    data = json.loads(certify(*words, "--no-exact", "--format", "json").stdout)
    assert 0 < Fraction(data["upper"]) - Fraction(1, 22) < Fraction(1, 10**7)
    only = certify(*words, "--no-lower")
    assert "theorem        f(x_N) − f⋆ ≤ 1/22 in every case\n" in only.stdout


def test_a_closed_form_with_a_square_root(certify, tmp_path):
    """The subgradient method attains 1/√(N + 1) with some rational steps, too (Drori, Teboulle 2016)."""
    rule = ["worst-case", "subgradient", "-a", "lipschitz-convex", "--set", "M=1,gamma=1/2", "-N", 2]
    words = [*rule, "--measure", "best-gap"]
    run = certify(*words, "--certificate", "c.json", "--proof", "p.tex")
    assert "closed form    worst case ≤ √3/3 = 0.5773502692, proved" in run.stdout
    assert "f(x_k) − f⋆ ≤ √3/3 in every case" in run.stdout
    assert r"the bound is $\frac{\sqrt{3}}{3}$" in (tmp_path / "p.tex").read_text()
    data = json.loads(certify(*words, "--format", "json").stdout)
    assert data["closed"] == {"a": "0", "b": "1/3", "sqrt": 3}
    assert 3 * Fraction(data["lower"]) ** 2 < 1 < 3 * Fraction(data["upper"]) ** 2
    assert "upper end: sqrt(3)/3 = 0.577350269190" in certify("verify", "c.json").stdout
    saved = json.loads((tmp_path / "c.json").read_text())
    for bound, message in (
        ({"a": "0", "b": "1/3", "sqrt": 2}, "two different square roots"),
        ({"a": "-1/100000000000000000000", "b": "1/3", "sqrt": 3}, "weaker bound"),
        ({"a": "0", "b": "1/3", "sqrt": 4}, "no square"),
    ):
        (tmp_path / "wrong.json").write_text(json.dumps({**saved, "upper": {**saved["upper"], "bound": bound}}))
        refused = certify("verify", "wrong.json")
        assert refused.returncode in (1, 2)
        assert message in refused.stdout + refused.stderr


def test_beyond_30_steps_it_has_to_be_asked_for(certify):
    words = ["worst-case", "ppm", "-a", "convex", "--set", "gamma=1", "--measure", "gap", "-N", 31, "--format", "json"]
    exact = Fraction(1, 4 * 31)
    for options, expected in (((), False), (("--exact",), True)):
        upper = Fraction(json.loads(certify(*words, "--no-lower", *options).stdout)["upper"])
        assert (upper == exact) is expected
        assert exact <= upper <= exact * (1 + Fraction(1, 10**6))


def test_the_worst_function_as_data(certify, tmp_path):
    run = certify(*ONE, "--function", "f.json")
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    data = json.loads((tmp_path / "f.json").read_text())
    f, g = data["functions"]["f"], data["exact"]["functions"]["f"]
    assert (data["method"], data["steps"], data["parameters"]) == ("gd", 2, {"gamma": "1", "L": "1"})
    assert f["labels"] == g["labels"] == ["⋆", "0", "1", "2"]
    assert f["assumptions"] == [{"name": "smooth-convex", "L": "1"}]
    values = dict(zip(g["labels"], map(Fraction, g["values"]), strict=True))
    assert values["2"] - values["⋆"] == Fraction(data["value"]) <= Fraction(1, 10)
    for points in (f["points"], f["gradients"]):
        assert all(len(point) == data["dimension"] for point in points)
    squares = [Fraction(d) for d in data["exact"]["squares"]]
    start, solution = ([Fraction(c) for c in g["points"][g["labels"].index(label)]] for label in "0⋆")
    assert sum(d * (a - b) ** 2 for d, a, b in zip(squares, start, solution, strict=True)) <= 1


def test_a_replay_is_told_where_there_is_one_and_only_on_request(certify):
    run = certify(*ONE, "--replay")
    assert run.returncode == 0, run.stderr
    assert "replayed       running the method on an explicit worst-case function attains 0.09999" in run.stdout
    data = json.loads(certify(*ONE, "--replay", "--format", "json").stdout)
    assert data["replay"]["error"] < 1e-6
    assert data["replay"]["attained"] == pytest.approx(0.1, rel=1e-5)
    assert json.loads(certify(*ONE, "--format", "json").stdout)["replay"] is None
    operator = ["worst-case", "inclusion-ppm", "-a", "monotone", "--set", "gamma=1", "-N", 2, "--measure", "step"]
    run = certify(*operator, "--replay", "--function", "A.json")
    assert run.returncode == 0
    assert "replayed" not in run.stdout
    assert run.stderr == "There is no exact worst case of functions, so 'A.json' was not written.\n"


def test_a_certificate_is_saved_verified_and_refused_if_changed(certify, tmp_path):
    assert certify(*ONE, "--certificate", "gd.json").returncode == 0
    run = certify("verify", "gd.json")
    assert run.returncode == 0, run.stdout
    assert "✓ gd.json: gd/gap after 2 steps" in run.stdout
    assert "the hypotheses were taken" in certify("verify", "--kernel-only", "gd.json").stdout
    file = tmp_path / "gd.json"
    file.write_text(file.read_text().replace('"steps": 2', '"steps": 1'))
    run = certify("verify", "gd.json")
    assert run.returncode == 1
    assert "rejected" in run.stdout


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_a_sweep_with_a_picture(certify, tmp_path, ending):
    run = certify(
        *BASE, "--set", "L=1", "-N", 1, "--measure", "gap", "--sweep", "gamma=0:2/L:4", "--plot", f"p.{ending}"
    )
    assert run.returncode == 0, run.stderr
    rows = [line.split() for line in run.stdout.splitlines() if line.startswith("  ") and "certified" in line]
    assert [row[0] for row in rows] == ["1/2", "1", "3/2", "2"]  # 0 is not allowed, 2/L is
    picture = (tmp_path / f"p.{ending}").read_bytes()
    assert picture.startswith(b"\x89PNG" if ending == "png" else b"<?xml")


def test_a_sweep_over_the_steps_as_data(certify):
    run = certify(*BASE, "--set", "L=1,gamma=1", "--measure", "gap", "--sweep", "N=1:3", "--format", "json")
    data = json.loads(run.stdout)
    assert data["sweep"] == {"parameter": "N", "points": ["1", "2", "3"]}
    for answer, exact in zip(data["answers"], (6, 10, 14), strict=True):
        assert Fraction(answer["lower"]) <= Fraction(1, exact) <= Fraction(answer["upper"])


def test_several_functions_and_parameters_tied_to_the_sweep(certify):
    words = ["-a", "f=smooth-convex", "-a", "h=convex", "--set", "gamma=1/f.L", "-N", 1, "--measure", "gap"]
    run = certify("worst-case", "pgm", *words, "--sweep", "f.L=1:2:2")
    assert run.returncode == 0, run.stderr
    assert "worst case of  F(x_N) − F⋆" in run.stdout
    assert "where          γ varies" in run.stdout


def test_a_file_of_ones_own(certify, tmp_path):
    (tmp_path / "mine.py").write_text(
        "from certify.language import Method\n"
        "class Mine(Method):\n"
        "    '''x⁺ = x − ∇f(x)/L.'''\n"
        "    name = 'mine'\n"
        "    def step(self, x, f):\n"
        "        return x - f.gradient(x) / f.L\n"
    )
    words = ["-a", "smooth-convex", "--set", "L=1", "-N", 1, "--measure", "gap", "--certificate", "c.json"]
    assert certify("worst-case", "./mine.py", *words).returncode == 0
    assert certify("verify", "--file", "mine=./mine.py", "c.json").returncode == 0
    assert certify("verify", "c.json").returncode == 2


def test_a_time_limit_is_kept_and_told(certify):
    """The exact lower end of FGM takes minutes here; what is there when the time is over is printed."""
    words = ["worst-case", "fgm", "-a", "smooth-convex", "--set", "L=1", "-N", 200, "--measure", "gap"]
    run = certify(*words, "--time-limit", "0.5")
    assert run.returncode == 3, run.stderr
    assert "stopped        the time limit was reached; the rest was not finished" in run.stdout
    wrong = certify(*words, "--time-limit", "0")
    assert wrong.returncode == 2
    assert "--time-limit" in wrong.stderr


def test_only_the_upper_end(certify):
    run = certify(*ONE, "--no-lower", "--format", "json")
    data = json.loads(run.stdout)
    assert (run.returncode, data["lower"]) == (0, None)
    assert Fraction(data["upper"]) >= Fraction(1, 10)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["worst-case", "gdd", "--measure", "gap", "-N", 1], "there is no method 'gdd'; did you mean 'gd'?"),
        ([*BASE, "--measure", "gap"], "--steps is missing: give the number of steps, such as --steps 5"),
        ([*BASE, "--measure", "gap", "-N", 1], "gd needs a number for gamma, L"),
        ([*BASE, "--measure", "gap", "-N", 1, "--set", "L"], "--set 'L' must read NAME=FORMULA, such as gamma=1/L"),
        ([*BASE, "--measure", "gap", "-N", 1, "--set", "L=1,L=2"], "--set gives L twice"),
        (
            ["worst-case", "gd", "--measure", "gap", "-N", 1],
            "give an assumption on f: --assumption smooth-convex, for example",
        ),
        (["worst-case", "gd", "-a", "g=smooth", "--measure", "gap", "-N", 1], "gd has no function 'g'; it has f"),
        ([*ONE, "--plot", "p.png"], "--plot draws a sweep; add --sweep gamma=0:2/L:40, for example"),
        ([*ONE, "--sweep", "L=1:2:3", "--plot", "p.pdf"], "--plot 'p.pdf' must end in .png or .svg"),
        ([*ONE, "--sweep", "L=1:2:3"], "--sweep and --set both give L"),
        ([*ONE, "--sweep", "L=1"], "--sweep 'L=1' must read NAME=FROM:TO:COUNT, such as gamma=0:2/L:40, or N=1:10"),
        ([*ONE, "--sweep", "mu=1:2:3"], "'mu' is no parameter of gd or its assumptions (gamma, N, L, f.L)"),
        ([*ONE, "--sweep", "N=1:3"], "--sweep and --steps both give the number of steps"),
        (
            [*ONE, "--sweep", "L=1:2:3", "--certificate", "c"],
            "--certificate saves a single worst case; leave --sweep out",
        ),
        ([*ONE, "--sweep", "L=1:2:3", "--function", "f"], "--function saves a single worst case; leave --sweep out"),
        ([*ONE, "--certificate", "none/c.json"], "--certificate 'none/c.json' lies in a folder that does not exist"),
        ([*ONE, "--initial", "distance<=x"], None),
        ([*ONE, "--solver", "NONE"], None),
    ],
)
def test_one_clear_sentence_and_exit_code_2(certify, tmp_path, arguments, message):
    run = certify(*arguments)
    assert run.returncode == 2
    assert run.stdout == ""
    *_, last = run.stderr.splitlines()
    assert last.startswith("Error: ")
    assert "Traceback" not in run.stderr
    assert message is None or last == f"Error: {message}"
    assert list(tmp_path.iterdir()) == []


def test_help_imports_nothing_heavy(loaded):
    heavy = {"torch", "cvxpy", "sympy", "matplotlib", "scipy", "numpy", "rich", "flint", "clarabel"}
    assert loaded("worst-case", "--help") & heavy == set()


def test_rates_are_listed(certify):
    run = certify("list", "--rates")
    assert run.returncode == 0
    assert "gap-rate: f(x_N) − f⋆ ≤ L R²/(4NγL + 2) for γ ≤ 1/L." in run.stdout
    rows = json.loads(certify("list", "--rates", "--format", "json").stdout)
    assert {"method", "rate", "assumptions", "measure", "initial", "tight", "source"} <= set(rows[0])
