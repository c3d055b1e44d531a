"""Reports that others made, where they are at hand: exact counts and sums, and twice without change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.importing import Import, MemoryStore

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("BACKBEAT_DATA", ROOT / "../shared/data"))

PADPIDA = "ddex_dsr_testdata/DSR_PADPIDA2014999999Z_PADPIDA2014111801Y"

# File → kind, rows in, rejected, sum of its measure; the sums were taken from the files by other means.
EXPECTED: dict[str, tuple[str, int, dict[str, int], str]] = {
    "royalty_reports/clicknclear_TEST_RIGHTSHOLDER_STANDARD_Q1_2023.csv": (
        "clicknclear_statement",
        4,
        {},
        "21.8748",
    ),
    "royalty_reports/royaltyapp/bandcamp_income_bandcamp.csv": (
        "bandcamp_sales",
        16,
        {"payout": 6},
        "108.29",
    ),
    "royalty_reports/royaltyapp/bandcamp_income_matching_errors.csv": (
        "bandcamp_sales",
        14,
        {"payout": 6},
        "88.57",
    ),
    "royalty_reports/royaltyapp/bandcamp_income_returns.csv": ("bandcamp_sales", 22, {}, "-53.87"),
    "royalty_reports/royaltyapp/bandcamp_one_album_one_artist_refunds.csv": (
        "bandcamp_sales",
        44,
        {"payout": 6},
        "289.3",
    ),
    "royalty_reports/royaltyapp/master.csv": ("sync_licences", 1, {}, "1500"),
    "royalty_reports/royaltyapp/sddigital.csv": ("label_digital", 5, {}, "0.07653940313805"),
    "royalty_reports/royaltyapp/sdphysical.csv": ("label_physical", 3, {}, "30"),
    "royalty_reports/royaltyapp/shopify.csv": ("shopify_sales", 5, {}, "90"),
    "marketing_seeds/facebook_ads/facebook_ads_basic_ad_action_values_data.csv": (
        "meta_ads_by_action",
        10,
        {},
        "330302.2",
    ),
    "marketing_seeds/facebook_ads/facebook_ads_basic_ad_actions_data.csv": (
        "meta_ads_by_action",
        10,
        {},
        "22",
    ),
    "marketing_seeds/facebook_ads/facebook_ads_basic_ad_data.csv": ("meta_ads_days", 10, {}, "643.63"),
    "marketing_seeds/facebook_ads/facebook_ads_demographics_country_actions_data.csv": (
        "meta_ads_by_action",
        10,
        {},
        "2335",
    ),
    "marketing_seeds/facebook_ads/facebook_ads_demographics_country_data.csv": (
        "meta_ads_by_country",
        10,
        {},
        "489.97",
    ),
    "marketing_seeds/facebook_ads/facebook_ads_demographics_region_actions_data.csv": (
        "meta_ads_by_action",
        10,
        {},
        "1875",
    ),
    "marketing_seeds/facebook_ads/facebook_ads_demographics_region_data.csv": (
        "meta_ads_by_region",
        10,
        {},
        "462.75",
    ),
    "marketing_seeds/mailchimp/automation_email.csv": ("mailchimp_automations", 2, {}, "2"),
    "marketing_seeds/mailchimp/automation_recipient.csv": ("mailchimp_recipients", 3, {}, "3"),
    "marketing_seeds/mailchimp/automation_recipient_activity.csv": ("mailchimp_activity", 8, {}, "8"),
    "marketing_seeds/mailchimp/campaign.csv": ("mailchimp_campaigns", 1, {}, "1"),
    "marketing_seeds/mailchimp/campaign_recipient.csv": ("mailchimp_recipients", 10, {}, "10"),
    "marketing_seeds/mailchimp/campaign_recipient_activity.csv": ("mailchimp_activity", 17, {}, "17"),
    "marketing_seeds/mailchimp/unsubscribe.csv": ("mailchimp_unsubscribes", 1, {}, "1"),
    "marketing_seeds/youtube_analytics/youtube_channel_basic_data.csv": ("youtube_days", 1000, {}, "1843"),
    f"{PADPIDA}_AdSupport_2015-02_AU_1of1_20140617T092522.tsv": (
        "ddex_dsr_summary",
        1,
        {},
        "108552",
    ),
    f"{PADPIDA}_AdSupport_2015-02_AU_1of1_20150723T092522.tsv": (
        "ddex_dsr_summary",
        1,
        {},
        "108552",
    ),
    f"{PADPIDA}_AdSupport_2015-02_AU_1of2_20150723T092522.tsv": (
        "ddex_dsr_summary",
        1,
        {},
        "108552",
    ),
    f"{PADPIDA}_AdSupport_2015-02_AU_2of2_20150723T092522.tsv": (
        "ddex_dsr_summary",
        1,
        {},
        "108552",
    ),
    "ddex_dsr_testdata/DSR_TEST2_YouTube_AdSupport-music_2015-Q4_IS_1of1_20160121T150926.tsv": (
        "ddex_dsr_usage",
        6,
        {},
        "7",
    ),
    "ddex_dsr_testdata/DSR_TEST_YouTube_AdSupport-music_2015-Q4_IS_1of1_20160121T150926.tsv": (
        "ddex_dsr_usage",
        6,
        {},
        "7",
    ),
    "ddex_dsr_testdata/test_file_parser.tsv": ("ddex_dsr_summary", 1, {}, "108552"),
    "ddex_dsr_testdata/test_file_parser.tsv.gz": ("ddex_dsr_summary", 1, {}, "108552"),
    "openpodcast_fixtures/anchorEpisodePlays.json": ("anchor_plays", 14, {}, "112"),
    "openpodcast_fixtures/anchorPlays.json": ("anchor_plays", 4, {}, "43"),
    "openpodcast_fixtures/anchorPlaysByEpisode.json": ("anchor_plays_by_episode", 12, {}, "25"),
    # Who ever followed less who ever stopped: three days of 117 - 11, five of 119 - 11: its own totals.
    "openpodcast_fixtures/appleTrendsFollowers.json": ("apple_podcast_followers", 8, {}, "858"),
    "openpodcast_fixtures/appleTrendsFollowersEmpty.json": ("apple_podcast_followers", 2, {}, "0"),
    # Its own totals of the week: 130 plays, 200,627 seconds.
    "openpodcast_fixtures/appleTrendsListenersByEpisode.json": ("apple_podcast_plays", 7, {}, "130"),
    "openpodcast_fixtures/appleTrendsListeningTimeFollowerState.json": (
        "apple_podcast_listening_time",
        7,
        {},
        "3343.783333333333333402",
    ),
    "openpodcast_fixtures/appleTrendsListeningTimeFollowerStateSparse.json": (
        "apple_podcast_listening_time",
        0,
        {},
        "0",
    ),
    "openpodcast_fixtures/spotifyEpisodeDetailedStreams.json": ("spotify_podcast_streams", 7, {}, "133"),
    "openpodcast_fixtures/spotifyEpisodeListeners.json": ("spotify_podcast_listeners", 2, {}, "42"),
    "openpodcast_fixtures/spotifyImpressionsDaily.json": ("spotify_podcast_impressions", 15, {}, "22781"),
    "openpodcast_fixtures/spotifyImpressionsDailyPayload.json": (
        "spotify_podcast_impressions_api",
        15,
        {},
        "22781",
    ),
    "openpodcast_fixtures/spotifyPodcastDetailedStreams.json": ("spotify_podcast_streams", 7, {}, "133"),
    "openpodcast_fixtures/spotifyPodcastFollowers.json": ("spotify_podcast_followers", 7, {}, "1688"),
    "openpodcast_fixtures/spotifyPodcastListeners.json": ("spotify_podcast_listeners", 2, {}, "42"),
}

files = pytest.mark.parametrize("name", [name for name in EXPECTED if (DATA / name).is_file()])


@files
def test_a_report_imports_exactly_and_twice_without_change(name: str) -> None:
    store = MemoryStore()
    run = Import(store, DATA / name)
    (report,) = run.batch.reports
    kind, rows_in, by_reason, total = EXPECTED[name]
    assert (report.kind, report.rows_in, dict(report.by_reason)) == (kind, rows_in, by_reason)
    assert report.measure_total == total
    assert report.stated_total in {None, total}
    before = dict(store)
    assert Import(store, DATA / name).counts() == (0, 0, 0)
    assert store == before


def test_every_country_of_the_charts() -> None:
    folder = DATA / "spotify_charts_65_countries_2021_04"
    if not folder.is_dir():
        return
    run = Import(MemoryStore(), folder)
    assert len(run.batch.reports) == 66
    assert run.counts()[2] == 0
    assert run.counts()[0] == 12_332 + 50
    empty = [report.path for report in run.batch.reports if report.measure_total == "0"]
    assert [Path(path).name for path in empty] == ["viral-us-daily-2021-04-10.csv"]
