"""What to play next: tracks, a playlist for an hour of the day, podcasts."""

from __future__ import annotations

import polars as pl

from streamlit_app.snapshot import Snapshot


def picks(snapshot: Snapshot, user_id: str) -> pl.DataFrame:
    """rank, track_key, track_title, artist_name, reason, because_track_key, because_track_title, score."""
    return snapshot.frame(
        """select "rank", track_key, track_title, artist_name, reason, because_track_key,
               because_track_title, score
           from gold.recommendations where user_id = $user_id order by "rank" """,
        user_id=user_id,
    )


def hours(snapshot: Snapshot, user_id: str) -> list[int]:
    """The first hours (UTC) of the blocks of the day for which the user has a playlist."""
    found = snapshot.frame(
        "select distinct day_hour from gold.hour_playlists where user_id = $user_id order by day_hour",
        user_id=user_id,
    )
    return found["day_hour"].to_list()


def playlist(snapshot: Snapshot, user_id: str, hour: int) -> pl.DataFrame:
    """rank, track_title, artist_name, reason, hour_streams, is_pick of the block that begins at `hour`."""
    return snapshot.frame(
        """select "rank", track_title, artist_name, reason, hour_streams, is_pick
           from gold.hour_playlists where user_id = $user_id and day_hour = $hour order by "rank" """,
        user_id=user_id,
        hour=hour,
    )


def episodes(snapshot: Snapshot, user_id: str) -> pl.DataFrame:
    """rank, episode_title, podcast_title (their ids where no file named them), reason, best first."""
    return snapshot.frame(
        """select "rank", coalesce(episode_title, episode_id) as episode_title,
               coalesce(podcast_title, podcast_id) as podcast_title, reason
           from gold.podcast_recommendations where user_id = $user_id order by "rank" """,
        user_id=user_id,
    )
