#!/bin/sh
# Runs in a chroot of a Debian tree with PostgreSQL, as root; $1: PostgreSQL's major version. Reads tab-separated settings
# (number, prefix, time zone, lc_messages) from /corpus/settings, and writes the logs of each to /corpus/logs.
set -eu
B=/usr/lib/postgresql/$1/bin
D=/corpus/data
S=/corpus/socket
as() { runuser -u postgres -- "$@"; }
sql() { as env PGAPPNAME="$1" PGUSER="$2" PGDATABASE="$3" PGHOST=$S psql -qX -f "$4" >/dev/null 2>&1 || true; }
mkdir -p /corpus/logs $S
chown -R postgres: /corpus
as $B/initdb -D $D --no-sync --auth=trust --encoding=UTF8 --locale=C.UTF-8 >/dev/null
cat >>$D/postgresql.conf <<END
listen_addresses = '127.0.0.1'
unix_socket_directories = '$S'
fsync = off
shared_buffers = 1MB
max_connections = 10
logging_collector = on
log_destination = 'stderr,csvlog'
log_directory = '/corpus/logs'
log_connections = on
log_checkpoints = on
log_min_messages = warning
compute_query_id = on
END
as $B/pg_ctl -D $D -w -l /dev/null -o "-c logging_collector=off" start >/dev/null
cat >/corpus/setup.sql <<'END'
CREATE ROLE app SUPERUSER LOGIN;
CREATE ROLE "FATAL: [x] y" SUPERUSER LOGIN;
CREATE DATABASE shop;
CREATE DATABASE "ERROR: a,b";
\c shop
CREATE TABLE stock (id int PRIMARY KEY);
INSERT INTO stock VALUES (1);
END
sql setup postgres postgres /corpus/setup.sql
as $B/pg_ctl -D $D -w stop >/dev/null
echo 'SELECT 1/0; CHECKPOINT;' >/corpus/odd.sql
chmod a+r /corpus/*.sql
start() { # number prefix timezone messages; quotes are doubled for postgresql.conf
	cat >"$2/postgresql.auto.conf" <<END
log_filename = '$1.log'
log_line_prefix = '$(printf %s "$3" | sed "s/'/''/g")'
log_timezone = '$4'
lc_messages = '$5'
END
	as $B/pg_ctl -D "$2" -w -l /dev/null start >/dev/null
}
TAB=$(printf '\t')
while IFS=$TAB read -r N PREFIX ZONE MESSAGES; do
	start "$N" $D "${PREFIX#.}" "$ZONE" "$MESSAGES"
	sql psql app shop /corpus/statements.sql
	sql 'odd, app: 1' 'FATAL: [x] y' 'ERROR: a,b' /corpus/odd.sql
	sql psql stranger shop /corpus/odd.sql
	as $B/pg_ctl -D $D -w stop >/dev/null
	# A server that cannot find its checkpoint ends with PANIC.
	rm -rf $D.broken
	cp -a $D $D.broken
	rm -f $D.broken/pg_wal/0*
	start "$N" $D.broken "${PREFIX#.}" "$ZONE" "$MESSAGES" 2>/dev/null || true
done </corpus/settings
