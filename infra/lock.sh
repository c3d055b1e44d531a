#!/usr/bin/env bash
# Compile requirements/*.txt from pyproject.toml: pins and hashes, no addresses.
set -euo pipefail
cd "$(dirname "$0")/.."
uv="$(command -v uv || echo var/uv/bin/uv)"
compile() {
    "$uv" pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
        pyproject.toml "$@"
}
compile --output-file requirements/base.txt
compile --group dev --constraint requirements/base.txt --output-file requirements/dev.txt
# The emulator needs another DuckDB than the project: an environment of its own.
"$uv" pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
    --python-version 3.11 requirements/emulator.in --output-file requirements/emulator.txt
compile --group snowflake --constraint requirements/base.txt --output-file requirements/snowflake.txt
# All groups go into one environment, so Airflow's agrees with the others.
compile --group airflow --constraint requirements/base.txt --constraint requirements/dev.txt \
    --constraint requirements/snowflake.txt --output-file requirements/airflow.txt
