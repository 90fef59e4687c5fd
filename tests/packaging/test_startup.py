"""Starting is cheap: help, and importing the package or its kernel, load nothing heavy."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

HEAVY = {
    "cvxpy",
    "joblib",
    "matplotlib",
    "numpy",
    "rich",
    "scipy",
    "sympy",
    "torch",
}  # 0.1 to 2.6 seconds each


def imported(*arguments: str | Path) -> set[str]:
    """The top-level names that Python tries to import while it runs with these arguments."""
    command = [sys.executable, "-X", "importtime", *arguments]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    # Each line reads "import time: <self> | <cumulative> | <indented module name>".
    lines = [line for line in run.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


def loaded(statement: str) -> set[str]:
    """The top-level names in ``sys.modules`` after a statement."""
    command = [sys.executable, "-c", f"{statement}\nimport sys\nprint(*sys.modules)"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return {name.partition(".")[0] for name in run.stdout.split()}


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_the_module_starts_light(option):
    assert imported("-m", "certify", option) & HEAVY == set()


def test_the_installed_command_starts_light():
    script = Path(sysconfig.get_path("scripts")) / "certify"
    assert imported(script, "--help") & HEAVY == set()


def test_the_package_imports_nothing_heavy():
    assert loaded("import certify") & HEAVY == set()


def test_the_kernel_loads_the_standard_library_only():
    added = loaded("import certify.kernel") - loaded("pass")
    assert added - sys.stdlib_module_names == {"certify"}


def test_both_measurements_see_an_import():
    assert "numpy" in imported("-c", "import numpy")
    assert "numpy" in loaded("import numpy")
