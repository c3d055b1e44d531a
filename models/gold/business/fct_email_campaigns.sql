with

silver_report_lines as (
    select * from {{ ref('silver_report_lines') }}
    where is_effective and subject = 'email' and campaign_id is not null
),

fct_email_campaigns as (
    select
        platform || '|' || campaign_id as email_key,
        platform,
        campaign_id,
        max(case when action = 'sent' then campaign_name end) as campaign_name,
        max(case when action = 'sent' then ad_name end) as subject_line,
        count(case when action = 'recipient' then 1 end) as recipients,
        count(case when action = 'open' then 1 end) as opens,
        count(distinct case when action = 'open' then member_key end) as openers,
        count(case when action = 'click' then 1 end) as clicks,
        count(distinct case when action = 'click' then member_key end) as clickers,
        count(case when action = 'bounce' then 1 end) as bounces,
        count(distinct case when action = 'unsubscribe' then member_key end) as unsubscribes,
        min(case when action = 'sent' then line_date end) as sent_date
    from silver_report_lines
    group by platform, campaign_id
)

select * from fct_email_campaigns
