"""Wrapping mathematics: a long formula is broken before an operator, outside brackets where that is possible."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence

OPERATORS = frozenset("=≤≥<>≠∈⇒→+−-×·/±")
CONNECTIVES = frozenset(["if", "while", "where", "and", "for"])
OPENING, CLOSING = "([{⌈⌊⟨", ")]}⌉⌋⟩"

Rule = Callable[[str, str, int], bool]
"""Whether a line may be broken between these two words, at this depth of brackets."""


def columns(text: str) -> int:
    """How many columns a terminal needs for the text."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def pad(text: str, width: int) -> str:
    """The text with spaces on the right, up to the width."""
    return text + " " * max(0, width - columns(text))


def wrap(formula: str, width: int, hang: int = 0) -> list[str]:
    """Lines of at most `width` columns; all but the first are indented by `hang` columns.

    A break comes between clauses if possible, else before an operator outside brackets, else before an operator,
    else at a space, and inside a word only if the word alone is too long.
    """
    return _wrapped(formula, width, hang, (_clause, _outside, _operator, _anywhere))


def wrap_words(prose: str, width: int, hang: int = 0) -> list[str]:
    """The same for prose with formulas in it: a formula is broken only if it does not fit on a line of its own."""
    return _wrapped(prose, width, hang, (_word, _outside, _comma, _operator, _anywhere))


def shortened(lines: list[str], most: int, width: int, remark: str) -> list[str]:
    """At most so many lines; the last one says what is missing, if that fits."""
    if len(lines) <= most:
        return lines
    indent = len(lines[1]) - len(lines[1].lstrip())
    return [*lines[: most - 1], " " * indent + (f"… ({remark})" if indent + columns(remark) + 4 <= width else "…")]


def _clause(before: str, _word: str, depth: int) -> bool:
    return depth == 0 and before.endswith((";", ":"))


def _outside(_before: str, word: str, depth: int) -> bool:
    return depth == 0 and (word in OPERATORS or word in CONNECTIVES)


def _operator(_before: str, word: str, _depth: int) -> bool:
    return word in OPERATORS


def _word(_before: str, word: str, depth: int) -> bool:
    return depth == 0 and word not in OPERATORS


def _comma(before: str, _word: str, _depth: int) -> bool:
    return before.endswith((",", ";", ":"))


def _anywhere(_before: str, _word: str, _depth: int) -> bool:
    return True


def _wrapped(text: str, width: int, hang: int, rules: Sequence[Rule]) -> list[str]:
    """Fill lines with as many pieces as fit; the first line has `hang` columns more."""
    room = max(width - hang, 8)
    lines, current = [], ""
    for piece in _pieces(" ".join(text.split()), room, rules):
        longer = f"{current} {piece}" if current else piece
        if current and columns(longer) > room + (0 if lines else hang):
            lines.append(current)
            current = piece
        else:
            current = longer
    return [(" " * hang if i else "") + each for i, each in enumerate([*lines, current])]


def _pieces(text: str, room: int, rules: Sequence[Rule]) -> Iterator[str]:
    """Cut a text at the first rule's places, and the pieces that are still too long at the next rule's."""
    for piece in _split(text.split(" "), rules[0]):
        if columns(piece) <= room:
            yield piece
        elif len(rules) > 1:
            yield from _pieces(piece, room, rules[1:])
        else:
            yield from (piece[i : i + room] for i in range(0, len(piece), room))


def _split(words: Iterable[str], allowed: Rule) -> list[str]:
    """Join words to pieces; a piece never ends with an operator."""
    pieces: list[str] = []
    depth, in_norm, before = 0, False, "="
    for word in words:
        if pieces and (before in OPERATORS or not allowed(before, word, depth + in_norm)):
            pieces[-1] += f" {word}"
        else:
            pieces.append(word)
        before = word
        depth += sum(word.count(c) for c in OPENING) - sum(word.count(c) for c in CLOSING)
        in_norm ^= word.count("‖") % 2 == 1
    return pieces
