"""Certify: convergence rates of optimisation methods, proved with exact certificates.

Nothing is imported here until it is used, so that ``import certify`` costs nothing and the kernel can be used alone.
"""

from typing import Any

__version__ = "0.1.0"

_LAZY = {
    "validate": "certify.training.validate",
    "audit_updates": "certify.training.audit",
    "Setup": "certify.training.setup",
}
"""What can be called as ``certify.NAME``, and where it lies."""


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'certify' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_LAZY[name]), name)
