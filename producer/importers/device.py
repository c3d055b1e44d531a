"""Platform strings → a family of devices, so that no model, version or agent string leaves the file."""

from __future__ import annotations

from functools import lru_cache

# Ordered: the first family whose mark occurs wins ("android_tv" is a TV, "web_player windows" a browser).
_FAMILIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("car", ("android_auto", "carplay", "car_thing", "tesla", "automotive")),
    ("tv", ("_tv", "tvos", "apple tv", "android tv", "smart tv", "tizen", "webos", "roku", "fire_tv")),
    ("console", ("playstation", "ps3", "ps4", "ps5", "xbox")),
    ("cast", ("cast", "partner google")),
    ("speaker", ("sonos", "alexa", "amazon", "echo", "homepod", "speaker", "bose", "denon")),
    ("web", ("web", "browser")),
    ("ios", ("ios", "iphone", "ipad", "ipod")),
    ("android", ("android",)),
    ("macos", ("os x", "osx", "macos", "mac os")),
    ("windows", ("windows",)),
    ("linux", ("linux", "ubuntu")),
)


@lru_cache(maxsize=1024)
def parse_device(platform: str) -> str | None:
    """The family of a platform string: `other` where it names none we know, None where it is empty."""
    text = platform.strip().lower()
    if not text:
        return None
    for family, marks in _FAMILIES:
        if any(mark in text for mark in marks):
            return family
    return "other"
