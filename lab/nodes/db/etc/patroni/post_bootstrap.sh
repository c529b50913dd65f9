#!/bin/sh
# Run by Patroni once, on the node that made the cluster: an ordinary account for clients, with a database of
# its own, and one for monitoring.
set -eu
psql --quiet --set=ON_ERROR_STOP=1 --dbname="$1" <<'SQL'
CREATE ROLE app LOGIN PASSWORD 'lab-app';
CREATE DATABASE app OWNER app;
CREATE ROLE monitor LOGIN PASSWORD 'lab-monitor' IN ROLE pg_monitor, pg_signal_backend;
-- pg_checkpoint exists from PostgreSQL 15.
SELECT 'GRANT pg_checkpoint TO monitor' WHERE EXISTS (SELECT FROM pg_roles WHERE rolname = 'pg_checkpoint') \gexec
SQL
