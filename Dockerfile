# The images of compose.yaml: `services` (every process of ours), `airflow` (the same with Airflow), `s3`.
#   docker build --target services --tag backbeat .
# Nothing secret is in a layer: keys and passwords come as files when a container starts (docs/services.md).

FROM ghcr.io/astral-sh/uv:0.13.9 AS uv

FROM python:3.11.15-slim-bookworm AS base
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/opt/backbeat:/opt/backbeat/airflow/dags \
    PYTHONUNBUFFERED=1 \
    HOME=/home/backbeat
# The folders that volumes lie on: a new volume takes their owner.
RUN useradd --no-log-init --create-home --uid 50000 backbeat \
    && install --directory --owner backbeat --group backbeat /opt/airflow /var/lib/backbeat/demo \
    /var/lib/backbeat/keys /var/lib/backbeat/snapshots /var/lib/backbeat/warehouse
WORKDIR /opt/backbeat

# What the lock pins, every file of it by its hash; then the project itself, and its bytecode: a service may write nothing.
FROM base AS build
ENV UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/opt/venv
COPY --from=uv /uv /usr/local/bin/uv
COPY requirements requirements
RUN --mount=type=cache,target=/root/.cache/uv uv venv --python /usr/local/bin/python3 /opt/venv \
    && uv pip install --compile-bytecode --require-hashes --requirements requirements/base.txt
COPY . .
RUN --mount=type=cache,target=/root/.cache/uv uv pip install --no-deps --no-build-isolation --editable . \
    && cp profiles.yml.example profiles.yml \
    && python -m compileall -q backbeat.py contracts producer consumer serving streamlit_app airflow infra \
    && mkdir /opt/extensions && HOME=/opt/extensions python -c "import duckdb_extensions; duckdb_extensions.import_extension('httpfs')"

FROM base AS services
COPY --from=build /opt/extensions /home/backbeat
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/backbeat /opt/backbeat
USER 50000:50000
CMD ["backbeat", "--help"]

FROM build AS build-airflow
RUN --mount=type=cache,target=/root/.cache/uv \
    uv pip install --compile-bytecode --require-hashes --requirements requirements/airflow.txt \
    && uv pip install --compile-bytecode --require-hashes --requirements requirements/snowflake.txt

FROM services AS airflow
COPY --from=build-airflow /opt/venv /opt/venv

# A server for a lake on one machine, built as infra/s3.sh does it.
FROM golang:1.26.8-bookworm AS build-s3
WORKDIR /build
COPY infra/s3/encoding-type.patch .
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    go mod download github.com/versity/versitygw@v1.8.0 \
    && cp -r /go/pkg/mod/github.com/versity/versitygw@v1.8.0 source && chmod -R u+w source \
    && git -C source apply ../encoding-type.patch \
    && CGO_ENABLED=0 go build -C source -trimpath -ldflags="-s -w" -o /build/versitygw ./cmd/versitygw

# Its bucket is a folder, which a new volume takes over with its owner.
FROM alpine:3.22.2 AS s3
COPY --from=build-s3 /build/versitygw /usr/local/bin/versitygw
RUN mkdir -p /data/lake && chown -R 1000:1000 /data
USER 1000:1000
