"""What polling Spotify reads from its environment."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from contracts.settings import Settings


class SpotifySettings(Settings):
    """Where Spotify is, as which app we ask, and what is kept between two runs."""

    spotify_client_id: str = Field(
        "", description="Client id of your app at developer.spotify.com; `backbeat poll login` needs it."
    )
    spotify_redirect_port: int = Field(
        8888,
        ge=1,
        le=65_535,
        description="Log-in: the app's redirect URI is http://127.0.0.1:<this>/callback.",
    )
    spotify_user: str = Field(
        "", description="Whose plays they are, as with `backbeat import --user`; empty: 'me'."
    )
    spotify_interval_s: float = Field(
        60, gt=0, description="How often to ask for what was played; Spotify lists the last 50 plays."
    )
    spotify_now_s: float = Field(
        15, ge=0, description="How often to ask for what is playing, for the live page; 0: never."
    )
    spotify_overlap_s: float = Field(
        7_200, ge=0, description="How far behind the newest play to ask again: Spotify lists some plays late."
    )
    spotify_timeout_s: float = Field(10, gt=0, description="How long one request may take.")
    spotify_attempts: int = Field(
        6, ge=1, description="How often a request is made before it counts as failed."
    )
    spotify_token_file: Path = Field(
        Path("var/spotify.token.json"), description="Where the log-in is kept, readable for its owner only."
    )
    spotify_cursor_file: Path = Field(
        Path("var/spotify.cursor.json"), description="Where it is kept what has been published."
    )
    spotify_api_url: str = Field("https://api.spotify.com", description="Spotify's Web API.")
    spotify_accounts_url: str = Field("https://accounts.spotify.com", description="Spotify's log-in.")
