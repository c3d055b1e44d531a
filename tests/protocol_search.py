"""Every state of the protocol's machine, breadth first, and what must hold in each."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from typing import NamedTuple

from tests.protocol_model import Protocol
from tests.protocol_world import Object, World

Trace = list[str]


class Verdict(NamedTuple):
    """How many states were seen, and the shortest way to the first broken promise, if there is one."""

    states: int
    broken: str | None
    trace: Trace


def explore(protocol: Protocol, begin: World, promises: Collection[str] | None = None) -> Verdict:
    """Visit all states until one breaks one of `promises` (default: all of them)."""
    came_from: dict[World, tuple[World, str] | None] = {begin: None}
    waiting = deque([begin])
    while waiting:
        world = waiting.popleft()
        before = _rows(world)
        for label, after in protocol.moves(world):
            if after in came_from:
                continue
            came_from[after] = (world, label)
            if broken := (_broken(after) | _torn(world, before, after)) & _wanted(promises):
                return Verdict(len(came_from), min(broken), _trace(came_from, after))
            waiting.append(after)
    return Verdict(len(came_from), None, [])


PROMISES = frozenset({"once", "tiles", "whole", "decided", "committed", "kept", "unchanged", "not lost"})


def _wanted(promises: Collection[str] | None) -> frozenset[str]:
    return PROMISES if promises is None else frozenset(promises)


def _rows(world: World) -> list[int]:
    """What a reader of bronze, and of what aged out of it, sees at this moment."""
    return [offset for o in (*world.data, *world.old) for offset in range(o.first, o.end + 1)]


def _broken(world: World) -> set[str]:
    broken = set()
    rows = _rows(world)
    if len(rows) != len(set(rows)):
        broken.add("once")
    objects = {(o.base, o.hour, o.first, o.end) for o in (*world.data, *world.old)}
    decided = {(f.base, f.hour, f.first, f.end) for f in world.fences}
    if not objects <= decided:  # a zombie's rows
        broken.add("decided")
    expected = tail = 0
    for fence in world.fences:
        if fence.base != expected:
            broken.add("tiles")
        if (fence.base, fence.hour, fence.first, fence.end) in objects and tail == fence.base:
            tail = fence.end + 1
        elif fence != world.fences[-1]:
            broken.add("whole")
            if not _still_coming(world, fence.base):
                broken.add("not lost")
        expected = fence.end + 1
    if world.committed > tail:
        broken.add("committed")
    return broken


def _still_coming(world: World, base: int) -> bool:
    """Whether anybody alive, or any request on its way, will write the object of the fence at `base`."""
    return any(isinstance(request, Object) and request.base == base for request in world.late) or any(
        fence.base == base
        for writer in world.writers
        for fence in (*writer.pending, *([writer.fence] if writer.fence else []))
    )


def _torn(world: World, before: list[int], after: World) -> set[str]:
    """What one step did to a reader in the middle of it."""
    if world.data is after.data and world.old is after.old:
        return set()
    broken = set()
    if not set(before) <= set(_rows(after)):
        broken.add("kept")
    new = {(o.base, o.hour): o for o in after.data}
    if any(new.get((o.base, o.hour), o) != o for o in world.data):
        broken.add("unchanged")
    return broken


def _trace(came_from: dict[World, tuple[World, str] | None], world: World) -> Trace:
    steps = []
    while (previous := came_from[world]) is not None:
        world, label = previous
        steps.append(label)
    return steps[::-1]
