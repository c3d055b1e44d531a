"""The end of a long listing, found without reading the listing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

# From a key on (exclusive): the keys that follow, in order, and whether there are more behind them.
Page = Callable[[str], tuple[Sequence[str], bool]]


def ending(page: Page, prefix: str, start_after: str = "") -> list[str]:
    """The last two keys after `start_after` under `prefix`, where keys are `prefix`, 20 digits, a suffix.

    Fewer when there are fewer. Stores list from a key on but never backwards; because the names are
    numbers, the end can be searched for: by doubling while there is more behind, then by halving. A year
    of one flush a minute (525,600 keys) takes about 20 pages of 1,000 instead of 526.
    """
    keys, more = page(start_after)
    ceiling: int | None = None  # at most one key from here on
    while more:
        last = _number(keys[-1], prefix)
        middle = 2 * last + len(keys) if ceiling is None else (last + ceiling) // 2
        if ceiling is not None and middle <= last:
            return [*keys, *page(keys[-1])[0]][-2:]
        found, behind = page(f"{prefix}{middle:020d}")
        if len(found) < 2:
            ceiling = middle
        else:
            keys, more = found, behind
    return list(keys[-2:])


def _number(key: str, prefix: str) -> int:
    return int(key.removeprefix(prefix)[:20])
