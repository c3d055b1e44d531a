"""What is played now and what rises, as HTML: lists that change every two seconds without a flicker."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from html import escape

from serving.live.document import Played, Riser
from streamlit_app import numbers


def feed(playing: Sequence[Played], at: datetime, names: Mapping[str, str], fresh: Collection[str]) -> str:
    """The plays, latest first; those of `fresh` (play ids) light up. `names`: country → its name."""
    items = "".join(_play(each, at, names, is_fresh=each.play_id in fresh) for each in playing)
    return f'<ol class="bb-feed" aria-label="Playing now, latest first">{items}</ol>'


def _play(play: Played, at: datetime, names: Mapping[str, str], *, is_fresh: bool) -> str:
    began, ends = moment(play.started_at), moment(play.ends_at)
    done = numbers.ratio((at - began).total_seconds(), (ends - began).total_seconds())
    country = names.get(play.country or "", play.country or "somewhere")
    where = " · ".join(filter(None, [country, play.device]))
    title, artist = escape(play.track_title), escape(play.artist_name)
    return (
        f'<li class="bb-play{" bb-fresh" if is_fresh else ""}" data-play="{escape(play.play_id)}">'
        f'<b title="{title}">{title}</b><span class="bb-where">{escape(where)}</span>'
        f"<span>{artist}</span><time>{_since(began, at)}</time>"
        f'<i style="width:{min(max(done, 0), 1):.1%}"></i></li>'
    )


def risers(tracks: Sequence[Riser]) -> str:
    """The rising tracks: rank, song, how many times as much as expected, and of how many listeners."""
    most = max((track.score for track in tracks), default=1.0)
    items = "".join(_riser(track, most) for track in tracks)
    return f'<ol class="bb-risers" aria-label="Rising now, steepest first">{items}</ol>'


def _riser(track: Riser, most: float) -> str:
    title, artist = escape(track.track_title), escape(track.artist_name)
    expected = numbers.tenth(track.expected) if track.expected < 10 else numbers.compact(track.expected)
    heard = f"{numbers.compact(track.listeners)} listeners, {expected} expected"
    return (
        f'<li><span class="bb-rank">{track.rank}</span>'
        f'<span class="bb-song"><b title="{title}">{title}</b><span>{artist}</span></span>'
        f'<span class="bb-rise"><b>▲ {numbers.tenth(track.score)}×</b><span>{heard}</span>'
        f'<i style="width:{track.score / most:.1%}"></i></span></li>'
    )


def moment(text: str) -> datetime:
    """A time as the live service writes it."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _since(began: datetime, at: datetime) -> str:
    seconds = max(int((at - began).total_seconds()), 0)
    return f"{seconds} s" if seconds < 60 else f"{seconds // 60}:{seconds % 60:02d} min"
