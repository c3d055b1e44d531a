"""The picture: 1080 × 1350, the portrait format that the social networks show whole."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw

from streamlit_app import numbers
from streamlit_app.palette import ACCENT, GROUND, MUTED, TEXT
from streamlit_app.poster.lettering import Lettering
from streamlit_app.queries.year import Year

WIDTH, HEIGHT, EDGE = 1080, 1350, 72
_SCALE = 2  # drawn twice as large: Pillow's shapes have no soft edges of their own
_DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
_GLOWS = (
    ("#b93f72", 1180, (560, -520), 0.55),
    ("#6b2a78", 1500, (-820, 420), 0.60),
    ("#ee7a4b", 760, (820, -330), 0.50),
)
_FAINT = "#2a2438"


def picture(year: Year) -> bytes:
    """The year as a PNG. It names no listener: who shares it decides that."""
    image = _ground()
    draw = ImageDraw.Draw(image)
    letters = Lettering(draw, _SCALE)
    _head(draw, letters, year)
    _figures(letters, year)
    _lists(letters, year)
    _months(draw, letters, year)
    _foot(letters, year)
    small = image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    file = BytesIO()
    small.save(file, "PNG", optimize=True)
    return file.getvalue()


def _ground() -> Image.Image:
    """Near black, with three soft lights."""
    image = Image.new("RGB", (WIDTH * _SCALE, HEIGHT * _SCALE), GROUND)
    fade = Image.eval(Image.radial_gradient("L"), lambda far: max(0, 255 - round(far * 1.42)))
    for colour, size, (x, y), strength in _GLOWS:
        length = size * _SCALE
        light = fade.resize((length, length), Image.Resampling.BICUBIC).point(
            lambda v, s=strength: int((v / 255) ** 2 * 255 * s)
        )
        image.paste(Image.new("RGB", light.size, colour), (x * _SCALE, y * _SCALE), light)
    return image


def _head(draw: ImageDraw.ImageDraw, letters: Lettering, year: Year) -> None:
    """The mark, and the one number that matters most."""
    for place, height in enumerate((18, 38, 54, 30)):
        x = EDGE + place * 13
        box = [x, 96 - height / 2, x + 7, 96 + height / 2]
        draw.rounded_rectangle([side * _SCALE for side in box], 3.5 * _SCALE, fill=ACCENT)
    letters.write((EDGE + 68, 107), "backbeat", 32, TEXT, weight=700)
    letters.write((WIDTH - EDGE, 107), f"{year.year} in review", 30, "#e8dff5", weight=500, anchor="rs")
    main, unit = (
        (f"{year.plays:,}", "plays") if year.hours is None else (f"{year.hours:,.0f}", "hours of music")
    )
    letters.write((EDGE - 8, 330), main, 230 if len(main) < 6 else 190, TEXT, weight=800)
    letters.write((EDGE, 392), unit, 42, "#ffd9a8", weight=600)


def _figures(letters: Lettering, year: Year) -> None:
    """Four smaller numbers in a row."""
    shown = [
        (numbers.compact(year.plays), "plays"),
        (numbers.compact(year.artists_heard), "artists"),
        (numbers.compact(year.new_artists), "heard for the first time"),
        (f"{year.streak}", "days in a row" if year.streak != 1 else "day in a row"),
    ]
    places = (EDGE, 292, 512, 832)
    for x, (number, name) in zip(places, shown, strict=True):
        letters.write((x, 496), number, 50, TEXT, weight=700)
        letters.write((x, 534), name, 24, "#c9c3d6", weight=450)


def _lists(letters: Lettering, year: Year) -> None:
    """The five artists and the five tracks, side by side."""
    left, right, room = EDGE, 560, 388.0
    letters.write((left, 640), "Top artists", 28, ACCENT, weight=650)
    letters.write((right, 640), "Top tracks", 28, ACCENT, weight=650)
    for place, (name, plays) in enumerate(year.artists):
        y = 702 + place * 80
        letters.write((left, y + 12), str(place + 1), 44, ACCENT if place == 0 else "#7d7590", weight=800)
        letters.write((left + 52, y), name, 31, TEXT, weight=650, room=room)
        letters.write((left + 52, y + 32), f"{plays:,} plays", 22, MUTED)
    for place, (title, artist, plays) in enumerate(year.tracks):
        y = 702 + place * 80
        letters.write((right, y + 12), str(place + 1), 44, ACCENT if place == 0 else "#7d7590", weight=800)
        letters.write((right + 52, y), title, 31, TEXT, weight=650, room=room)
        letters.write((right + 52, y + 32), f"{artist} · {plays:,}", 22, MUTED, room=room)


def _months(draw: ImageDraw.ImageDraw, letters: Lettering, year: Year) -> None:
    """A column per month; the fullest stands out."""
    most, step = max(year.months), (WIDTH - 2 * EDGE) / 12
    for place, plays in enumerate(year.months):
        x, height = EDGE + place * step, max(6.0, 106 * plays / most)
        colour = ACCENT if plays == most else "#8a5a86" if plays else _FAINT
        box = [x, 1226 - height, x + step - 14, 1226]
        draw.rounded_rectangle([side * _SCALE for side in box], 5 * _SCALE, fill=colour)
        letters.write(
            (x + (step - 14) / 2, 1254), "JFMAMJJASOND"[place], 20, "#c9c3d6", weight=500, anchor="ms"
        )


def _foot(letters: Lettering, year: Year) -> None:
    """When it was busiest."""
    busiest = f"Busiest day: {year.busiest.day} {year.busiest:%B}, {year.busiest_plays:,} plays"
    habit = f"Mostly {_DAYS[year.weekday - 1]}, around {year.hour:02}:00 UTC"
    letters.write((EDGE, 1308), busiest, 23, "#d9d3e4", weight=500)
    letters.write((WIDTH - EDGE, 1308), habit, 23, "#d9d3e4", weight=500, anchor="rs")
