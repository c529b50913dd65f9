#!/bin/sh
# Run by Patroni once, on the node that made the cluster: an ordinary account for clients, with a database of its own.
set -eu
psql --quiet --set=ON_ERROR_STOP=1 --dbname="$1" <<'SQL'
CREATE ROLE app LOGIN PASSWORD 'lab-app';
CREATE DATABASE app OWNER app;
SQL
