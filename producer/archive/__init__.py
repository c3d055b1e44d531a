"""The archive of landed files: what people dropped, as it came, under the hash of its bytes.

    archive/landing/year=YYYY/month=MM/day=DD/<sha256>.csv     the file
    _kept/landing/<sha256>.json                                its entry in the manifest
    _kept/landing/<sha256>.expired                             it was let go by BACKBEAT_ARCHIVE_LANDING_DAYS

*Entry first*: the entry is created if absent and says where the file goes, then the file is copied there,
compared, and only then leaves the inbox. Killed at any step, the next `backbeat inbox` goes on; the same
content dropped again, on another day or under another name, finds its entry and is kept once.
"""
