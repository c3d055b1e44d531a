"""What a sink has landed."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Tally:
    """Rows and objects in the lake, the objects' bytes, and the rows that carry an error."""

    rows: int = 0
    objects: int = 0
    bytes: int = 0
    malformed: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.rows + other.rows,
            self.objects + other.objects,
            self.bytes + other.bytes,
            self.malformed + other.malformed,
        )

    def summary(self) -> dict[str, int]:
        """The four counts by name."""
        return asdict(self)
