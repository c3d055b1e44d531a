"""What to play next."""

from __future__ import annotations

import polars as pl

from streamlit_app.snapshot import Snapshot


def picks(snapshot: Snapshot, user_id: str) -> pl.DataFrame:
    """rank, track_title, artist_name, reason, because_track_title, score, best first."""
    return snapshot.frame(
        """select "rank", track_title, artist_name, reason, because_track_title, score
           from gold.recommendations where user_id = $user_id order by "rank" """,
        user_id=user_id,
    )
