"""Old objects leave bronze by policy, into `archive/bronze/` or for good: compacted objects hold their rows.

What must be so before an object is touched, and why:

- A manifest names it, and that manifest is older than twice the put seconds: lists that readers made
  before it are no longer good.
- A later fence follows its own, and is older than twice the put seconds: a sink that starts only ever
  finishes a chain's last fence, and everybody's right to write this object has run out. Twice, because
  rights are counted on the writers' clocks and ages on the store's.
- The compacted rows have just been read and have the hash that its fence decided.

Then: copy (unless rows are to be dropped), compare the copy, write down which objects leave (a departure,
by which an audit tells policy from loss), remove. Killed anywhere, the next run goes on; two at once do the
same things twice. Fences, manifests, compacted objects and the archive are never removed by anything, so
nothing that wakes up late can lose a row. To restore is to copy back; the archive keeps its copy.
"""
