#!/bin/sh
# The power supply of one node: plugs its network cable in, boots it, boots it again when it reboots, and
# unplugs the cable when it is off. One runs for each node that is on; the lab starts a copy of this file, so
# that no clone of the repository is needed to keep a node running.
#
# From the environment: NODE NETNS BRIDGE_NETNS MAC ADDRESS (with prefix) CABLE_OUT (a file) CGROUP
# LAYERS UPPER WORK ROOT (the overlay and where it is mounted).
set -eu
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

unplug() {
	if ip -n "$BRIDGE_NETNS" link show "$NODE" >/dev/null 2>&1; then ip -n "$BRIDGE_NETNS" link del "$NODE"; fi
	if [ -e "/run/netns/$NETNS" ]; then ip netns del "$NETNS"; fi
}

plug_in() {
	unplug # what a node that was killed left behind
	ip netns add "$NETNS"
	ip -n "$NETNS" link set lo up
	ip -n "$BRIDGE_NETNS" link add "$NODE" type veth peer name eth0 address "$MAC" netns "$NETNS"
	ip -n "$BRIDGE_NETNS" link set "$NODE" master bridge
	if [ ! -e "$CABLE_OUT" ]; then ip -n "$BRIDGE_NETNS" link set "$NODE" up; fi
	ip -n "$NETNS" address add "$ADDRESS" brd + dev eth0
	ip -n "$NETNS" link set eth0 up
}

box() { # runs in a mount namespace of its own, which takes every mount with it when the node goes off
	echo $$ >"$CGROUP/box/cgroup.procs"
	if [ "$(stat -f -c %T /sys/fs/cgroup)" != cgroup2fs ]; then
		umount -R -l /sys/fs/cgroup
		mount -t cgroup2 cgroup2 /sys/fs/cgroup
	fi
	mount -t tmpfs -o mode=755 tmpfs /run/systemd # nspawn's notes; this machine's own /run stays clean
	mount -t overlay overlay -o "lowerdir=$LAYERS,upperdir=$UPPER,workdir=$WORK" "$ROOT"
	exec systemd-nspawn --quiet --boot --directory="$ROOT" --machine="$NODE" --hostname="$NODE" \
		--register=no --keep-unit --network-namespace-path="/run/netns/$NETNS" \
		--capability=CAP_NET_ADMIN,CAP_SYS_NICE,CAP_IPC_LOCK \
		--resolv-conf=off --timezone=off --link-journal=no --console=pipe
}

if [ "${1-}" = box ]; then box; fi

echo $$ >"$CGROUP/keeper/cgroup.procs"
mkdir -p /run/systemd
while :; do
	find "$CGROUP/box" -mindepth 1 -depth -type d -exec rmdir {} +
	plug_in
	result=0
	unshare --mount --propagation private sh "$0" box || result=$?
	if [ "$result" != 133 ]; then break; fi # 133: the node asked for a reboot
done
unplug
exit "$result"
