"""Text in Inter on an image: the file that has a letter's script, cut to the room there is."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from PIL import ImageDraw, ImageFont

_STATIC = Path(__file__).parents[1] / "static"
_SCRIPTS = {
    "latin": (),
    "cyrillic": ((0x400, 0x52F),),
    "greek": ((0x370, 0x3FF),),
    "latin-ext": ((0x100, 0x24F), (0x1E00, 0x1EFF)),
}
Colour = str | tuple[int, int, int]


class Lettering:
    """Writes on one image; `scale` is how many of its pixels are one of ours."""

    def __init__(self, draw: ImageDraw.ImageDraw, scale: int) -> None:
        self._draw = draw
        self._scale = scale
        self._fonts: dict[tuple[str, int, int], ImageFont.FreeTypeFont] = {}

    def write(  # noqa: PLR0913 -- where, what and how
        self,
        at: tuple[float, float],
        text: str,
        size: int,
        colour: Colour,
        *,
        weight: int = 400,
        room: float | None = None,
        anchor: str = "ls",
    ) -> None:
        """`text` on the baseline at (x, y), cut to `room`; x is its left, middle, right (ls, ms, rs)."""
        shown = text if room is None else self._cut(text, size, weight, room)
        x, y = at
        x -= {"l": 0.0, "m": 0.5, "r": 1.0}[anchor[0]] * self.width(shown, size, weight)
        for script, part in _runs(shown):
            font = self._font(script, size, weight)
            self._draw.text((x * self._scale, y * self._scale), part, colour, font, anchor="ls")
            x += font.getlength(part) / self._scale

    def width(self, text: str, size: int, weight: int = 400) -> float:
        """How wide `text` would be."""
        parts = _runs(text)
        return sum(self._font(script, size, weight).getlength(part) for script, part in parts) / self._scale

    def _cut(self, text: str, size: int, weight: int, room: float) -> str:
        if self.width(text, size, weight) <= room:
            return text
        kept = text
        while kept and self.width(f"{kept}…", size, weight) > room:
            kept = kept[:-1]
        return f"{kept.rstrip()}…"

    def _font(self, script: str, size: int, weight: int) -> ImageFont.FreeTypeFont:
        key = (script, size, weight)
        if key not in self._fonts:
            file = _STATIC / f"inter-{script}-wght-normal.woff2"
            font = ImageFont.truetype(file, size * self._scale)
            font.set_variation_by_axes([weight])
            self._fonts[key] = font
        return self._fonts[key]


def _runs(text: str) -> list[tuple[str, str]]:
    """Script and text of each stretch of one script."""
    return [(script, "".join(part)) for script, part in groupby(text, _script)]


def _script(letter: str) -> str:
    code = ord(letter)
    for script, ranges in _SCRIPTS.items():
        if any(low <= code <= high for low, high in ranges):
            return script
    return "latin"
