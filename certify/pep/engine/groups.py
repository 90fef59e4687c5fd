"""Which items belong together, directly or through others."""

from __future__ import annotations

from collections.abc import Iterable


def connected(items: Iterable[int], ties: Iterable[tuple[int, int]]) -> list[list[int]]:
    """The connected groups of `items`, each in their order, in the order of their first items."""
    links: dict[int, int] = {}

    def root(i: int) -> int:
        while links.setdefault(i, i) != i:
            links[i] = links[links[i]]
            i = links[i]
        return i

    for i, j in ties:
        links[root(i)] = root(j)
    groups: dict[int, list[int]] = {}
    for i in items:
        groups.setdefault(root(i), []).append(i)
    return list(groups.values())
