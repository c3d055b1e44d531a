{#- What the two engines spell differently. The default is DuckDB's; the meaning is the same. -#}

{#- The text with the newest `moment`, of those that are not null; of several, the greatest: which of them comes
    first must not matter. DuckDB passes over null values by itself. -#}
{% macro value_at_last(value, moment) -%}
    {{ return(adapter.dispatch('value_at_last')(value, moment)) }}
{%- endmacro %}

{% macro default__value_at_last(value, moment) -%}
    max_by({{ value }}, row({{ moment }}, {{ value }}))
{%- endmacro %}

{% macro snowflake__value_at_last(value, moment) -%}
    max_by({{ value }}, {{ stamp_text(moment) }} || {{ value }})
{%- endmacro %}

{#- The text with the oldest `moment`, of those that are not null; of several, the least. -#}
{% macro value_at_first(value, moment) -%}
    {{ return(adapter.dispatch('value_at_first')(value, moment)) }}
{%- endmacro %}

{% macro default__value_at_first(value, moment) -%}
    min_by({{ value }}, row({{ moment }}, {{ value }}))
{%- endmacro %}

{% macro snowflake__value_at_first(value, moment) -%}
    min_by({{ value }}, {{ stamp_text(moment) }} || {{ value }})
{%- endmacro %}

{#- The last value of the window that is not null; `over (…)` follows. -#}
{% macro last_known(value) -%}
    {{ return(adapter.dispatch('last_known')(value)) }}
{%- endmacro %}

{% macro default__last_known(value) -%}
    last_value({{ value }} ignore nulls)
{%- endmacro %}

{% macro snowflake__last_known(value) -%}
    last_value({{ value }}) ignore nulls
{%- endmacro %}

{#- A time as text, to the second: DuckDB's cast adds a fraction where there is one, Snowflake's what the session says. -#}
{% macro time_text(moment) -%}
    {{ return(adapter.dispatch('time_text')(moment)) }}
{%- endmacro %}

{% macro default__time_text(moment) -%}
    strftime({{ moment }}, '%Y-%m-%d %H:%M:%S')
{%- endmacro %}

{% macro snowflake__time_text(moment) -%}
    to_char({{ moment }}, 'YYYY-MM-DD HH24:MI:SS')
{%- endmacro %}

{#- A stamp as text, to the microsecond: to be read back as the same stamp. -#}
{% macro stamp_text(moment) -%}
    {{ return(adapter.dispatch('stamp_text')(moment)) }}
{%- endmacro %}

{% macro default__stamp_text(moment) -%}
    cast({{ moment }} as varchar)
{%- endmacro %}

{% macro snowflake__stamp_text(moment) -%}
    to_char({{ moment }}, 'YYYY-MM-DD HH24:MI:SS.FF6')
{%- endmacro %}

{#- `value` without any match of a regular expression; DuckDB would take out the first alone. No backslashes: to
    Snowflake they begin an escape. -#}
{% macro every_match_removed(value, pattern) -%}
    {{ return(adapter.dispatch('every_match_removed')(value, pattern)) }}
{%- endmacro %}

{% macro default__every_match_removed(value, pattern) -%}
    {{ return("regexp_replace(" ~ value ~ ", '" ~ pattern ~ "', '', 'g')") }}
{%- endmacro %}

{% macro snowflake__every_match_removed(value, pattern) -%}
    {{ return("regexp_replace(" ~ value ~ ", '" ~ pattern ~ "', '')") }}
{%- endmacro %}

{#- 1 Monday to 7 Sunday. -#}
{% macro iso_weekday(moment) -%}
    {{ return(adapter.dispatch('iso_weekday')(moment)) }}
{%- endmacro %}

{% macro default__iso_weekday(moment) -%}
    extract(isodow from {{ moment }})
{%- endmacro %}

{% macro snowflake__iso_weekday(moment) -%}
    dayofweekiso({{ moment }})
{%- endmacro %}

{#- In full, in English: Snowflake's own names have three letters. -#}
{% macro month_name(day) -%}
    {{ return(adapter.dispatch('month_name')(day)) }}
{%- endmacro %}

{% macro default__month_name(day) -%}
    monthname({{ day }})
{%- endmacro %}

{% macro snowflake__month_name(day) -%}
    to_char({{ day }}, 'MMMM')
{%- endmacro %}

{% macro day_name(day) -%}
    {{ return(adapter.dispatch('day_name')(day)) }}
{%- endmacro %}

{% macro default__day_name(day) -%}
    dayname({{ day }})
{%- endmacro %}

{% macro snowflake__day_name(day) -%}
    case dayofweekiso({{ day }})
        {%- for name in ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] %}
        when {{ loop.index }} then '{{ name }}'
        {%- endfor %}
    end
{%- endmacro %}
