"""What a problem cannot see: translations of space and shifts of functions, found modulo a prime and divided out.

If a direction d of coefficients satisfies A d = 0 for the Gram part A of every form, then one basis vector v with
d_v ≠ 0 may be taken to be 0 without changing any form (for translation-invariant problems: x⋆ = 0). Likewise a shift
of function values that no form sees lets one of them be 0 (f⋆ = 0). Multipliers are the same before and after.

All forms are looked at together, in random combinations Σ w·form: what is invisible to all forms is invisible to every
combination, and what was chosen before the weights were drawn is invisible to a combination by chance with probability
2⁻⁶⁰ only. Were it to happen, the kernel, which knows nothing of this, would refuse the multipliers.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain

from flint import nmod_mat

from certify.pep.engine.groups import connected
from certify.pep.engine.modular import PRIME, leading, modulo
from certify.pep.engine.problem import Key, Problem

HALF = 192
"""Two combinations are kept in one number; sums of products of residues and weights are below 2 to this power."""
Combined = Mapping[Key, int]
"""A combination of the Gram parts of all forms."""


def invisible(
    problem: Problem, *, vectors: Collection[int] = (), values: Collection[int] = ()
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Basis vectors and function values that may be taken to be zero, where possible those among `vectors`, `values`.

    What a problem cannot see is invisible to a part of its relations, too: with the vectors and values that are zero
    in a solution of the part, all zeros of the whole are among them.
    """
    uses = Counter(chain.from_iterable(problem.forms()))
    vector_uses, value_uses = [0] * len(problem.vectors), [0] * len(problem.values)
    for key, count in uses.items():
        for i in {*key} if len(key) == 2 else ():
            vector_uses[i] += count
        if len(key) == 1:
            value_uses[key[0]] += count
    totals: dict[Key, int] = dict.fromkeys((key for key in uses if len(key) == 2), 0)
    levels: dict[int, int] = dict.fromkeys((key[0] for key in uses if len(key) == 1), 0)
    ties: set[tuple[int, int]] = set()
    weights = random.Random(0)  # noqa: S311, reproducible
    for terms in problem.forms():
        w = weights.getrandbits(60)
        both = w + (weights.getrandbits(60) << HALF)
        together = -1
        for key, c in terms.items():
            if len(key) == 2:
                totals[key] += both * modulo(c)
            elif key:
                (k,) = key
                levels[k] += w * modulo(c)
                together = k if together < 0 else together
                ties.add((k, together))
    order = sorted((i for i, n in enumerate(vector_uses) if n), key=lambda i: (i not in vectors, -vector_uses[i], -i))
    columns = sorted((k for k, n in enumerate(value_uses) if n), key=lambda k: (k not in values, -value_uses[k], -k))
    # worth a try: all values that occur together in forms (one function, or several in a sum) shifted by 1
    shifts = (group for group in connected(columns, ties) if not sum(levels[k] for k in group) % PRIME)
    first = {key: total & ((1 << HALF) - 1) for key, total in totals.items()}
    second = {key: total >> HALF for key, total in totals.items()}
    return tuple(_translations(first, second, order)), tuple(next(iter(group)) for group in shifts)


def _translations(first: Combined, second: Combined, order: Sequence[int]) -> Iterator[int]:
    """The first vectors, in this order, of the null directions of one combination that the other one confirms."""
    size, place = len(order), {i: n for n, i in enumerate(order)}
    columns, nullity = _gram(first, place).nullspace()
    if not nullity:
        return
    rows = [int(columns[i, k]) for k in range(nullity) for i in range(size)]
    pivots, directions = leading(nmod_mat(nullity, size, rows, PRIME))
    images = directions * _gram(second, place)
    for row, pivot in enumerate(pivots):
        if not any(int(images[row, k]) for k in range(size)):
            yield order[pivot]


def _gram(total: Combined, place: Mapping[int, int]) -> nmod_mat:
    """Twice the symmetric matrix of a combination, modulo the prime."""
    matrix = nmod_mat(len(place), len(place), PRIME)
    for key, c in total.items():
        i, j = place[key[0]], place[key[1]]
        matrix[i, j] = matrix[j, i] = (2 * c if i == j else c) % PRIME
    return matrix
