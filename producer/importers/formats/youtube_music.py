"""Google Takeout's `watch-history.json`: of all that was watched, what was watched in YouTube Music.

A row has the time it began and no length. The artist is the channel, "<artist> - Topic"; the title stands in
a sentence of the account's language. Of what is refused (YouTube's own videos) only the time is kept: which
videos somebody watched is nobody's business here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from producer.importers.context import Context
from producer.importers.converted import Fault
from producer.importers.fields import inner, moment, text
from producer.importers.format import Format
from producer.importers.history import History
from producer.importers.json_rows import json_array
from producer.importers.listen import Listen

SOURCE = "import.youtube_music"

_MUSIC = "YouTube Music"
_TOPIC = re.compile(r" [-–] (Topic|Thema|Tema|Thème|Argomento|Onderwerp|Temat|Тема|主题|トピック|주제)$")
# "Watched X" as accounts of other languages have it, in what stands before and behind.
_BEFORE = re.compile(
    r"^(Watched|Listened to|Vous avez (?:regardé|écouté)|Has? visto|Visto|Hai guardato|Você assistiu a|"
    r"Assistiu a|Viste|Obejrzano:?|Har (?:tittat på|set)|Du har sett|Просмотрено:?|Вы посмотрели видео|"
    r"İzlenen:?|Heeft gekeken naar)\s+"
)
_BEHIND = re.compile(r"\s*(angesehen|bekeken|izlendi|を視聴しました|을\(를\) 시청했습니다|を再生しました)$")
_VIDEO = re.compile(r"[?&]v=([\w-]{6,20})", re.ASCII)


def _listen(row: Mapping[str, object], faults: list[Fault], _context: Context) -> Listen:
    if row.get("header") != _MUSIC:
        faults.append(Fault("not_youtube_music", "header"))
        return Listen(at=text(row, "time"), started=moment(row.get("time"), []), artist="-", title="-")
    url = text(row, "titleUrl")
    video = _VIDEO.search(url or "")
    title = _title(text(row, "title"), url)
    channel = _channel(row)
    if title is None and channel is None:
        faults.append(Fault("no_content", "the song has been removed"))
    return Listen(
        at=text(row, "time"),
        started=moment(row.get("time"), faults),
        artist=_TOPIC.sub("", channel) if channel else None,
        title=title,
        track_id=f"youtube:{video[1]}" if video else None,
        facts=(video and video[1],),
    )


def _title(sentence: str | None, url: str | None) -> str | None:
    """The title in a sentence; None where only an address is left of it."""
    if sentence is None:
        return None
    title = _BEHIND.sub("", _BEFORE.sub("", sentence.strip())).strip(' „“”"«»')
    return None if not title or title == url or title.startswith("https://") else title


def _channel(row: Mapping[str, object]) -> str | None:
    subtitles = row.get("subtitles")
    first = subtitles[0] if isinstance(subtitles, list) and subtitles else None
    return text(inner({"first": first}, "first"), "name")


FORMAT = Format(
    kind="youtube_music",
    title="YouTube Music in Google Takeout",
    usually="takeout-<time>.zip, watch-history.json",
    fits=lambda head: head.first == "[" and head.keys >= {"header", "title", "time", "products"},
    read=json_array,
    convert=History(SOURCE, _listen),
)
