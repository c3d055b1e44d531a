"""Gold in PostgreSQL, for Metabase, Power BI, Superset and whatever else speaks to it."""
