"""Certify: convergence rates of optimisation methods, proved with exact certificates.

Nothing is imported here, so that ``import certify`` costs nothing and the kernel can be used alone.
"""

__version__ = "0.1.0"
