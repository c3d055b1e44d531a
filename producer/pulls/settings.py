"""What pulling reads from its environment: how far back, how patiently, and for each API who asks."""

from __future__ import annotations

from pydantic import Field, SecretStr

from producer.importers.settings import ImportSettings
from producer.pollers.settings import SpotifySettings


class PullSettings(SpotifySettings, ImportSettings):
    """`backbeat pull`. An API whose key is empty is not pulled; a key may lie in a file, as any secret."""

    pull_first_days: int = Field(
        90, ge=1, le=3_650, description="How many days back the first pull of an account begins."
    )
    pull_look_back_days: int = Field(
        28,
        ge=3,  # as late as YouTube tells its days
        le=365,
        description="How many days behind the last pull to ask again: platforms tell late, and correct.",
    )
    pull_attempts: int = Field(6, ge=1, description="How often a request is made before it counts as failed.")
    pull_backoff_s: float = Field(
        1, gt=0, description="How long to wait before the second attempt; twice as long before each further."
    )
    pull_longest_wait_s: float = Field(
        300, ge=1, description="The longest wait that a platform may ask for; one for more ends the pull."
    )
    pull_pause_s: float = Field(
        60, ge=0, description="How long to rest where a platform says that its limit is nearly reached."
    )
    pull_timeout_s: float = Field(60, gt=0, description="How long one request may take.")

    meta_ads_token: SecretStr = Field(
        SecretStr(""), description="Meta Ads: access token of a system user, with ads_read."
    )
    meta_ads_accounts: str = Field("", description="Ad accounts, comma-separated: act_123,act_456.")
    meta_ads_url: str = Field(
        "https://graph.facebook.com/v25.0", description="Meta's Graph API, with its version."
    )

    youtube_client_id: str = Field("", description="YouTube Analytics: OAuth client of your Google project.")
    youtube_client_secret: SecretStr = Field(SecretStr(""), description="Its secret.")
    youtube_refresh_token: SecretStr = Field(
        SecretStr(""), description="The channel's consent to it, with yt-analytics.readonly."
    )
    youtube_channel: str = Field("MINE", description="The channel's id, or MINE: of whoever consented.")
    youtube_url: str = Field(
        "https://youtubeanalytics.googleapis.com/v2", description="The YouTube Analytics API."
    )
    youtube_token_url: str = Field("https://oauth2.googleapis.com", description="Google's log-in.")

    mailchimp_key: SecretStr = Field(SecretStr(""), description="Mailchimp: API key, as …-us6.")
    mailchimp_url: str = Field(
        "", description="Mailchimp's Marketing API; empty: that of the data centre the key ends with."
    )

    tiktok_token: SecretStr = Field(SecretStr(""), description="TikTok: access token of the Business API.")
    tiktok_advertisers: str = Field("", description="Advertiser ids, comma-separated.")
    tiktok_url: str = Field(
        "https://business-api.tiktok.com/open_api/v1.3",
        description="TikTok's Business API, with its version.",
    )

    spotify_client_secret: SecretStr = Field(
        SecretStr(""), description="Secret of the app BACKBEAT_SPOTIFY_CLIENT_ID; `backbeat pull` needs it."
    )
    spotify_artists: str = Field("", description="Spotify's ids of your artists, comma-separated.")

    def secret(self, name: str) -> str:
        """The secret `name`; empty where there is none."""
        given: SecretStr = getattr(self, name)
        return given.get_secret_value()


def listed(text: str) -> list[str]:
    """What a comma-separated setting names, each once."""
    return list(dict.fromkeys(part for part in (part.strip() for part in text.split(",")) if part))
