"""The command line: help, dispatch, errors, exit codes and files, without any real analysis."""

import json
import os
import sys
from types import ModuleType

import pytest

from certify import __version__
from certify.cli import names

HEAVY = {"torch", "cvxpy", "sympy", "matplotlib", "joblib", "scipy", "numpy", "rich", "jinja2", "flint"}


def asked(run) -> tuple[str, list[str], dict]:
    """What the stand-in was asked to analyse."""
    method, assumptions, options = json.loads(run.stderr.splitlines()[0])
    return method, assumptions, options


def test_help_names_everything(certify):
    run = certify("--help")
    assert run.returncode == 0
    assert run.stdout.startswith("Usage: certify METHOD [OPTIONS]\n       certify COMMAND")
    for word in [*names.methods(), *names.assumptions(), "list", "verify", "is run", "--version"]:
        assert word in run.stdout, word
    assert certify().stdout == certify("-h").stdout == run.stdout


def test_version(certify):
    assert certify("--version").stdout == f"certify {__version__}\n"


@pytest.mark.parametrize("words", ["--help", "--version", "gd --help", "nonsense", "gd -a nonsense"])
def test_nothing_heavy_is_imported(words, loaded):
    modules = loaded(*words.split())
    assert "click" in modules
    assert modules & HEAVY == set()


def test_the_names_are_the_file_names():
    assert {"gd", "bpm"} <= set(names.methods())
    assert "smooth-strongly-convex" in names.assumptions()
    assert not [name for name in [*names.methods(), *names.assumptions()] if "_" in name]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gdd"], "there is no method or command 'gdd'; did you mean 'gd'?"),
        (["verfy"], "there is no method or command 'verfy'; did you mean 'verify'?"),
        (["xyzzy"], "there is no method or command 'xyzzy'; `certify list` shows the methods there are."),
        (["./none.py"], "there is no file './none.py' to load the method from"),
        (["folder/none"], "there is no file 'folder/none' to load the method from"),
        (["gd", "-a", "smoth"], "there is no assumption 'smoth'; did you mean 'smooth'?"),
        (["gd", "-a", "Smooth_Convex"], "there is no assumption 'Smooth_Convex'; did you mean 'smooth-convex'?"),
        (["gd", "-a", "mine.py"], "there is no file 'mine.py' to load the assumption from"),
        (["gd", "--set", "gamma"], "--set 'gamma' must read NAME=FORMULA, such as gamma=1/L"),
        (["gd", "--set", "gamma=1/L,"], "--set '' must read NAME=FORMULA, such as gamma=1/L"),
        (["gd", "--standalone"], "--standalone makes a whole LaTeX document and needs --format latex"),
        (["gd", "-o", "none/report.md"], "--output 'none/report.md' lies in a folder that does not exist"),
        (["gd", "-o", "."], "--output '.' is a folder; name a file in it"),
        (["-a", "smooth", "gd"], "there is no option -a here; options come after METHOD: gd -a …"),
        (["gd", "--seed", "13"], "the seed 13 brings bad luck"),
    ],
)
def test_one_clear_sentence_and_exit_code_2(stand_in, arguments, message):
    run = stand_in(*arguments)
    assert run.returncode == 2
    assert run.stdout == ""
    assert run.stderr.splitlines()[-1] == f"Error: {message}"
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    "arguments",
    [["gd", "--seconds", "0"], ["gd", "--format", "pdf"], ["gd", "--norm", "max"], ["gd", "--nonsense"], ["gd", "x"]],
)
def test_wrong_options(stand_in, arguments):
    run = stand_in(*arguments)
    assert run.returncode == 2
    assert "Error: " in run.stderr
    assert "certify gd --help" in run.stderr


@pytest.mark.parametrize(("seed", "code"), [(0, 0), (1, 1), (3, 3)])
def test_the_exit_code_is_the_verdicts(stand_in, seed, code):
    assert stand_in("gd", "--seed", seed).returncode == code


def test_a_crash_is_no_verdict(stand_in):
    run = stand_in("gd", "--seed", "14")
    assert run.returncode == 70
    assert "RuntimeError: a bug" in run.stderr


def test_an_interrupt(stand_in):
    run = stand_in("gd", "--seed", "15")
    assert run.returncode == 130
    assert run.stderr.splitlines()[-1] == "Interrupted."
    assert "Traceback" not in run.stderr


def test_an_interrupt_before_anything_is_imported(monkeypatch, capsys):
    from certify import __main__

    monkeypatch.setitem(sys.modules, "certify.cli.main", _Interrupted("certify.cli.main"))
    assert __main__.run() == 130
    assert capsys.readouterr().err == "Interrupted.\n"


class _Interrupted(ModuleType):
    def __getattr__(self, name):
        raise KeyboardInterrupt


