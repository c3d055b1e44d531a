#!/usr/bin/env bash
# The secrets of compose.yaml as files in var/secrets: made at random where they are missing, never changed.
#
#   infra/secrets.sh [DIR]     names those it made
#
# The folder is for its owner alone. The files in it are not: a container's user, who is another one, is given the file itself.
set -euo pipefail
DIR="${1:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/var/secrets}"

# random LENGTH: URL-safe text of so many random bytes.
random() {
    head -c "$1" /dev/urandom | base64 | tr -d '\n=' | tr '+/' '-_'
}

# have NAME TEXT
have() {
    [[ -e "$DIR/$1" ]] && return
    printf '%s' "$2" >"$DIR/.$1.new"
    chmod 644 "$DIR/.$1.new"
    mv "$DIR/.$1.new" "$DIR/$1"
    echo "made $1"
}

mkdir -p "$DIR"
chmod 700 "$DIR"
for name in postgres_password airflow_postgres_password backbeat_postgres_password backbeat_reader_password \
    metabase_postgres_password airflow_admin_password airflow_jwt_secret \
    metabase_encryption_key grafana_admin_password pseudonym_key s3_secret_key; do
    have "$name" "$(random 24)"
done
# Metabase takes no password without a digit.
have metabase_admin_password "$(random 24)0"
have s3_access_key "backbeat$(head -c 4 /dev/urandom | od -An -tx1 | tr -d ' \n')"
# Fernet's: 32 bytes, with the padding.
have airflow_fernet_key "$(random 32)="
