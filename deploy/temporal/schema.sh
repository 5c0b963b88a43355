#!/bin/sh
# Creates or updates Temporal's two databases. Safe to run again; it ends when all is done.
set -eu

tool() {
    database=$1
    shift
    temporal-sql-tool --plugin postgres12 --ep "$POSTGRES_SEEDS" -p 5432 -u "$POSTGRES_USER" \
        --db "$database" "$@"
}

# The databases themselves were made by deploy/postgres/init.sh, under the role that owns them.
for name in temporal:temporal temporal_visibility:visibility; do
    database=${name%%:*}
    tool "$database" setup-schema -v 0.0
    tool "$database" update-schema -d "/etc/temporal/schema/postgresql/v12/${name##*:}/versioned"
done
