"""How platforms are called."""

PLATFORMS = {
    "tiktok": "TikTok",
    "youtube": "YouTube",
    "linktree": "Linktree",
    "spotify_for_artists": "Spotify",
    "soundcloud": "SoundCloud",
    "podcast_hosts": "Podcast hosts",
}
