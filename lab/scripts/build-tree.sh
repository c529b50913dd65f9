#!/bin/sh
# Builds one layer of a node's disk from Debian packages: `base` (systemd, sshd, etcd) or, on top of it, `db`.
#
# usage: build-tree.sh base SUITE MIRROR KEYRING TARGET
#        build-tree.sh db TARGET BASE POSTGRESQL
#
# The lab runs this in a mount and a pid namespace of its own: when it is killed, so is everything in it,
# and no mount stays behind.
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

base_packages=systemd,systemd-sysv,dbus,libpam-systemd,openssh-server,sudo,iproute2,procps,etcd-server,etcd-client

prepare() { # what package scripts must find, or must not do, in the tree $1
	printf '#!/bin/sh\n# No service is started while the tree is built.\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
	chmod 755 "$1/usr/sbin/policy-rc.d"
	printf 'force-unsafe-io\npath-exclude=/usr/share/man/*\npath-exclude=/usr/share/doc/*\n' \
		>"$1/etc/dpkg/dpkg.cfg.d/lab"
	printf 'Acquire::Check-Valid-Until "false";\nAcquire::Languages "none";\n' >"$1/etc/apt/apt.conf.d/90lab"
}

finish() {
	rm -rf "$1/usr/sbin/policy-rc.d" "$1/etc/dpkg/dpkg.cfg.d/lab"
	rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin "$1"/var/cache/apt/archives/*.deb "$1"/var/log/*.log
}

case $1 in
base)
	suite=$2 mirror=$3 keyring=$4 target=$5
	# An older debootstrap does not know the newest releases; they are all built the way sid is.
	recipe=/usr/share/debootstrap/scripts/$suite
	[ -e "$recipe" ] || recipe=/usr/share/debootstrap/scripts/sid
	case $mirror in https:*) base_packages=$base_packages,ca-certificates ;; esac
	debootstrap --variant=minbase --keyring="$keyring" --include="$base_packages" \
		"$suite" "$target" "$mirror" "$recipe"
	prepare "$target"
	printf 'deb %s %s main\n' "$mirror" "$suite" >"$target/etc/apt/sources.list"
	useradd() { chroot "$target" /usr/sbin/useradd "$@"; }
	useradd --create-home --shell /bin/bash --groups sudo,adm,systemd-journal dba
	# Each node gets a host key, a machine id and a name of its own; nothing is updated behind a test's back.
	rm -f "$target"/etc/ssh/ssh_host_* "$target/etc/machine-id" "$target/etc/hostname" "$target/etc/resolv.conf"
	for unit in console-getty.service getty@tty1.service sshd-keygen.service apt-daily.timer \
		apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer logrotate.timer; do
		ln -sf /dev/null "$target/etc/systemd/system/$unit"
	done
	mkdir -p "$target/var/log/journal"
	finish "$target"
	;;
db)
	target=$2 base=$3 postgresql=$4
	mkdir -p "$target/upper" "$target/work" "$target/merged"
	tree=$target/merged
	mount -t overlay overlay -o "lowerdir=$base,upperdir=$target/upper,workdir=$target/work" "$tree"
	mount -t proc proc "$tree/proc"
	# The mirror's name must be found from inside, as it is outside.
	for file in /etc/resolv.conf /etc/hosts; do
		[ ! -e "$file" ] || cat "$file" >"$tree$file"
	done
	prepare "$tree"
	mkdir -p "$tree/etc/postgresql-common"
	echo 'create_main_cluster = false' >"$tree/etc/postgresql-common/createcluster.conf"
	chroot "$tree" apt-get -q update
	# Not every release has it.
	vip_manager=$(chroot "$tree" apt-cache --names-only search '^vip-manager$' | cut -d' ' -f1)
	# shellcheck disable=SC2086 # nothing, or one word
	chroot "$tree" apt-get -qy --no-install-recommends install \
		"postgresql-$postgresql" patroni python3-etcd haproxy keepalived $vip_manager pgbouncer psmisc
	rm -f "$tree/etc/resolv.conf" "$tree/etc/hosts"
	finish "$tree"
	;;
esac
