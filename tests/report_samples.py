"""A small artist's reports of some months, with what reconciliation has to find planted in them."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from consumer.store import store_for
from producer.importers.batch import Batch
from producer.importers.context import Context
from producer.importers.dropped_file import find
from producer.importers.pseudonym import Pseudonyms
from producer.importers.report import total

_BANK = (
    "Reporting Date\tSale Month\tStore\tArtist\tTitle\tISRC\tUPC\tQuantity\tTeam Percentage\tSong/Album\t"
    "Country of Sale\tSongwriter Royalties Withheld\tEarnings (USD)\n"
)
_TRACK = "Bånd\tSong One\tQZAAA2500001\t190000000011"

# Amounts are sums of powers of two: a reader that takes them for floats must still agree.
JANUARY = f"2025-03-10\t2025-01-01\tSpotify\t{_TRACK}\t1000\t100\tSong\tDE\t0\t3.5\n"
APRIL = f"2025-06-10\t2025-04-01\tSpotify\t{_TRACK}\t500\t100\tSong\tDE\t0\t1.75\n"
DOUBLE = f"2025-06-10\t2025-01-01\tSpotify\t{_TRACK}\t1000\t100\tSong\tDE\t0\t3.5\n"
HALVED = f"2025-05-10\t2025-03-01\tSpotify\t{_TRACK}\t800\t50\tSong\tDE\t0\t1.5\n"
UNKNOWN = "2025-06-10\t2025-04-01\tDeezer\tNobody\tUnheard\t\t\t10\t100\tSong\tAtlantis\t0\t0.25\n"
REFUSED = f"2025-06-10\tnever\tSpotify\t{_TRACK}\t500\t100\tSong\tDE\t0\t1.75\n"

REPORTS: dict[str, str] = {
    "bank.tsv": _BANK + JANUARY + HALVED + APRIL + DOUBLE + UNKNOWN + REFUSED,
    # Streams of three months; of February nothing was ever paid.
    "Song One-timeline.csv": "date,streams\n2025-01-15,1000\n2025-02-15,900\n2025-03-15,800\n",
    "audience.csv": "date,listeners,streams,followers\n2025-01-15,300,1000,50\n2025-01-16,10,20,52\n",
    "ads.csv": (
        "Reporting starts,Reporting ends,Campaign name,Ad name,Reach,Impressions,Link clicks,Results,"
        "Amount spent (EUR)\n"
        "2026-03-18,2026-03-18,Launch,Clip,500,1000,40,4,8.5\n"
        "2026-03-19,2026-03-19,Launch,Clip,300,600,20,1,4.25\n"
    ),
    "by_country.csv": (
        "account_id,country,date,frequency,impressions,inline_link_clicks,reach,spend\n"
        "17,US,2026-03-18,1.5,1000,40,500,8.5\n"
    ),
    "campaign.csv": (
        "id,send_time,status,subject_line,title,list_id,type\nc1,2026-03-18,sent,Out now,Launch,l,regular\n"
    ),
    "recipient.csv": "campaign_id,member_id,combination_id,list_id\n"
    + "".join(f"c1,m{number},,l\n" for number in range(8)),
    "activity.csv": (
        "action,campaign_id,member_id,timestamp,bounce_type,list_id,url\nopen,c1,m1,2026-03-18 10:00:00,,l,\n"
        "open,c1,m1,2026-03-18 11:00:00,,l,\nclick,c1,m1,2026-03-18 11:00:00,,l,x\n"
        "bounce,c1,m2,2026-03-18,hard,l,\n"
    ),
    "left.csv": "campaign_id,member_id,list_id,reason,timestamp\nc1,m3,l,,2026-03-19 10:00:00\n",
    # One catalogue number spelled three ways; a refund.
    "bandcamp.csv": (
        "date,paid to,item type,item name,artist,currency,quantity,sub total,transaction fee,"
        "bandcamp transaction id,net amount,sku,catalog number,upc,isrc,country,country code\n"
        "1/5/25 4:49am,Bandcamp,album,Record,Bånd,EUR,1,8,0.5,1,7.5,REC-01lp,R,190000000011,,Germany,DE\n"
        "1/6/25 4:49am,Bandcamp,album,Record,Bånd,EUR,1,8,0.5,2,7.5,REC01lp,R,,,Germany,DE\n"
        "1/7/25 4:49am,Bandcamp,reversal,Record,Bånd,EUR,-1,-8,-0.5,3,-7.5,rec-01-lp,R,,,Germany,DE\n"
    ),
    "linktree.json": (
        '{"data":{"getAccountAnalytics":{"overview":{"timeseries":[{"date":"2026-03-18","totalViews":40,'
        '"uniqueViews":30,"totalClicks":8}]}}}}'
    ),
}
# The bank again, later: the statement of June is corrected.
CORRECTED = _BANK + APRIL.replace("1.75", "2.25") + DOUBLE + UNKNOWN


def bring_in(lake: Path, folder: Path, reports: dict[str, str], at: datetime) -> tuple[int, int, int]:
    """Import `reports` (name → text) into a lake at a moment: rows in, accepted, rejected."""
    counts = []
    for number, (name, text) in enumerate(reports.items()):
        path = folder / name
        path.write_text(text, encoding="utf-8")
        files, _ = find([path])
        context = Context(Pseudonyms(b"key"), at + timedelta(seconds=number))
        batch = Batch(files, store_for(str(lake)), context)
        batch.land()
        batch.settle()
        whole = total(batch.reports)
        counts.append((whole.rows_in, whole.accepted, whole.rejected))
    rows_in, accepted, rejected = (sum(column) for column in zip(*counts, strict=True))
    return rows_in, accepted, rejected
