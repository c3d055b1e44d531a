# The image of compose.yaml: the project with its lock's Airflow, as a user without rights.
FROM python:3.11-slim
RUN apt-get update && apt-get install --yes --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home --uid 50000 backbeat && mkdir -p /opt/airflow /opt/backbeat /var/lib/backbeat \
    && chown backbeat /opt/airflow /opt/backbeat /var/lib/backbeat
USER backbeat
WORKDIR /opt/backbeat
COPY --chown=backbeat requirements requirements
COPY --chown=backbeat infra/setup.sh infra/setup.sh
COPY --chown=backbeat pyproject.toml README.md backbeat.py ./
COPY --chown=backbeat contracts contracts
COPY --chown=backbeat producer producer
COPY --chown=backbeat consumer consumer
COPY --chown=backbeat serving serving
COPY --chown=backbeat streamlit_app streamlit_app
RUN infra/setup.sh base && infra/setup.sh airflow && infra/setup.sh snowflake
COPY --chown=backbeat . .
RUN cp -n profiles.yml.example profiles.yml
ENV PATH=/opt/backbeat/.venv/bin:$PATH PYTHONPATH=/opt/backbeat:/opt/backbeat/airflow/dags
