"""Unicode text for LaTeX: special characters escaped, mathematical characters turned into commands.

`text` sets a text as it is, `formula` a formula for math mode, `prose` a sentence with formulas in it, and `ascii_math`
replaces what Unicode is left in a formula that is LaTeX already. All of them give pure TeX that plain pdflatex reads.
"""

from __future__ import annotations

import re
import unicodedata

SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"$\$$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", "`": r"\`{}", '"': "''", "§": r"$\mathsection$",
}  # fmt: skip
SPECIAL_IN_MATH = {
    "\\": r"\backslash ", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\wedge ", "~": r"\sim ", "*": r"\ast ",
}  # fmt: skip
TYPOGRAPHY = frozenset("–—‘’“”…")
"""What plain pdflatex sets without being told."""

MATH = {
    "−": "-", "·": r"\cdot", "×": r"\times", "±": r"\pm", "÷": r"\div", "≤": r"\le", "≥": r"\ge", "≠": r"\ne",
    "≈": r"\approx", "≡": r"\equiv", "∈": r"\in", "∉": r"\notin", "⊂": r"\subset", "⊆": r"\subseteq", "∪": r"\cup",
    "∩": r"\cap", "∀": r"\forall", "∃": r"\exists", "∞": r"\infty", "∇": r"\nabla", "∂": r"\partial", "√": r"\surd",
    "∑": r"\sum", "∏": r"\prod", "∫": r"\int", "→": r"\to", "←": r"\gets", "↦": r"\mapsto", "⇒": r"\Rightarrow",
    "⇔": r"\Leftrightarrow", "⟨": r"\langle", "⟩": r"\rangle", "‖": r"\|", "⌈": r"\lceil", "⌉": r"\rceil",
    "⌊": r"\lfloor", "⌋": r"\rfloor", "½": r"\tfrac{1}{2}", "¼": r"\tfrac{1}{4}", "ℝ": r"\mathbf{R}",
    "ℚ": r"\mathbf{Q}", "ℕ": r"\mathbf{N}", "ℓ": r"\ell", "≪": r"\ll", "≫": r"\gg", "⪰": r"\succeq", "⪯": r"\preceq",
    "ε": r"\epsilon", "φ": r"\varphi", "Σ": r"\sum", "Π": r"\prod",
}  # fmt: skip
RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᴺⁿⁱᵏᵀ", "0123456789+-=()NnikT", strict=True)) | {"⋆": r"\star "}
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₙᵢₖₜ", "0123456789+-=()nikt", strict=True))
FUNCTIONS = {f: rf"\{f} " for f in ("max", "min", "log", "ln", "exp", "inf", "sup")} | {
    "argmin": r"\arg\min ",
    "sign": r"\operatorname{sign}",
}
ACCENTS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar"}
"""Marks that combine with the letter before them."""
CAPITALS = frozenset(["gamma", "delta", "theta", "lambda", "xi", "pi", "sigma", "upsilon", "phi", "psi", "omega"])
"""The Greek capitals that do not look like Latin ones."""
ENGLISH = frozenset("aAI")
"""The letters that are words of their own."""

_TOKEN = re.compile(
    rf"(?P<accented>[^\W\d_][{''.join(ACCENTS)}])|[_^]\{{(?P<group>[^{{}}]*)\}}|[_^](?P<single>[A-Za-z]{{3,}}|[A-Za-z0-9α-ω∞])"
    rf"|(?P<raised>[{''.join(RAISED)}]+)|(?P<lowered>[{''.join(LOWERED)}]+)|(?P<prime>['′])|(?P<dual>(?<=‖)\*)"
    r"|√(?P<root>\d+|[A-Za-z]|\([^()]*\))|(?P<mean>(?<![A-Za-z])E(?=[‖\[⟨]|\s+[A-Za-z∇]\w*[ᵢ₀-₉⁺]*\())|(?P<word>[A-Za-z]{3,}|\bln\b)|.",
    re.DOTALL,
)
_ENDING = re.compile(r"[.,;:]+$")


def text(value: object) -> str:
    """A text as it is, in upright letters."""
    return "".join(map(_character, _letters(unicodedata.normalize("NFC", str(value)))))


def ascii_math(latex: str) -> str:
    """LaTeX for math mode without Unicode; what is ASCII already stays as it is."""
    return "".join(c if c.isascii() else _scripted(c) for c in _letters(latex))


def _letters(unicode: str) -> list[str]:
    """The characters, each with the accent that follows it."""
    return re.findall(rf".[{''.join(ACCENTS)}]?", unicode, re.DOTALL)


def formula(unicode: str) -> str:
    """A formula as one writes it for a terminal, ``f(x⁺) − f⋆ ≤ max{a, b}``, for math mode."""
    unicode = re.sub(r"\bL([01])ᵢ", r"L_{\1,i}", re.sub(r"\bL([01])\b(?!ᵢ)", r"L_{\1}", unicode))
    out: list[str] = []
    scripts = ""  # the scripts of the current base: TeX refuses a second one of the same kind
    for found in _TOKEN.finditer(unicodedata.normalize("NFC", unicode)):
        kind, token = found.lastgroup, found[0]
        if kind in ("group", "single", "raised", "lowered", "prime", "dual"):
            sign = {"raised": "^", "prime": "^", "lowered": "_", "dual": "_"}.get(kind, token[0])
            inside = {"raised": RAISED, "lowered": LOWERED}.get(kind)
            if kind in ("prime", "dual"):
                body = r"\prime " if kind == "prime" else r"\ast "
            else:
                body = "".join(inside[c] for c in token) if inside else formula(found[kind])
            out.append(("{}" if sign in scripts else "") + f"{sign}{{{body}}}")
            scripts = sign if sign in scripts else scripts + sign
            continue
        if not token.isspace():
            scripts = ""
        if kind == "root":
            out.append(rf"\sqrt{{{formula(token[1:].removeprefix('(').removesuffix(')'))}}}")
        elif kind == "accented":
            out.append(_symbol(token))
        elif kind == "mean":
            out.append(r"\mathbb{E}")
        elif kind == "word":
            out.append(FUNCTIONS.get(token, rf"\mathrm{{{token}}}"))
        elif token in SPECIAL_IN_MATH:
            out.append(SPECIAL_IN_MATH[token])
        else:
            out.append(token if token.isascii() and token.isprintable() else _symbol(token))
    return "".join(out)


