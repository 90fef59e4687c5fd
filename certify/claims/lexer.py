"""A formula as people write it, cut into tokens: Unicode and the usual LaTeX commands become plain names and signs."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_LENGTH = 600
MAX_DIGITS = 30

GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "eps", "ϵ": "eps", "η": "eta", "θ": "theta",
    "κ": "kappa", "λ": "lambda", "μ": "mu", "µ": "mu", "ν": "nu", "ρ": "rho", "σ": "sigma", "τ": "tau", "ω": "omega",
    "Δ": "Delta", "∇": "nabla", "ζ": "zeta", "φ": "phi",
}  # fmt: skip
_SAME = {
    "⋅": "*", "·": "*", "×": "*", "−": "-", "–": "-", "≤": "<=", "≥": ">=", "⩽": "<=", "⩾": ">=", "∗": "⋆", "‖": "||",
    "∥": "||", "\u0304": "bar", "½": "(1/2)", "¼": "(1/4)", "√": "sqrt ", "𝔼": "E", "[": "(", "]": ")",
}  # fmt: skip
_SUPER = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᴺᵏ⁽⁾", "0123456789+-Nk()", strict=True))
_SUB = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋ₖₙ", "0123456789+-kN", strict=True))
_COMMANDS = {
    "cdot": "*", "times": "*", "le": "<=", "leq": "<=", "ge": ">=", "geq": ">=", "star": "⋆", "ast": "⋆", "|": "||",
    "Vert": "||", "lVert": "||", "rVert": "||", "left": "", "right": "", "ln": "log", "varepsilon": "eps",
    "epsilon": "eps", "dots": "..", "ldots": "..", "cdots": "..", "big": "",
    "Big": "", "tfrac": "frac", "dfrac": "frac", ",": "", ";": "", "!": "",
    "lambda": "lambda", "{": "(", "}": ")",
}  # fmt: skip
_MEAN = re.compile(r"\\(?:mathbb|mathrm|mathbf|operatorname)\s*(?:\{\s*E\s*\}|E(?![A-Za-z]))")
_AVERAGE = re.compile(r"\\(?:bar|overline)\s*(?:\{\s*x\s*\}|x(?![A-Za-z]))")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z]+)(?P<sub>_(?:\{[^{}]{1,16}\}|[0-9]{1,3}|[A-Za-z⋆*+])|[0-9]{1,3})?(?P<star>\^?[⋆]|\^\{[⋆*]\})?"
    r"|(?P<sign>\|\||<=|>=|\*\*|[-+*/^(){},<>=|;:]|⋆))"
)


class FormulaProblem(ValueError):
    """A formula that cannot be read: what is wrong, and where, with a caret under the place."""

    def __init__(self, what: str, text: str, position: int) -> None:
        start = max(0, position - 50)
        shown = text[start : start + 80].replace("\n", " ").replace("\t", " ")
        super().__init__(f"{what}\n    {shown}\n    {' ' * (position - start)}^")
        self.what, self.position = what, position


@dataclass(frozen=True)
class Token:
    """A number, a name (with what stands below it, and whether it has a star) or a sign; where it starts and ends."""

    kind: str
    text: str
    start: int
    end: int
    sub: str = ""
    star: bool = False


def tokens(text: str) -> list[Token]:
    """The tokens of a formula; positions are those in `text`. Raises `FormulaProblem`."""
    if len(text) > MAX_LENGTH:
        raise FormulaProblem(f"a formula may have {MAX_LENGTH} characters, and this one has {len(text)}", text, 0)
    plain, places = _plain(text)
    found: list[Token] = []
    position = 0
    while position < len(plain.rstrip()):
        match = _TOKEN.match(plain, position)
        if match is None:
            at = position + len(plain[position:]) - len(plain[position:].lstrip())
            raise FormulaProblem(f"{plain[at]!r} is not understood here", text, places[at])
        kind = match.lastgroup if match.lastgroup in ("number", "sign") else "name"
        body = match[kind]
        start, end = places[match.start(kind)], places[match.end() - 1] + 1
        if kind == "number" and len(body) > MAX_DIGITS:
            raise FormulaProblem(f"a number may have {MAX_DIGITS} digits", text, start)
        sub = (match["sub"] or "").lstrip("_").strip("{}").replace(" ", "").replace("*", "⋆")
        found.append(Token(kind, body, start, end, sub, bool(match["star"])))
        position = match.end()
    return found


def _plain(text: str) -> tuple[str, list[int]]:
    """The text in the small alphabet of tokens, and the position in `text` that each character comes from."""
    pieces: list[tuple[str, int]] = []
    i = 0
    while i < len(text):
        letter, start = text[i], i
        i += 1
        if letter in _SUPER or letter in _SUB:
            table, sign = (_SUPER, "^") if letter in _SUPER else (_SUB, "_")
            body = table[letter]
            while i < len(text) and text[i] in table:
                body += table[text[i]]
                i += 1
            pieces.append((f"{sign}{{{body}}}", start))
        elif known := _MEAN.match(text, start) or _AVERAGE.match(text, start):
            i = known.end()
            pieces.append(("E" if known.re is _MEAN else "xbar", start))
        elif letter == "\\":
            match = re.compile(r"[A-Za-z]+|.", re.DOTALL).match(text, i)
            if match is None:
                raise FormulaProblem("a backslash at the end", text, start)
            i = match.end()
            if pieces and match[0].isalpha() and pieces[-1][0][-1:].isalpha():
                pieces[-1] = (pieces[-1][0] + " ", pieces[-1][1])
            apart = match[0].isalpha() and text[i : i + 1] != "_"
            pieces.append((_COMMANDS.get(match[0], match[0]) + (" " if apart else ""), start))
        elif letter in GREEK:
            after = text[i : i + 1]
            before = " " if pieces and pieces[-1][0][-1:].isalpha() else ""
            pieces.append((before + GREEK[letter] + ("" if after in _SUB or after in ("_", "⋆", "0") else " "), start))
        elif letter == "|":
            i += text[i : i + 1] == "|"
            pieces.append(("||", start))
        else:
            pieces.append((_SAME.get(letter, letter), start))
    plain = "".join(p for p, _ in pieces)
    places = [start for piece, start in pieces for _ in piece]
    return plain, [*places, len(text)]


class Cursor:
    """A place in the tokens of a formula."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.next = 0

    def problem(self, what: str, token: Token | None = None) -> FormulaProblem:
        token = token or (self.tokens[self.next] if self.next < len(self.tokens) else None)
        return FormulaProblem(what, self.text, token.start if token else len(self.text.rstrip()))

    def peek(self, ahead: int = 0) -> str:
        """The sign that comes next; other tokens are ``number`` or ``name``, the end is empty."""
        if self.next + ahead >= len(self.tokens):
            return ""
        token = self.tokens[self.next + ahead]
        return token.text if token.kind == "sign" else token.kind

    def take(self, sign: str = "") -> Token:
        if self.next >= len(self.tokens):
            raise self.problem(f"expected {sign!r}" if sign else "the formula ends too early")
        if sign and self.peek() != sign:
            raise self.problem(f"expected {sign!r}")
        self.next += 1
        return self.tokens[self.next - 1]

    def finish(self) -> None:
        if self.next < len(self.tokens):
            raise self.problem(f"{self.tokens[self.next].text!r} is not understood here")
