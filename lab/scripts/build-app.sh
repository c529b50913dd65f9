#!/bin/sh
# Builds the layer of the application node's disk: MediaWiki on Apache and PHP, from Debian packages, on top of `base`.
# A script of its own: a change here does not rebuild the cluster's trees.
#
# usage: build-app.sh TARGET BASE
#
# The lab runs this in a mount and a pid namespace of its own: when it is killed, so is everything in it,
# and no mount stays behind.
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

target=$1 base=$2
mkdir -p "$target/upper" "$target/work" "$target/merged"
tree=$target/merged
mount -t overlay overlay -o "lowerdir=$base,upperdir=$target/upper,workdir=$target/work" "$tree"
mount -t proc proc "$tree/proc"
# The mirror's name must be found from inside, as it is outside.
for file in /etc/resolv.conf /etc/hosts; do
	[ ! -e "$file" ] || cat "$file" >"$tree$file"
done
printf '#!/bin/sh\n# No service is started while the tree is built.\nexit 101\n' >"$tree/usr/sbin/policy-rc.d"
chmod 755 "$tree/usr/sbin/policy-rc.d"
printf 'force-unsafe-io\npath-exclude=/usr/share/man/*\npath-exclude=/usr/share/doc/*\n' >"$tree/etc/dpkg/dpkg.cfg.d/lab"
chroot "$tree" apt-get -q update
chroot "$tree" apt-get -qy --no-install-recommends install mediawiki libapache2-mod-php php-cli php-pgsql
chroot "$tree" a2enmod -q headers
chroot "$tree" a2enconf -q mediawiki
rm -f "$tree/etc/resolv.conf" "$tree/etc/hosts"
rm -rf "$tree/usr/sbin/policy-rc.d" "$tree/etc/dpkg/dpkg.cfg.d/lab"
rm -rf "$tree"/var/lib/apt/lists/* "$tree"/var/cache/apt/*.bin "$tree"/var/cache/apt/archives/*.deb "$tree"/var/log/*.log
