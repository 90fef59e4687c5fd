"""What every method and assumption must satisfy; a new file is found and tested without being named here."""

import json

import pytest

from certify.analysis.bundles import bundle, verify
from certify.analysis.catalogue import assumption_names, load_assumption, load_method, method_names
from certify.analysis.conclude import conclude
from certify.kernel import check
from certify.language import pose
from certify.prove.prover import prove

THEOREMS = [(m, t) for m in method_names() for t in load_method(m).theorems()]
IDS = [f"{m}/{t}" for m, t in THEOREMS]


def problem_of(method, name, norm=None):
    kind = load_method(method)
    theorem = kind.theorems()[name]
    return pose(kind, theorem.assumptions, theorem, norm=norm)


@pytest.fixture(scope="module")
def proofs():
    return {}


def proof_of(proofs, method, name):
    if (method, name) not in proofs:
        proofs[method, name] = prove(problem_of(method, name), seconds=60)
    return proofs[method, name]


@pytest.mark.parametrize(("method", "name"), THEOREMS, ids=IDS)
def test_every_theorem_is_proved_concluded_and_verified(proofs, method, name):
    proved = proof_of(proofs, method, name)
    assert proved.proved, proved.tried
    for part in proved.parts:
        for case in part.cases:
            check(case.certificate)
    ends = conclude(proved)
    data = json.loads(json.dumps(bundle(proved, proved.problem.identifier, ends.strict)))
    result = verify(data)
    assert result.traced
    assert len(result.sentences) >= len(proved.parts)


@pytest.mark.parametrize(("method", "name"), [t for t in THEOREMS if "any" in load_method(t[0]).theorems()[t[1]].norms])
def test_theorems_for_any_norm_need_no_inner_product(method, name):
    assert prove(problem_of(method, name, "any")).proved


@pytest.mark.parametrize("name", method_names())
def test_methods_are_described(name):
    method = load_method(name)
    assert method.name == name
    assert method.title
    assert method.formula
    assert method.__doc__
    assert method.theorems() or method.rates() or method.conjectures
    for rate in method.rates().values():
        assert rate.statement, f"{rate.name} needs a docstring that states it"
        assert len(rate.assumptions) == len(method.functions)
    for theorem in method.theorems().values():
        assert theorem.statement, f"{theorem.name} needs a docstring that states it"
        assert theorem.assumptions


@pytest.mark.parametrize("name", assumption_names())
def test_assumptions_are_described(name):
    assumption = load_assumption(name)
    assert assumption.name == name
    assert assumption.formula
    assert assumption.__doc__
