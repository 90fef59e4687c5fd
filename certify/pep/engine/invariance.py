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

from flint import nmod, nmod_mat

from certify.pep.engine.groups import connected
from certify.pep.engine.modular import PRIME, combined, leading, symmetric
from certify.pep.engine.problem import Key, Problem

Combined = Mapping[Key, nmod]
"""A combination of all forms."""


def invisible(
    problem: Problem, *, vectors: Collection[int] = (), values: Collection[int] = ()
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Basis vectors and function values that may be taken to be zero, where possible those among `vectors`, `values`.

    What a problem cannot see is invisible to a part of its relations, too: with the vectors and values that are zero
    in a solution of the part, all zeros of the whole are among them.
    """
    forms = list(problem.forms())
    uses = Counter(chain.from_iterable(forms))
    vector_uses, value_uses = [0] * len(problem.vectors), [0] * len(problem.values)
    for key, count in uses.items():
        for i in {*key} if len(key) == 2 else ():
            vector_uses[i] += count
        if len(key) == 1:
            value_uses[key[0]] += count
    ties: set[tuple[int, int]] = set()
    for terms in forms:
        together = [key[0] for key in terms if len(key) == 1]
        ties.update((k, together[0]) for k in together)
    weights = random.Random(0)  # noqa: S311, reproducible
    first, second = combined(forms, [[weights.getrandbits(60) for _ in forms] for _ in range(2)])
    order = sorted((i for i, n in enumerate(vector_uses) if n), key=lambda i: (i not in vectors, -vector_uses[i], -i))
    columns = sorted((k for k, n in enumerate(value_uses) if n), key=lambda k: (k not in values, -value_uses[k], -k))
    # worth a try: all values that occur together in forms (one function, or several in a sum) shifted by 1
    shifts = (group for group in connected(columns, ties) if not int(sum(first[k,] for k in group)))
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
    """Twice the symmetric matrix of a combination's Gram part."""
    entries = ((place[key[0]], place[key[1]], c) for key, c in total.items() if len(key) == 2)
    return symmetric(((i, j, 2 * c if i == j else c) for i, j, c in entries), len(place))
