"""Assumptions, one file a family: the inequalities that a proof may use, as printed.

The folder is installed as ``certify.assumptions``. Under its bare name it would load a second copy
of every class, which no registry or ``isinstance`` would recognise, so that is refused.
"""

if __name__ != "certify.assumptions":
    raise ImportError(f"import certify.assumptions, not {__name__}", name=__name__)
