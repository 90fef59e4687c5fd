"""Which tensors are measured together and in which norm: the geometry ``auto``.

Muon: spectral norm of each matrix. Scion: the norm of its group. Adam, sign and other coordinate-wise updates: largest
entry of each tensor. SGD: ℓ2 of all its tensors together, because 2/L is a statement about all of them at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from certify.geometry import NORMS
from certify.training.errors import BadSetup
from certify.training.kinds import Kind
from certify.training.lint import all_names
from certify.training.measures import JOINT_L2, Measure, measure_of
from certify.training.probes import Block
from certify.training.roles import Role, roles
from certify.training.rows import places_of
from certify.training.setup import Setup

JOINT = "all tensors"


@dataclass(frozen=True)
class Layer:
    """A block with what is known of it before anything runs."""

    block: Block
    optimizer: str
    kind: Kind
    role: Role
    shape: tuple[int, ...]
    lr: float


def layers_of(setup: Setup, geometry: str = "auto") -> list[Layer]:
    """All blocks; `geometry` may be the name of a norm, then used for every tensor. Raises `BadSetup`."""
    if geometry not in ("auto", *NORMS):
        raise BadSetup(f"geometry {geometry!r} is unknown; there are auto, {', '.join(NORMS)}")
    found: list[Layer] = []
    joint: dict[str, list[Layer]] = {}
    for place in places_of(setup, all_names(setup), roles(setup.model)):
        shape, lr = tuple(place.parameter.shape), float(place.group["lr"])
        if geometry == "auto":
            measure = measure_of(place.kind, place.role, shape, place.group.get("norm"))
        else:
            measure = Measure(NORMS[geometry], geometry)
        block = Block(place.name, (place.name,), measure)
        layer = Layer(block, place.where, place.kind, place.role, shape, lr)
        if place.kind is Kind.SGD and geometry == "auto":
            joint.setdefault(place.where.partition("[")[0], []).append(layer)
        else:
            found.append(layer)
    for optimizer, members in joint.items():
        names = tuple(member.block.name for member in members)
        block = Block(f"{JOINT} of {optimizer}" if found else JOINT, names, JOINT_L2)
        found.append(Layer(block, optimizer, Kind.SGD, Role.OTHER, (), max(m.lr for m in members)))
    return found
