"""Which part a tensor plays in the model: embedding, hidden matrix, head, convolution, norm, bias."""

from __future__ import annotations

import re
from enum import Enum
from typing import Any

from torch import nn

from certify.training.kinds import is_norm

HEAD = re.compile(r"(^|\.)(lm_head|head|classifier|unembed\w*|logits\w*|output_layer|fc_out)(\.|$)")
EMBEDDING = re.compile(r"(^|[._])(\w*embed\w*|wte|wpe|pos_emb\w*|tok_emb\w*|cls_token)([._]|$)")

PLACES = re.compile(r"(^|\.)(pos|position\w*|pos_\w+|pe)$")
"""Names of positional embeddings that are bare parameters of a module of the user's own."""


class Role(Enum):
    """The parts."""

    EMBEDDING = "embedding"
    HEAD = "head"
    TIED = "embedding and head (tied)"
    CONV = "convolution"
    HIDDEN = "hidden matrix"
    NORM = "norm"
    BIAS = "bias"
    VECTOR = "vector"
    OTHER = "tensor"


def roles(model: nn.Module, last: nn.Module | None = None) -> dict[str, Role]:
    """The role of each parameter by name; `last` is the linear layer that was executed last, if that was observed."""
    owners: dict[int, list[tuple[nn.Module, str]]] = {}
    for path, module in model.named_modules():
        for name, parameter in module.named_parameters(recurse=False):
            owners.setdefault(id(parameter), []).append((module, f"{path}.{name}".strip(".")))
    linear = [m for m in model.modules() if isinstance(m, nn.Linear)]
    final = last if last is not None else (linear[-1] if linear else None)
    return {name: _role(owners[id(p)], p, name, final) for name, p in model.named_parameters()}


def _role(owners: list[tuple[nn.Module, str]], parameter: Any, name: str, last: nn.Module | None) -> Role:
    modules = [module for module, _ in owners]
    embedding = any(isinstance(m, (nn.Embedding, nn.EmbeddingBag)) for m in modules)
    if embedding and any(isinstance(m, nn.Linear) for m in modules):
        return Role.TIED
    if embedding:
        return Role.EMBEDDING
    if any(is_norm(m) for m in modules):
        return Role.NORM
    if parameter.ndim <= 1:
        return Role.BIAS if name.rpartition(".")[2].startswith("bias") else Role.VECTOR
    if any(isinstance(m, nn.modules.conv._ConvNd) for m in modules):
        return Role.CONV
    if parameter.ndim == 2 and (any(m is last for m in modules) or any(HEAD.search(path) for _, path in owners)):
        return Role.HEAD
    bare = not any(isinstance(m, nn.Linear) for m in modules) and any(PLACES.search(path) for _, path in owners)
    if bare or any(EMBEDDING.search(path) for _, path in owners):
        return Role.EMBEDDING
    return Role.HIDDEN if parameter.ndim == 2 else Role.OTHER


class LastLinear:
    """Records which linear layer a forward pass executes last; a context manager."""

    def __init__(self, model: nn.Module) -> None:
        self.module: nn.Module | None = None
        self._linear = [m for m in model.modules() if isinstance(m, nn.Linear)]
        self._handles: list[Any] = []

    def __enter__(self) -> LastLinear:
        def note(module: nn.Module, *_: Any) -> None:
            self.module = module

        self._handles = [m.register_forward_hook(note) for m in self._linear]
        return self

    def __exit__(self, *_: object) -> None:
        for handle in self._handles:
            handle.remove()
