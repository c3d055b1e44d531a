"""The APIs that are known, a module each, with `streams(settings, today, pause)`."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from importlib import import_module

from producer.pulls.document import Stream
from producer.pulls.settings import PullSettings

# Platform → the setting that lets it be pulled.
PLATFORMS = {
    "meta_ads": "BACKBEAT_META_ADS_TOKEN",
    "youtube": "BACKBEAT_YOUTUBE_REFRESH_TOKEN",
    "mailchimp": "BACKBEAT_MAILCHIMP_KEY",
    "tiktok": "BACKBEAT_TIKTOK_TOKEN",
    "spotify": "BACKBEAT_SPOTIFY_CLIENT_SECRET",
}


def streams_of(
    name: str, settings: PullSettings, today: date, pause: Callable[[float], object] = time.sleep
) -> list[Stream]:
    """The accounts of a platform, as they can be pulled `today`; none without its key."""
    if not settings.secret(PLATFORMS[name].removeprefix("BACKBEAT_").lower()):
        return []
    # dlt takes a second to import, and is not needed to say that nothing is set.
    module = import_module(f"{__name__}.{name}")
    found: list[Stream] = module.streams(settings, today, pause)
    return found
