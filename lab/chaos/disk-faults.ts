/** A full disk: moves PostgreSQL's files to a small file system of their own, then fills it. */
import {isOn} from '../cgroup.ts';
import {databasesOf, type Inventory} from '../inventory.ts';
import type {Fault} from './fault.ts';
import {shell, systemctl} from './inside.ts';

const folder = '/var/lib/postgresql';
/** MiB that the file system has beyond its content. */
const spareMb = 64;

/** Copies what PostgreSQL wrote to its original folder. PostgreSQL must be stopped. */
const moveBack = `
	if mountpoint -q ${folder}; then
		rm -f ${folder}/chaos-fill
		under=$(mktemp -d)
		mount --bind $(dirname ${folder}) $under
		find $under/postgresql -mindepth 1 -delete
		cp -a ${folder}/. $under/postgresql/
		umount $under && rmdir $under
		umount ${folder}
	fi`;

/** Reverts a full disk, also of an aborted chaos; does nothing on other nodes. */
export async function clearDisks(inventory: Inventory): Promise<void> {
	for (const {name} of databasesOf(inventory).filter(node => isOn(node.name))) {
		const answer = await shell(name, `if mountpoint -q ${folder}; then echo mounted; fi`);
		if (answer.trim() !== 'mounted') continue;
		await systemctl(name, 'stop', 'patroni');
		await shell(name, moveBack);
	}
}

export const diskFull: Fault = {
	kind: 'disk-full',
	places: ['replica'],
	weight: 1,
	holdSeconds: [8, 25],
	detail: () => `${folder}, ${spareMb} MiB after it was moved`,
	do: async ({node}) => {
		await systemctl(node, 'stop', 'patroni');
		await shell(
			node,
			`copy=$(mktemp -d -p /var/tmp)
			mount -t tmpfs -o size=$(($(du -sm ${folder} | cut -f1) + ${spareMb}))m,mode=0755 tmpfs $copy
			cp -a ${folder}/. $copy/
			mount --move $copy ${folder} || { mount --bind $copy ${folder}; umount $copy; }
			rmdir $copy`,
		);
		await systemctl(node, 'start', 'patroni');
		await shell(node, 'for i in $(seq 100); do pg_isready -q -h 127.0.0.1 && break; sleep 0.2; done');
		// dd fails once the disk is full, as intended.
		await shell(node, `dd if=/dev/zero of=${folder}/chaos-fill bs=64k 2>/dev/null || true`);
	},
	undo: async ({node}) => {
		if (!isOn(node)) return;
		await systemctl(node, 'stop', 'patroni');
		await shell(node, moveBack);
		await systemctl(node, 'start', 'patroni');
	},
};
