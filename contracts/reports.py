"""The contract of a platform's reports: what lies in the lake of each report, and of each of its lines.

Reports (statements, dashboards' downloads) are files, not events: they are typed once, when they are
imported, and lie as Parquet under `landing/reports/` and `landing/report_lines/`, named by the SHA-256 of
the file that they are from. This is the only place where a column of theirs is spelled.
"""

from __future__ import annotations

import pyarrow as pa

# Statements have amounts with up to fifteen digits behind the point (a stream is worth a part of a cent).
MONEY = pa.decimal128(38, 18)
_STAMP = pa.timestamp("us", tz="UTC")

Fields = dict[str, tuple[pa.DataType, str]]

LINES = "report_lines"
REPORTS = "reports"

_LINE: Fields = {
    "line_id": (
        pa.string(),
        "Identity of a line: the first 16 digits of its report's, and its number there.",
    ),
    "report_id": (pa.string(), "SHA-256 of the report's bytes, whatever the file's name."),
    "line_number": (pa.int64(), "Where the line stands in its report: the number of its (last) row, from 1."),
    "line_hash": (pa.string(), "SHA-256 of the line as it stands in the report."),
    "platform": (pa.string(), "Who made the report (distrokid, bandcamp, meta_ads …)."),
    "report_kind": (pa.string(), "Which of the platform's reports it is: the kind that an import tells."),
    "subject": (pa.string(), "What a line is about: royalties, streams, ads, social or email."),
    "statement_key": (pa.string(), "What a later report of the same kind replaces as a whole: a period."),
    "errors": (pa.string(), "Why a line was refused, its reasons comma-joined; null where it was not."),
    "currency": (pa.string(), "Currency of the amounts (ISO 4217)."),
    "paid_month": (pa.date32(), "First day of the month in which the money came: the cash month."),
    "sold_month": (pa.date32(), "First day of the month in which it was earned: the accrual month."),
    "line_date": (pa.date32(), "Day that the line is about; null where the report tells only months."),
    "store": (pa.string(), "Where it was played or sold, as the report spells it."),
    "country_told": (
        pa.string(),
        "Country as the report tells it: an ISO code where it is one, else its words.",
    ),
    "artist_name": (pa.string(), "Artist as the report spells it."),
    "track_title": (pa.string(), "Track as the report spells it."),
    "release_title": (pa.string(), "Release as the report spells it."),
    "isrc": (pa.string(), "ISRC as the report spells it."),
    "upc": (pa.string(), "UPC or EAN of the release as the report spells it."),
    "item_id": (pa.string(), "The platform's own id of the track, video, episode, product or ad."),
    "catalog_number": (pa.string(), "Catalogue number or SKU as the report spells it."),
    "sale_type": (pa.string(), "Stream, download, album, reversal …, as the report spells it."),
    "campaign_id": (pa.string(), "The platform's own id of a campaign, or of its ad where it tells no more."),
    "campaign_name": (pa.string(), "Name of a campaign."),
    "ad_name": (pa.string(), "Name of an ad."),
    "member_key": (pa.string(), "Keyed hash of who received an e-mail."),
    "action": (
        pa.string(),
        "What happened to an e-mail: sent, recipient, open, click, bounce or unsubscribe.",
    ),
    "share_percent": (MONEY, "Share of the money that the artist is paid, in percent."),
    "quantity": (pa.int64(), "How many were played or sold; negative where they were taken back."),
    "gross_amount": (MONEY, "Money before the platform's or distributor's fees."),
    "fee_amount": (MONEY, "Fees taken off the gross amount."),
    "net_amount": (MONEY, "Money that the artist is paid; for ads, what was spent."),
    "streams": (pa.int64(), "Streams."),
    "listeners": (pa.int64(), "Listeners, as the platform tells them apart."),
    "saves": (pa.int64(), "Saves to a library."),
    "playlist_adds": (pa.int64(), "Additions to playlists."),
    "followers": (pa.int64(), "Followers at the end of the day."),
    "views": (pa.int64(), "Views of videos or pages."),
    "watch_minutes": (MONEY, "Minutes watched or, of a podcast, listened to."),
    "impressions": (pa.int64(), "Times that something was shown."),
    "reach": (pa.int64(), "People to whom it was shown."),
    "clicks": (pa.int64(), "Clicks."),
    "results": (pa.int64(), "What the campaign was for, as often as it happened."),
    "likes": (pa.int64(), "Likes."),
    "comments": (pa.int64(), "Comments."),
    "shares": (pa.int64(), "Shares."),
    "profile_views": (pa.int64(), "Views of the profile."),
    "subscribers_gained": (pa.int64(), "Subscribers that came."),
    "subscribers_lost": (pa.int64(), "Subscribers that went."),
    "chart_rank": (pa.int64(), "Place on the platform's own chart."),
}

_REPORT: Fields = {
    "report_id": _LINE["report_id"],
    "platform": _LINE["platform"],
    "report_kind": _LINE["report_kind"],
    "subject": _LINE["subject"],
    "file_name": (pa.string(), "Name of the file, without its folder."),
    "encoding": (pa.string(), "Encoding that the file was read in."),
    "measure": (pa.string(), "Column of the lines that the report is summed by."),
    "rows_in": (pa.int64(), "Lines of the report, without its head and its totals."),
    "accepted": (pa.int64(), "Lines that were understood."),
    "rejected": (pa.int64(), "Lines that were refused: rows_in = accepted + rejected."),
    "measure_total": (MONEY, "Sum of the measure over the accepted lines."),
    "stated_total": (MONEY, "The report's own total of it; null where it tells none."),
    "imported_at": (_STAMP, "When it was imported (UTC); of two reports of one period the later one counts."),
}

TABLES: dict[str, tuple[Fields, str]] = {
    REPORTS: (_REPORT, "One row per platform's report that was imported."),
    LINES: (_LINE, "One row per line of a report."),
}


def report_schema(table: str) -> pa.Schema:
    """The Arrow schema of the Parquet files of `reports` or `report_lines`."""
    return pa.schema([pa.field(name, kind) for name, (kind, _) in TABLES[table][0].items()])
