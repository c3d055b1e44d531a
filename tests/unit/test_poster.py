"""The picture of a year: whole whatever the year, and every script of the app's fonts is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from PIL import Image, ImageDraw

from streamlit_app.poster import picture
from streamlit_app.poster.lettering import Lettering
from streamlit_app.queries.year import Year
from streamlit_app.review import words

YEAR = Year(
    year=2026,
    plays=3_084,
    hours=161.2,
    tracks_heard=958,
    artists_heard=357,
    new_artists=120,
    artists=tuple((f"Artist {n}", 90 - n) for n in range(5)),
    tracks=tuple(
        (f"A title that is much too long for the room there is {n}", f"Artist {n}", 9) for n in range(5)
    ),
    months=(0, 3, 9, 1, 0, 0, 0, 12, 40, 80, 44, 2),
    streak=13,
    busiest=date(2026, 11, 14),
    busiest_plays=160,
    hour=19,
    weekday=6,
)


@pytest.mark.parametrize(
    "year",
    [
        YEAR,
        replace(YEAR, hours=None, plays=12_345_678),
        replace(YEAR, artists=(("Мумий Тролль", 1),), tracks=(("Ζορμπάς", "Żółw", 1),), plays=1, streak=1),
        replace(YEAR, artists=(), tracks=()),
    ],
    ids=["whole", "without times", "one play", "nothing named"],
)
def test_a_year_is_a_picture_of_one_size(year: Year) -> None:
    image = Image.open(BytesIO(picture(year)))
    assert (image.format, image.size) == ("PNG", (1080, 1350))
    colours = image.convert("RGB").getcolors(maxcolors=1 << 24)
    assert colours is not None
    assert len(colours) > 1_000


def test_text_is_cut_to_the_room_there_is() -> None:
    letters = Lettering(ImageDraw.Draw(Image.new("RGB", (400, 100))), 1)
    image = Image.new("RGB", (400, 100))
    Lettering(ImageDraw.Draw(image), 1).write((10, 60), "An endless title of a song", 30, "white", room=200)
    box = image.getbbox()
    assert box is not None
    assert 150 < box[2] <= 10 + 200 + 1
    assert letters.width("An endless title of a song", 30) > 200


@pytest.mark.parametrize("text", ["Ä", "Ж", "Ω", "ő"])
def test_a_letter_of_each_script_has_a_shape_of_its_own(text: str) -> None:
    def drawn(letters: str) -> bytes:
        image = Image.new("RGB", (80, 80))
        Lettering(ImageDraw.Draw(image), 1).write((10, 60), letters, 40, "white")
        return image.tobytes()

    assert drawn(text) not in {drawn("\ue000"), drawn(""), drawn("?")}


def test_the_words_say_what_the_picture_says() -> None:
    assert words(YEAR).startswith("2026 in review: 161 hours, 3,084 plays. Top artists: Artist 0, Artist 1")
    assert "hours" not in words(replace(YEAR, hours=None)).split(".")[0]
