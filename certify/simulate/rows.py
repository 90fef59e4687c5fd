"""Batches of vectors and numbers that take exact coefficients: ``Fraction(1, 3) * x`` for a tensor x.

A declaration multiplies its points by whatever its coefficients are: floats, tensors of shape (B, 1), or rational
numbers such as k/(k + 3), which plain tensors refuse.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import torch
from torch import Tensor

from certify.language import Scalar


class Rows(Tensor):
    """A tensor, shape (B, d) for vectors and (B, 1) for numbers, in whose arithmetic exact numbers become floats.

    What declarations do with points and numbers (arithmetic, `inner`, `norm`, `root`, `log2`, minima) gives `Rows`
    again; all other operations of PyTorch give plain tensors, at their usual speed.
    """

    __torch_function__ = torch._C._disabled_torch_function_impl  # ty: ignore[incompatible-method-override]


def rows(data: Tensor) -> Rows:
    """The same memory as `Rows`."""
    return data if type(data) is Rows else data.as_subclass(Rows)


def lifted(found: Any) -> Any:
    """A tensor, or anything that has one as its `data`, with `Rows` in its place."""
    return rows(found) if isinstance(found, Tensor) else replace(found, data=rows(found.data))


def plain(data: Tensor) -> Tensor:
    """The same memory as an ordinary tensor."""
    return data if type(data) is Tensor else data.as_subclass(Tensor)


def number(value: Any) -> Any:
    """A rational number or constant scalar as a float; anything else as it is."""
    if type(value) in _READY:
        return value
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, Scalar) and (constant := value.as_constant()) is not None:
        return float(constant)
    return value


def bare(value: Any) -> Any:
    """Rows as an ordinary tensor, whose operations take a third of the time; anything else as it is."""
    return value.as_subclass(Tensor) if type(value) is Rows else value


def _operation(name: str) -> Callable[..., Any]:
    operation = getattr(Tensor, name)

    def operate(self: Any, *others: Any, **options: Any) -> Any:
        found = operation(self, *map(number, others), **options)
        return found.as_subclass(Rows) if isinstance(found, Tensor) else found

    operate.__name__ = name
    return operate


def _binary(name: str) -> Callable[[Any, Any], Any]:
    """As `_operation`, for what declarations do most."""
    operation = getattr(Tensor, name)

    def operate(self: Any, other: Any) -> Any:
        found = operation(self, other if type(other) in _READY else number(other))
        return found.as_subclass(Rows) if isinstance(found, Tensor) else found

    operate.__name__ = name
    return operate


def _comparison(name: str) -> Callable[[Any, Any], Tensor]:
    operation = getattr(Tensor, name)

    def compared(self: Any, other: Any) -> Tensor:
        return operation(self, number(other))

    compared.__name__ = name
    return compared


_READY = frozenset({Rows, Tensor, float, int, bool})
"""What PyTorch takes as it is."""
_BINARY = ("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "pow", "rpow")
_DUNDERS = ("neg", "abs", "getitem")
_WORDS = ("sum", "mean", "abs", "sqrt", "log2", "minimum", "maximum", "where", "clamp_min", "clamp_max")
for _name in (*(f"__{n}__" for n in _DUNDERS), *_WORDS):
    setattr(Rows, _name, _operation(_name))
for _name in _BINARY:
    setattr(Rows, f"__{_name}__", _binary(f"__{_name}__"))
for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(Rows, f"__{_name}__", _comparison(f"__{_name}__"))
setattr(Rows, "__hash__", Tensor.__hash__)  # noqa: B010 (a class with its own __eq__ loses it)