def test_the_options_arrive(stand_in, tmp_path):
    (tmp_path / "mine.py").touch()
    method, assumptions, options = asked(
        stand_in(
            *[
                "./mine.py",
                "-a",
                "smooth",
                "--assumption",
                "mine.py",
                "--measure",
                "gap",
                "--theorem",
                "a",
                "--theorem",
                "b",
            ],
            *["--set", "gamma=1/L, L=1", "--set", "mu=1/10", "--norm", "any", "--no-sdp", "--no-simulate"],
            *["--seconds", "2.5", "--seed", "3"],
        )
    )
    assert (method, assumptions) == ("./mine.py", ["smooth", "mine.py"])
    assert options == {
        "measure": "gap",
        "theorems": ["a", "b"],
        "values": ["gamma=1/L", "L=1", "mu=1/10"],
        "norm": "any",
        "sdp": False,
        "simulate": False,
        "seconds": 2.5,
        "seed": 3,
    }


def test_the_defaults(stand_in):
    method, assumptions, options = asked(stand_in("gd"))
    assert (method, assumptions) == ("gd", [])
    assert options == {
        "measure": None,
        "theorems": [],
        "values": [],
        "norm": "euclidean",
        "sdp": True,
        "simulate": True,
        "seconds": 30.0,
        "seed": 0,
    }


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        ("text", "gd: gradient descent\n"),
        ("json", '{\n  "certify": '),
        ("markdown", "# gd: "),
        ("latex", "% Needs the pack"),
    ],
)
def test_formats(stand_in, kind, start):
    run = stand_in("gd", "--format", kind)
    assert run.stdout.startswith(start)
    assert "\x1b" not in run.stdout + run.stderr


def test_json_is_exactly_one_object(stand_in):
    assert json.loads(stand_in("gd", "--format", "json").stdout)["method"] == "gd"


def test_a_pipe_gets_utf8_in_any_locale(stand_in):
    run = stand_in("gd", "--format", "json", environment={"PYTHONIOENCODING": "ascii"})
    assert "f(x⁺) ≤ f(x)" in run.stdout


@pytest.mark.parametrize(
    ("name", "start"), [("a.txt", "gd: "), ("a.json", "{"), ("a.md", "# gd"), ("a.tex", "% Needs"), ("a", "gd: ")]
)
def test_the_name_of_the_file_gives_the_format(stand_in, tmp_path, name, start):
    run = stand_in("gd", "-o", name, "--seed", "3")
    assert (run.returncode, run.stdout) == (3, "")
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)


def test_standalone(stand_in, tmp_path):
    stand_in("gd", "-o", "a.tex", "--standalone")
    assert (tmp_path / "a.tex").read_text().startswith(r"\documentclass")


def test_the_file_is_replaced_whole_and_nothing_else_is_left(stand_in, tmp_path):
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    stand_in("gd", "-o", link)
    assert json.loads(real.read_text())["method"] == "gd"
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.json", "real.json"]


def test_the_file_is_untouched_when_the_analysis_fails(stand_in, tmp_path):
    (tmp_path / "a.json").write_text("old")
    stand_in("gd", "-o", "a.json", "--seed", "14")
    assert (tmp_path / "a.json").read_text() == "old"


def test_a_device_and_a_dash(stand_in):
    assert stand_in("gd", "-o", "/dev/null").returncode == 0
    assert stand_in("gd", "-o", "-").stdout.startswith("gd: ")


@pytest.mark.parametrize(
    ("environment", "colour"), [({"TERM": "xterm"}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_colour_on_a_terminal(stand_in, terminal, environment, colour):
    end, written = terminal
    run = stand_in("gd", environment={"COLUMNS": "60"} | environment, stdout=end)
    shown = written()
    assert run.returncode == 0
    assert ("\x1b[" in shown) == colour
    assert "✓ gd/claim" in shown


def test_quiet_prints_the_verdicts_only(stand_in):
    assert stand_in("gd", "--quiet").stdout == "✓ proved    gd/claim\n"
    assert stand_in("gd", "-q", "--seed", "1").stdout == "✗ refuted   gd/claim\n"
    run = stand_in("gd", "-q", "--format", "json")
    assert (run.returncode, run.stderr) == (2, "Error: --quiet is about the report as text\n")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(certify, shell):
    run = certify("completion", shell)
    assert run.returncode == 0
    assert f"_CERTIFY_COMPLETE={shell}_complete" in run.stdout


def test_completion_knows_methods_and_commands(certify):
    given = {"COMP_CWORD": "1", "_CERTIFY_COMPLETE": "bash_complete"}
    assert certify(environment=given | {"COMP_WORDS": "certify wors"}).stdout == "plain,worst-case\n"
    assert "plain,sgd-root\n" in certify(environment=given | {"COMP_WORDS": "certify sgd-"}).stdout


def test_progress_on_a_terminal_only(stand_in, terminal):
    end, written = terminal
    run = stand_in("gd", environment={"TERM": "xterm"}, stderr=end)
    assert "proving the claim" in written()
    assert run.stdout.startswith("gd: ")
    assert "\x1b" not in run.stdout


def test_a_reader_that_stops_early_is_no_error(stand_in):
    reading, writing = os.pipe()
    os.close(reading)
    run = stand_in("gd", "--seed", "3", stdout=writing)
    os.close(writing)
    assert run.returncode == 3
    assert "BrokenPipe" not in run.stderr


def test_errors_do_not_move_the_cursor():
    from certify.cli.errors import shown

    assert shown("no \x1b[2Jfile \u202e\ud800'x'\n  line") == "no \ufffd[2Jfile \ufffd\ufffd'x'\n  line"
