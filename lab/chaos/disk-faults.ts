/** A full disk: PostgreSQL's files move to a small file system of their own, which is then filled. */
import {isOn} from '../cgroup.ts';
import {databasesOf, type Inventory} from '../inventory.ts';
import type {Fault} from './fault.ts';
import {shell, systemctl} from './inside.ts';

const folder = '/var/lib/postgresql';
/** Beside what is there, MiB. */
const spareMb = 64;

/** PostgreSQL does not run meanwhile. What it wrote since goes to where it belongs. */
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

/** What a chaos that was ended has left; harmless elsewhere. */
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
		// dd ends with an error once nothing is left, which is what is wanted.
		await shell(node, `dd if=/dev/zero of=${folder}/chaos-fill bs=64k 2>/dev/null || true`);
	},
	undo: async ({node}) => {
		if (!isOn(node)) return;
		await systemctl(node, 'stop', 'patroni');
		await shell(node, moveBack);
		await systemctl(node, 'start', 'patroni');
	},
};