def prose(sentence: str) -> str:
    """A sentence as one types it in a docstring: words of mathematics that stand together become one formula."""
    words = sentence.split()
    certain = [_is_math(word) for word in words]
    out: list[str] = []
    run: list[str] = []
    for i, word in enumerate(words):
        before, after = certain[max(i - 1, 0)], certain[min(i + 1, len(words) - 1)]
        if certain[i] or ((before or after) and _is_filler(word)) or (before and after and word in ENGLISH):
            certain[i] = True
            run.append(word)
            if not _ENDING.search(word) or _depth(" ".join(run)) > 0:
                continue
        elif not run:
            symbol, hyphen, rest = word.partition("-")
            out.append(f"${formula(symbol)}$-{text(rest)}" if hyphen and _is_symbol(symbol) else text(word))
            continue
        else:
            out += [_dollars(run), text(word)]
            run = []
            continue
        out.append(_dollars(run))
        run = []
    return " ".join([*out, _dollars(run)] if run else out)


def _is_math(word: str) -> bool:
    """Whether a word has a sign of mathematics in it: a symbol, an index, an argument; or is a lone letter."""
    if re.search(r"-[A-Za-z]{3,}", word):
        return False  # L-smooth
    if any(c in MATH or c in ACCENTS or c in RAISED or c in LOWERED or _greek(c) for c in word):
        return True
    letters = [each for each in re.findall(r"[A-Za-z]{3,}", word) if each not in FUNCTIONS]
    signs = r"(?:max|min|exp|log|ln|inf|sup|sign)[({]|[=<>^+*]|\w/\w|(?<![A-Za-z])[A-Za-z]\(\w|[A-Za-z]_[A-Za-z0-9{]"
    return _is_symbol(_ENDING.sub("", word)) or (not letters and bool(re.search(signs, word)))


def _is_symbol(word: str) -> bool:
    """One letter that is no English word."""
    return (len(word) == 1 and word.isalpha() and word not in ENGLISH) or _greek(word) is not None


def _is_filler(word: str) -> bool:
    """Numbers, brackets, letters in brackets and names of functions beside mathematics belong to it."""
    bare = _ENDING.sub("", word)
    core = bare.strip("()[]{}")
    if (core in FUNCTIONS and core != "sign") or (len(core) == 1 and bare != core):
        return True
    return bool(re.fullmatch(r"[:|]?|[A-Za-z]?\d+[A-Za-z]?", core))


def _depth(words: str) -> int:
    return sum((c in "([{⟨") - (c in ")]}⟩") for c in words)


def _dollars(words: list[str]) -> str:
    joined = " ".join(words)
    body = _ENDING.sub("", joined)
    return (f"${_spaced(formula(body))}$" if body else "") + joined[len(body) :]


def _spaced(latex: str) -> str:
    r"""With space around a sign ``\times`` that stands between a formula and words."""
    latex = f"{{}}{latex}" if latex.startswith(r"\times ") else latex
    return f"{latex}{{}}" if latex.endswith(r"\times ") else latex


def _character(c: str) -> str:
    if c in SPECIAL:
        return SPECIAL[c]
    if c.isascii():
        return c if c.isprintable() else " "
    if c in TYPOGRAPHY:
        return c
    if c in MATH or c in RAISED or c in LOWERED or _greek(c) or c[-1] in ACCENTS:
        return f"${formula(c)}$"
    return "~" if c.isspace() else _letter(c)


def _scripted(c: str) -> str:
    if c in RAISED:
        return f"^{{{RAISED[c]}}}"
    return f"_{{{LOWERED[c]}}}" if c in LOWERED else _symbol(c)


def _symbol(c: str) -> str:
    """A character that is not plain ASCII, in math mode."""
    if c in MATH:
        return f"{MATH[c]} "
    if greek := _greek(c):
        return greek
    if c[-1] in ACCENTS:
        return rf"\{ACCENTS[c[-1]]}{{{formula(c[0])}}}"
    return " " if c.isspace() or c.isascii() else rf"\text{{{_letter(c)}}}"


def _greek(c: str) -> str | None:
    """The command of a Greek letter; a capital that looks Latin is Latin."""
    found = re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER ([A-Z]+)", unicodedata.name(c, "") if len(c) == 1 else "")
    if found is None:
        return None
    name = found[2].lower().replace("lamda", "lambda")
    if found[1] == "SMALL":
        return "o" if name == "omicron" else rf"\{name} "
    return rf"\{name.title()} " if name in CAPITALS else rf"\mathrm{{{name[0].upper()}}}"


def _letter(c: str) -> str:
    """A letter outside ASCII: accented Latin as it is, others by their plain letters or code point."""
    if "LATIN" in unicodedata.name(c, "") and 0xC0 <= ord(c) < 0x180 and c not in "ÐðÞþĐđĦħĸĿŀŉŊŋŦŧſ":
        return c
    plain = unicodedata.normalize("NFKD", c).encode("ascii", "ignore").decode()
    return "".join(SPECIAL.get(each, each) for each in plain) or f"[U+{ord(c):04X}]"
