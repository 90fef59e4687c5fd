"""Optimisation methods, one file each: the update rule as printed and the theorems claimed.

The folder is installed as ``certify.methods``. Under its bare name it would load a second copy of
every class, which no registry or ``isinstance`` would recognise, so that is refused.
"""

if __name__ != "certify.methods":
    raise ImportError(f"import certify.methods, not {__name__}", name=__name__)
