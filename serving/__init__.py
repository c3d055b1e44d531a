"""Warehouse → readers: the snapshot they read, the build before it, and the app on top of it."""
