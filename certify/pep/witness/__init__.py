"""Worst-case functions: the exact worst case behind a lower bound as points, gradients, values, and as a function.

bound = model.solve()
witness = Witness.of(model, bound)
f_worst = interpolant(witness, f)      # value, gradient, prox on tensors
replay(posed, bound).error             # the declared method attains the certified value on it
"""

from certify.pep.witness.functions import curvature, interpolant
from certify.pep.witness.points import NoWitness, Record, Witness, ldl
from certify.pep.witness.replay import Oracle, Replay, Vector, oracles, replay, run, vector

__all__ = [
    "NoWitness", "Oracle", "Record", "Replay", "Vector", "Witness", "curvature", "interpolant", "ldl", "oracles",
    "replay", "run", "vector",
]  # fmt: skip
