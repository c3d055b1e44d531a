"""The read API: charts, trends, a listener's numbers, recommendations and KPIs of the newest snapshot."""
