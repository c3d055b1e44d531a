"""What was advertised, mailed and followed. Spending is money; e-mail and social are not."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from streamlit_app.snapshot import Snapshot


def advertised(snapshot: Snapshot) -> pl.DataFrame:
    """One row per campaign, newest first, as gold has it."""
    return snapshot.frame(
        """select coalesce(campaign_name, campaign_key) as campaign, platform, first_date, last_date,
               impressions, clicks, click_through_rate, spend_converted, cost_per_click, cost_per_mille,
               window_new_listeners, cost_per_new_listener, window_streams, return_amount, return_on_spend,
               results
           from gold.campaign_performance order by last_date desc, campaign"""
    )


def spending(snapshot: Snapshot) -> Mapping[str, object]:
    """campaigns, spend, impressions, clicks, new_listeners and earned of all windows, currency.

    Windows of campaigns that overlap share their listeners, who are here once for each.
    """
    return snapshot.row(
        """select count(*) as campaigns, sum(spend_converted)::decimal(28, 6) as spend,
               sum(impressions)::bigint as impressions, sum(clicks)::bigint as clicks,
               sum(window_new_listeners)::bigint as new_listeners,
               sum(return_amount)::decimal(28, 6) as earned,
               (select max(report_currency) from gold.dim_kpis) as currency
           from gold.campaign_performance"""
    )


def daily_spend(snapshot: Snapshot) -> pl.DataFrame:
    """start, finish (of the day), spend, clicks, impressions: days with ads."""
    return snapshot.frame(
        """select line_date::timestamp as start, line_date + interval 1 day as finish,
               sum(spend_converted)::decimal(28, 6) as spend, sum(clicks)::bigint as clicks,
               sum(impressions)::bigint as impressions
           from gold.fct_ad_performance where not is_breakdown and line_date is not null
           group by line_date order by start"""
    )


def mailed(snapshot: Snapshot) -> pl.DataFrame:
    """One row per e-mail campaign, newest first, with its rates (of recipients)."""
    return snapshot.frame(
        """select coalesce(subject_line, campaign_name, campaign_id) as subject_line, campaign_name,
               sent_date, recipients, openers, clickers, bounces, unsubscribes,
               openers / nullif(recipients, 0) as open_rate,
               clickers / nullif(recipients, 0) as click_rate, bounces / nullif(recipients, 0) as bounce_rate,
               unsubscribes / nullif(recipients, 0) as leave_rate, platform
           from gold.fct_email_campaigns order by sent_date desc nulls last, subject_line"""
    )


def followed(snapshot: Snapshot) -> pl.DataFrame:
    """bucket (day), platform, followers, views, reactions per platform, oldest first."""
    return snapshot.frame(
        """select line_date::timestamp as bucket, platform, sum(followers)::bigint as followers,
               sum(views)::bigint as views,
               sum(coalesce(likes, 0) + coalesce(comments, 0) + coalesce(shares, 0))::bigint as reactions
           from gold.fct_social_daily where line_date is not null group by all order by bucket, platform"""
    )


def watched(snapshot: Snapshot, most: int = 200) -> pl.DataFrame:
    """One row per video or show, most viewed first: views, likes, comments, shares, minutes watched."""
    return snapshot.frame(
        """select coalesce(max(track_title), item_id) as name, platform, sum(views)::bigint as views,
               sum(likes)::bigint as likes, sum(comments)::bigint as comments, sum(shares)::bigint as shares,
               sum(watch_minutes)::double as minutes, min(line_date) as first_date,
               max(line_date) as last_date
           from gold.fct_social_daily where item_id is not null and views > 0
           group by platform, item_id order by views desc, name limit $most""",
        most=most,
    )
