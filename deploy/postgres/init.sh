#!/bin/sh
# Runs once, when PostgreSQL has no data yet: a role and databases for Temporal, and a database of our own
# under a role of its own, so that neither can read the other.
set -eu

psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set temporal="$TEMPORAL_DB_PASSWORD" --set tieout="$TIEOUT_DB_PASSWORD" <<'SQL'
CREATE ROLE temporal LOGIN PASSWORD :'temporal';
CREATE ROLE tieout LOGIN PASSWORD :'tieout';
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
CREATE DATABASE tieout OWNER tieout;
REVOKE CONNECT ON DATABASE temporal, temporal_visibility, tieout FROM PUBLIC;
SQL
