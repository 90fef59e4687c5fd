"""Formulas as MathML, which browsers set without scripts, fonts or a network."""

from __future__ import annotations

import re
from functools import cache
from html import escape

from certify.analysis.results import Formula
from certify.report.escape import ascii_math

_DOLLARS = re.compile(r"\$([^$]+)\$")
LONGEST = 120
"""Characters beyond which a formula is shown as text: it fills lines anyway, and as MathML ten times as many bytes."""


def math(formula: Formula) -> str:
    """A formula as an inline ``<math>`` element; what cannot be converted or is long is shown as text, never dropped.

    The text of the formula is its ``alttext``, for readers without MathML.
    """
    if formula.latex == formula.text or len(formula.text) > LONGEST:
        return prose(formula.text)
    if "$" in formula.latex:
        return _DOLLARS.sub(lambda found: _element(found[1], found[1]), escape(formula.latex, quote=False))
    return _element(formula.latex, formula.text)


def prose(text: str) -> str:
    """Words with formulas in Unicode, as they are: such signs need no markup."""
    return escape(text, quote=False)


@cache
def _element(latex: str, text: str) -> str:
    from latex2mathml.converter import convert

    try:
        element = convert(_known(ascii_math(latex)))
    except Exception:
        return escape(text, quote=False)
    if "\\" in element:  # a command that the converter does not know
        return escape(text, quote=False)
    return _lean(element).replace("<math", f'<math alttext="{escape(text)}"', 1)


_DEFAULT = re.compile(r'<mo stretchy="true" fence="true" form="(?:prefix|postfix)">(?=[][(){}‖⌈⌉⟨⟩])')
"""Brackets that stretch by themselves."""
_SMALL = re.compile(r'<mstyle displaystyle="false" scriptlevel="0">(.*?)</mstyle>')
"""Fractions in the style that they have inline anyway."""
_WHOLE = re.compile(r"\A(<math[^>]*>)<mrow>(.*)</mrow></math>\Z", re.DOTALL)
"""A row around everything, which ``<math>`` is itself."""
_LONELY = re.compile(r"<mrow>(<m[ino]>[^<]*</m[ino]>)</mrow>")


def _lean(element: str) -> str:
    """The same element with characters for entities and without what browsers assume anyway: half as long."""
    element = re.sub(r"&#x([0-9A-Fa-f]+);", lambda found: escape(chr(int(found[1], 16)), quote=False), element)
    element = element.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "").replace(' display="inline"', "")
    element = element.replace(' fence="false"', "").replace('width="0.167em" />', 'width=".17em"/>')
    return _WHOLE.sub(r"\1\2</math>", _LONELY.sub(r"\1", _SMALL.sub(r"\1", _DEFAULT.sub("<mo>", element))))


def _known(latex: str) -> str:
    r"""The same formula in commands that the converter knows: no starred operators, no ``\arg``."""
    return latex.replace(r"\operatorname*", r"\operatorname").replace(r"\arg\min", r"\mathrm{arg}\,\min")
