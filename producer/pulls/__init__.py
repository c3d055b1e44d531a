"""Platforms' APIs: what they tell is pulled, written down as a report's file, and imported like one.

`rest` asks (dlt's REST client), a file in `platforms/` knows one API, `ledger` remembers in the lake what has
been pulled, `landing` hands the documents to the importers. What rows mean is said in `producer/reports/`.
"""
