#!/bin/sh
# Writes a node's own files onto its disk, through the overlay, so that folders which the tree already has keep
# their owners and modes.
#
# usage: write-disk.sh LAYERS UPPER WORK MOUNTPOINT FILES ENABLED DISABLED
set -eu
layers=$1 upper=$2 work=$3 root=$4 files=$5 enabled=$6 disabled=$7
mount -t overlay overlay -o "lowerdir=$layers,upperdir=$upper,workdir=$work" "$root"
tar -C "$files" --owner=root:0 --group=root:0 -cf - . | tar -C "$root" --no-overwrite-dir -xpf -
chroot "$root" /usr/bin/env enabled="$enabled" disabled="$disabled" /bin/sh -eu <<'EOF'
chmod 440 /etc/sudoers.d/dba
chmod 600 /etc/ssh/ssh_host_ed25519_key
chmod 700 /root/.ssh /home/dba/.ssh
chown -R dba:dba /home/dba/.ssh
if [ -e /etc/patroni/patroni.yml ]; then
	chown root:postgres /etc/patroni/patroni.yml
	chmod 640 /etc/patroni/patroni.yml
fi
ln -sf /dev/null /etc/systemd/system/postgresql.service # PostgreSQL is Patroni's to start
for unit in $enabled; do
	systemctl --quiet enable "$unit.service"
done
for unit in $disabled; do
	[ ! -e "/lib/systemd/system/$unit.service" ] || systemctl --quiet disable "$unit.service"
done
if [ -d /etc/mediawiki ]; then
	chown root:www-data /etc/mediawiki/database-password
	chmod 640 /etc/mediawiki/database-password
fi
EOF
umount "$root"
