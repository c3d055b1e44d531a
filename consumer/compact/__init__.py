"""Many small objects of a closed hour become few large ones, and no reader sees a row twice or loses one.

How, and why nothing more is needed:

1. An hour of one incarnation of a topic is closed when each of its chains has a fence of a later hour or
   has been quiet for long. The hour is monotone along a chain, so only a quiet one can add to it later.
2. The rows of the hour's objects are written, in (partition, offset) order, into `compacted/`. The keys
   carry the attempt's id: two compactors never meet there. Every object is held against the hash in
   its fence on the way.
3. One manifest, created if absent, says which bronze keys are replaced by which compacted objects. Its
   slot is the next number of its hour, and whoever writes number n has read all below it: so no two
   manifests name the same bronze key. What comes late makes the next number.
4. Who wants each row once lists bronze, and only then the manifests: the compacted objects that they
   name, and those objects of bronze that they do not.
5. An object in `compacted/` that no manifest names is nothing to anybody. It may be removed once another
   attempt's manifest has taken its slot, because its own then never will: no clock is asked.

Nothing here touches bronze. `consumer.archive` does, later.
"""
