"""Text for LaTeX: every special character escaped, Unicode mathematics turned into commands.

`text` sets a text as it is, `prose` recognises the formulas in a sentence, and `math` makes a formula safe inside
dollar signs.
"""

from __future__ import annotations

import re
import unicodedata

SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", "`": r"\textasciigrave{}", '"': r"\textquotedbl{}", "−": r"$-$",
}  # fmt: skip
TYPOGRAPHY = frozenset("–—‘’“”…§©")
"""What plain pdflatex sets without being told."""

MATH = {
    "−": "-", "·": r"\cdot", "×": r"\times", "±": r"\pm", "÷": r"\div", "≤": r"\le", "≥": r"\ge", "≠": r"\ne",
    "≈": r"\approx", "≡": r"\equiv", "∈": r"\in", "∉": r"\notin", "⊂": r"\subset", "⊆": r"\subseteq", "∪": r"\cup",
    "∩": r"\cap", "∀": r"\forall", "∃": r"\exists", "∞": r"\infty", "∇": r"\nabla", "∂": r"\partial", "√": r"\surd",
    "∑": r"\sum", "∏": r"\prod", "∫": r"\int", "→": r"\to", "←": r"\gets", "↦": r"\mapsto", "⇒": r"\Rightarrow",
    "⇔": r"\Leftrightarrow", "⟨": r"\langle", "⟩": r"\rangle", "‖": r"\|", "⌈": r"\lceil", "⌉": r"\rceil",
    "⌊": r"\lfloor", "⌋": r"\rfloor", "½": r"\tfrac{1}{2}", "¼": r"\tfrac{1}{4}", "ℝ": r"\mathbf{R}",
    "ℚ": r"\mathbf{Q}", "ℕ": r"\mathbf{N}", "ℓ": r"\ell", "…": r"\dots", "≪": r"\ll", "≫": r"\gg", "⊢": r"\vdash",
    "⪰": r"\succeq", "⪯": r"\preceq", "ε": r"\varepsilon", "φ": r"\varphi", "Σ": r"\sum", "Π": r"\prod",
    "✓": r"\checkmark", "′": "'", "Α": "A", "Β": "B", "ο": "o",
}  # fmt: skip
RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᴺⁿⁱᵏᵀ", "0123456789+-=()NnikT", strict=True)) | {"⋆": r"\star", "★": r"\star"}
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₙᵢₖₜ", "0123456789+-=()nikt", strict=True))
FUNCTIONS = frozenset("max min log ln exp inf sup arg argmin lim sin cos".split())
PAIRS = {"(": ")", "[": "]"}

_WORD = re.compile(r"[A-Za-z]{3,}")
_ENDING = re.compile(r"[.,;:]+$")


def text(value: object) -> str:
    """A text as it is, in upright letters."""
    return "".join(_character(c) for c in unicodedata.normalize("NFC", str(value)))


def math(latex: str) -> str:
    """LaTeX for math mode in which no Unicode is left; what is ASCII already is not touched."""
    out = re.sub(f"[{''.join(RAISED)}]+", lambda m: f"^{{{_scripts(m[0], RAISED)}}}", latex)
    out = re.sub(f"[{''.join(LOWERED)}]+", lambda m: f"_{{{_scripts(m[0], LOWERED)}}}", out)
    out = re.sub(r"√(\d+|[A-Za-z]|\(([^()]*)\))", lambda m: rf"\sqrt{{{m[2] or m[1]}}}", out)
    return "".join(c if c.isascii() else _symbol(c) for c in out)


def formula(unicode: str) -> str:
    """A formula written for a terminal, ``f(x⁺) − f⋆ ≤ max{a, b}``, for math mode."""
    out = unicode.translate({ord(c): SPECIAL[c] for c in "\\#$%&~{}"} | {ord("*"): r"\ast "})
    return math(_WORD.sub(lambda m: _named(m[0]), out))


def prose(sentence: str) -> str:
    """A sentence with formulas in it, as people type them in a docstring: runs of mathematical words get dollars."""
    out: list[str] = []
    run: list[str] = []
    words = sentence.split()
    for i, word in enumerate(words):
        near = bool(run) or (i + 1 < len(words) and _is_math(words[i + 1]))
        if _is_math(word) or (near and _is_filler(word)):
            run.append(word)
            if not _ENDING.search(word) or _depth(run) > 0:
                continue
        elif run:
            out.append(_dollars(run))
            run = []
        if run:
            out.append(_dollars(run))
            run = []
        else:
            out.append(text(word))
    if run:
        out.append(_dollars(run))
    return " ".join(out)


def _is_math(word: str) -> bool:
    """Whether a word has a sign of mathematics in it: a symbol, an index, a function's argument."""
    if any(c in MATH or c in RAISED or c in LOWERED or _is_greek(c) for c in word if c not in TYPOGRAPHY):
        return True
    return bool(re.search(r"[=<>^+*]|\w/\w|^[A-Za-z]\(|[A-Za-z]_[A-Za-z0-9{]", word))


def _is_filler(word: str) -> bool:
    """A bare letter or number beside mathematics belongs to it, except for the English words a, A and I."""
    bare = _ENDING.sub("", word).strip("()[]{}")
    return bare not in ("a", "A", "I") and bool(re.fullmatch(r"[A-Za-z]|[A-Za-z]?\d+[A-Za-z]?|", bare))


def _depth(words: list[str]) -> int:
    joined = "".join(words)
    return sum(joined.count(c) - joined.count(closing) for c, closing in PAIRS.items())


def _dollars(words: list[str]) -> str:
    joined = " ".join(words)
    ending = _ENDING.search(joined)
    body = joined[: ending.start()] if ending else joined
    return f"${formula(body)}$" + (ending[0] if ending else "")


def _named(word: str) -> str:
    if word in FUNCTIONS:
        return rf"\{word} " if word != "argmin" else r"\arg\min "
    return rf"\mathrm{{{word}}}"


def _scripts(run: str, table: dict[str, str]) -> str:
    return "".join(f"{table[c]} " if table[c].startswith("\\") else table[c] for c in run)


def _character(c: str) -> str:
    if c in SPECIAL:
        return SPECIAL[c]
    if c.isascii() or c in TYPOGRAPHY:
        return c if c.isprintable() else " "
    if c in MATH or c in RAISED or c in LOWERED or _is_greek(c):
        return f"${math(c if c not in RAISED and c not in LOWERED else '{}' + c)}$"
    if c.isspace():
        return "~"
    return _letter(c) or f"[U+{ord(c):04X}]"


def _symbol(c: str) -> str:
    """A character in math mode."""
    if c in MATH:
        return f"{MATH[c]} "
    if _is_greek(c):
        name = unicodedata.name(c).split()[-1].lower().replace("lamda", "lambda")
        upper = unicodedata.name(c).split()[1] == "CAPITAL"
        known = not upper or name in "gamma delta theta lambda xi pi sigma upsilon phi psi omega".split()
        return rf"\{name.title() if upper else name} " if known else rf"\mathrm{{{name[0].upper()}}}"
    if c.isspace():
        return " "
    return rf"\text{{{_letter(c) or f'[U+{ord(c):04X}]'}}}"


def _is_greek(c: str) -> bool:
    return bool(re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER [A-Z]+", unicodedata.name(c, "")))


def _letter(c: str) -> str:
    """An accented Latin letter that pdflatex knows, or its plain letters; nothing if there are none."""
    name = unicodedata.name(c, "")
    if "LATIN" in name and 0xC0 <= ord(c) < 0x180 and c not in "ÐðÞþĦħıĸŉŊŋŦŧ":
        return c
    plain = unicodedata.normalize("NFKD", c).encode("ascii", "ignore").decode()
    return "".join(SPECIAL.get(each, each) for each in plain)
