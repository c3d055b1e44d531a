"""What a list of picks becomes when its listener skips one of them early."""

from __future__ import annotations

import polars as pl

LOWERED = 5
RULE = (
    "The skipped pick goes, for as long as a skip is remembered. "
    f"The others of its artist stand {LOWERED} places lower. "
    "Those that stand because of the same track lose that reason. "
    "It is a preview: the next build weighs everything anew, and fills the free place."
)


def skipped(picks: pl.DataFrame, track_key: str) -> pl.DataFrame:
    """`picks` as they would be without `track_key`: new `rank` and `reason`, `before` is the rank it had.

    `picks` has rank, track_key, artist_name, because_track_key, because_track_title, reason. All stay as they
    are when `track_key` is none of them.
    """
    gone = picks.filter(pl.col("track_key") == track_key)
    before = picks.with_columns(before=pl.col("rank"))
    if gone.is_empty():
        return before
    artist, because = gone["artist_name"][0], gone["because_track_key"][0]
    # A null equals nothing: picks without an artist or a track that speaks for them have nothing in common.
    is_of_artist = (pl.col("artist_name") == pl.lit(artist, pl.String)).fill_null(value=False)
    is_because = (pl.col("because_track_key") == pl.lit(because, pl.String)).fill_null(value=False)
    lost = pl.format("No longer because of {}", pl.col("because_track_title").fill_null("the same track"))
    return (
        before.filter(pl.col("track_key") != track_key)
        .with_columns(
            # Behind the one whose place it takes.
            place=pl.col("rank") + pl.when(is_of_artist).then(LOWERED + 0.5).otherwise(0.0),
            reason=pl.when(is_because).then(lost).otherwise(pl.col("reason")),
        )
        .sort("place", "rank")
        .drop("place")
        .with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
    )


def told(after: pl.DataFrame) -> pl.DataFrame:
    """`after` with each reason led by how far the pick moved; the one place that got free is none."""
    moved = pl.col("before") - pl.col("rank")
    arrow = (
        pl.when(moved > 1)
        .then(pl.format("▲ {} · ", moved))
        .when(moved < 0)
        .then(pl.format("▼ {} · ", -moved))
        .otherwise(pl.lit(""))
    )
    return after.with_columns(reason=pl.concat_str(arrow, pl.col("reason").fill_null("")))
