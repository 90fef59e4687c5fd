"""Routing lint: what can be told from the model and the optimisers without running a step."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from certify.training.findings import Finding, Severity, some
from certify.training.kinds import Kind, decay_is_decoupled, kind_of
from certify.training.rates import groups, peak, rate
from certify.training.reached import unregistered
from certify.training.roles import Role
from certify.training.setup import Setup

MUON_BY_ELEMENT = "give it to AdamW (or Scion's sign or row norm) instead"
MISROUTED = {
    Role.EMBEDDING: ("embedding-in-muon", "an embedding: its rows are updated one by one", MUON_BY_ELEMENT),
    Role.TIED: ("embedding-in-muon", "an embedding tied to the head", MUON_BY_ELEMENT),
    Role.HEAD: ("head-in-muon", "the output head", MUON_BY_ELEMENT),
    Role.CONV: (
        "conv-in-muon",
        "a convolution kernel",
        "use AdamW, or see that it is flattened to (out, in·k·k)",
    ),
}
THIN = ("vector-in-muon", "not a matrix: orthogonalising it is normalising it", "give it to AdamW")


def lint(setup: Setup, names: dict[int, str], role_of: dict[str, Role], used: Iterable[int] = ()) -> Iterator[Finding]:
    """All findings; `names` maps the id of every parameter of the model to its name, `used` are ids of all tensors
    that the loss depends on."""
    yield from _coverage(setup, names, frozenset(used))
    yield from _unregistered(setup, frozenset(used))
    yield from _routing(setup, names, role_of)
    yield from _decay(setup, names, role_of)
    yield from _hyperparameters(setup)


def all_names(setup: Setup) -> dict[int, str]:
    """Names of all parameters of the model by id."""
    return {id(p): name for name, p in setup.model.named_parameters()}


def _unregistered(setup: Setup, used: frozenset[int]) -> Iterator[Finding]:
    held = {id(p) for _, _, group in groups(setup.optimizers) for p in group["params"]}
    lost: dict[str, int] = {}
    for place, p in unregistered(setup.model):
        if id(p) in used and id(p) not in held:
            lost[place] = lost.get(place, 0) + 1
    for place, count in lost.items():
        yield Finding(
            "unregistered-parameter",
            Severity.ERROR,
            (place,),
            f"{place} is a plain container: parameters() does not give its {count} tensors, which are never updated",
            "use nn.ModuleList, nn.ModuleDict or nn.ParameterList",
        )


def _coverage(setup: Setup, names: dict[int, str], used: frozenset[int]) -> Iterator[Finding]:
    owners: dict[int, list[str]] = {}
    stale, frozen = [], []
    for number, index, group in groups(setup.optimizers):
        for place, p in enumerate(group["params"]):
            label = f"{type(setup.optimizers[number]).__name__} group {index}"
            owners.setdefault(id(p), []).append(label)
            if id(p) in used and id(p) not in names:
                continue  # of the loss function, say
            if id(p) not in names:
                stale.append(f"tensor {place} of {label}, shape {tuple(p.shape)}")
            elif not p.requires_grad:
                frozen.append(names[id(p)])
    missing = [n for n, p in setup.model.named_parameters() if p.requires_grad and id(p) not in owners]
    if missing:
        yield Finding(
            "missing-parameter",
            Severity.ERROR,
            tuple(missing),
            f"{some(missing)}: trainable, but in no optimizer, so never updated",
            "add them to a parameter group, or freeze them with requires_grad_(False)",
        )
    if stale:
        yield Finding(
            "stale-parameter",
            Severity.ERROR,
            tuple(stale),
            f"{some(stale)}: not a parameter of the model, which was changed after the optimizer was built",
            "build the optimizer after the last change of the model",
        )
    twice = {names.get(key, "?"): where for key, where in owners.items() if len(where) > 1}
    for name, where in twice.items():
        yield Finding(
            "duplicate-parameter",
            Severity.ERROR,
            (name,),
            f"{name} is updated {len(where)} times a step, by {some(where)}",
            "keep it in one group only" + (" (tied weights count once)" if len(set(where)) > 1 else ""),
        )
    yield from _shared_storage(setup, owners, names)
    if frozen:
        yield Finding(
            "frozen-parameter",
            Severity.WARNING,
            tuple(frozen),
            f"{some(frozen)}: frozen (requires_grad is False), but in an optimizer",
            "leave frozen tensors out; decoupled weight decay or old momentum may still move them",
        )


def _shared_storage(setup: Setup, owners: dict[int, list[str]], names: dict[int, str]) -> Iterator[Finding]:
    places: dict[tuple[int, tuple[int, ...]], list[str]] = {}
    for name, p in setup.model.named_parameters():
        if id(p) in owners and p.numel() and p.data_ptr():
            places.setdefault((p.data_ptr(), tuple(p.shape)), []).append(name)
    for shared in places.values():
        if len(shared) > 1:
            yield Finding(
                "tied-twice",
                Severity.ERROR,
                tuple(shared),
                f"{some(shared)} share memory as separate parameters: tied weights are updated "
                f"{len(shared)} times a step",
                "tie the Parameter itself (head.weight = embedding.weight), not its data",
            )


def lint_rates(setup: Setup) -> Iterator[Finding]:
    """Learning rates that train nothing, and schedules that have only begun."""
    for number, index, group in groups(setup.optimizers):
        where = f"{type(setup.optimizers[number]).__name__} group {index}"
        lr = rate(group)
        if "lr" not in group:
            continue
        if not math.isfinite(lr) or lr < 0:
            yield Finding("bad-lr", Severity.ERROR, (), f"{where}: lr is {lr}", "give a positive number")
        elif peak(group) == 0 and group["params"]:
            yield Finding("zero-lr", Severity.ERROR, (), f"{where}: lr is 0, nothing in it is trained", "set lr")
        elif lr < peak(group):
            yield Finding(
                "schedule-at-start",
                Severity.NOTE,
                (),
                f"{where}: lr is {lr:g} now and {peak(group):g} at its peak; sizes are checked at the peak",
            )


def _routing(setup: Setup, names: dict[int, str], role_of: dict[str, Role]) -> Iterator[Finding]:
    found: dict[tuple[str, str, str], list[str]] = {}
    for number, _, group in groups(setup.optimizers):
        if kind_of(setup.optimizers[number], group) is not Kind.MUON:
            continue
        for p in group["params"]:
            name = names.get(id(p))
            if name is None:
                continue
            told = THIN if p.ndim < 2 else MISROUTED.get(role_of[name])
            if told:
                found.setdefault(told, []).append(name)
    for (code, what, change), members in found.items():
        yield Finding(code, Severity.WARNING, tuple(members), f"{some(members)} in Muon, but {what}", change)


def _decay(setup: Setup, names: dict[int, str], role_of: dict[str, Role]) -> Iterator[Finding]:
    decayed: list[str] = []
    chosen = decoupled = False
    for number, _, group in groups(setup.optimizers):
        optimizer, decay = setup.optimizers[number], float(group.get("weight_decay", 0.0) or 0.0)
        if decay == 0.0:
            continue
        mine = [names[id(p)] for p in group["params"] if id(p) in names]
        thin = [name for name in mine if role_of[name] in (Role.NORM, Role.BIAS)]
        decayed += thin
        norms = any(role_of[name] is Role.NORM for name in thin)
        chosen |= norms and decay != _default_decay(optimizer)
        decoupled |= norms and decay_is_decoupled(optimizer, group)
    if decayed:
        yield Finding(
            "decay-on-norms",
            Severity.WARNING if chosen and decoupled else Severity.NOTE,
            tuple(decayed),
            f"weight decay pulls {some(decayed)} to zero: norm weights and biases",
            "put them into a group with weight_decay=0",
        )


def _default_decay(optimizer: object) -> float:
    import inspect

    parameter = inspect.signature(type(optimizer).__init__).parameters.get("weight_decay")
    return float(parameter.default) if parameter and isinstance(parameter.default, (int, float)) else 0.0


def _hyperparameters(setup: Setup) -> Iterator[Finding]:
    for number, index, group in groups(setup.optimizers):
        where = f"{type(setup.optimizers[number]).__name__} group {index}"
        betas = group.get("betas")
        if isinstance(betas, (tuple, list)) and len(betas) >= 2 and float(betas[0]) > float(betas[1]):
            yield Finding(
                "betas-swapped",
                Severity.WARNING,
                (),
                f"{where}: betas are {betas[0]}, {betas[1]}: the mean of gradients outlasts that of their squares",
                f"({betas[1]}, {betas[0]}) is the usual order",
            )
