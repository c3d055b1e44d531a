"""An independent check of the lake: it takes nothing from the sink but the keys of `contracts.lake`.

What it checks, and against what (the broker where it still has the records, else the fences):

I1  every record below a chain's end is in the lake exactly once, byte for byte
I2  fences tile: each begins where the one before it ends, and says which offsets hold no record
I3  every fence has its data object, every data object its fence
I4  an object's metadata, its footer and its rows are what its fence says, down to the content hash
I5  rows of a partition stand in offset order
I6  Kafka was never told of more than the lake has
I8  a row is either typed or says why it is not: typed rows + rows with an error = records
I9  every row that a manifest says is compacted is in that object once, with its fence's content hash, and
    the object is the bytes that were written; what left bronze did so by an archiver's word, and is in the
    archive or compacted

The written-down format that it reads, restated here so that a slip in the sink is not repeated:

- A fence is JSON at `_sink/<sink>/<cluster>/<topic>/<topic id>/<partition:05d>/<base:020d>.json`; it has
  `base end first last count gaps hour data_key content_hash first_ts last_ts`. `[base, end]` includes
  both; `gaps` are runs `[from, to]` in it that Kafka never delivered. A fence of 0 rows has no object.
- A data object's metadata (S3) and footer hold `backbeat-base -end -count -content-hash`.
- `payload` is the value as UTF-8, or base64 when `error` begins `not_utf8`; null for a null value. `_key`
  and header values are UTF-8, or `base64:` and base64 (also for text that begins so). `_headers` is a
  JSON object, null without headers; a name that repeats has a list. `_timestamp` is null when Kafka gives
  none or one outside 1970–9999.
- A manifest is JSON at `_compacted/<topic>/<hour>/<sink>/<cluster>/<topic id>/<number:05d>.json`: `outputs`,
  each with `key size rows sha256` (of the file) and the `sources` whose rows it holds, one after the other:
  `key partition base end count content_hash`. A departure is JSON at `_archived/` and the same path with
  `+<attempt>`: the `keys` that leave bronze. The archive has them, if at all, at `archive/<key>`.
- The content hash is SHA-256 over eight SHA-256 digests: of the offsets, of the timestamps (absent: -2**63),
  then of keys, values and header texts, for each first of all lengths (absent: -1), then of all bytes.
  Numbers are 64-bit little-endian.
"""
