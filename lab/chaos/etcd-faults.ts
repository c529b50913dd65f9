/** Faults of etcd: quorum lost, a member replaced, the store rebuilt without its data or restored from a snapshot. */
import {readFileSync} from 'node:fs';
import {initOf} from '../cgroup.ts';
import {etcdMembersOf} from '../inventory.ts';
import type {Fault, Scene} from './fault.ts';
import {inside, shell, systemctl} from './inside.ts';

const dataDir = '/var/lib/etcd/postgres';
const snapshotFile = '/var/lib/chaos-etcd.db';

const membersOf = ({inventory}: Scene) => etcdMembersOf(inventory).map(({name}) => name);

async function onAll(scene: Scene, work: (node: string) => Promise<unknown>): Promise<void> {
	// In parallel: a member's start waits for the others.
	await Promise.all(membersOf(scene).map(work));
}

const etcdctl = async (node: string, ...args: readonly string[]) =>
	inside(node, ['env', 'ETCDCTL_API=3', 'etcdctl', ...args]);

const startAll = async (scene: Scene) => onAll(scene, async node => systemctl(node, 'start', 'etcd'));
const stopAll = async (scene: Scene) => onAll(scene, async node => systemctl(node, 'stop', 'etcd'));

/** Patroni may wait forever for a revision of the old store. */
const restartPatroni = async ({leader, replica}: Scene) =>
	Promise.all([leader, replica].map(async node => systemctl(node, 'restart', 'patroni')));

/** Starts the member with `initial-cluster-state`, which etcd reads at the first start of an empty member. */
const startAs = (state: 'new' | 'existing') =>
	[
		`sed -i 's/^ETCD_INITIAL_CLUSTER_STATE=.*/ETCD_INITIAL_CLUSTER_STATE="${state}"/' /etc/default/etcd`,
		'systemctl start etcd',
		`sed -i 's/^ETCD_INITIAL_CLUSTER_STATE=.*/ETCD_INITIAL_CLUSTER_STATE="new"/' /etc/default/etcd`,
	].join('; ');

export const etcdFaults: readonly Fault[] = [
	{
		kind: 'etcd-no-quorum',
		places: ['replica'],
		holdSeconds: [5, 30],
		do: async ({replica, third}) => {
			await Promise.all([replica, third].map(async node => systemctl(node, 'stop', 'etcd')));
		},
		undo: startAll,
	},
	{
		kind: 'etcd-member-replaced',
		places: ['third'],
		weight: 1,
		holdSeconds: [3, 10],
		do: async ({node, leader, memory}) => {
			const list = await etcdctl(leader, 'member', 'list');
			const member = list.split('\n').find(line => line.includes(` ${node},`));
			const [id = ''] = member?.split(',') ?? [];
			const url = /http:\/\/[^,\s]+:2380/.exec(member ?? '')?.[0] ?? '';
			await systemctl(node, 'stop', 'etcd');
			memory.set('url', url);
			await etcdctl(leader, 'member', 'remove', id);
		},
		undo: async ({node, leader, memory}) => {
			const list = await etcdctl(leader, 'member', 'list');
			if (!list.includes(memory.get('url') ?? '')) {
				await etcdctl(leader, 'member', 'add', node, `--peer-urls=${memory.get('url')}`);
				await shell(node, `rm -rf ${dataDir}; ${startAs('existing')}`);
			} else {
				await systemctl(node, 'start', 'etcd');
			}
		},
	},
	{
		kind: 'etcd-rebuilt',
		places: ['leader'],
		weight: 1,
		holdSeconds: [2, 8],
		do: async scene => {
			await stopAll(scene);
			await onAll(scene, async node => inside(node, ['rm', '-rf', dataDir]));
		},
		undo: async scene => {
			await startAll(scene);
			await restartPatroni(scene);
		},
	},
	{
		kind: 'etcd-restored',
		places: ['leader'],
		weight: 1,
		holdSeconds: [2, 8],
		do: async scene => {
			await etcdctl(scene.leader, 'snapshot', 'save', snapshotFile);
			const init = initOf(scene.leader);
			const snapshot = readFileSync(`/proc/${init}/root${snapshotFile}`).toString('base64');
			await onAll(scene, async node =>
				inside(node, ['sh', '-c', `base64 -d > ${snapshotFile}`], {input: snapshot}),
			);
			// Writes after the snapshot, which the restore loses.
			for (let count = 0; count < 20; count++)
				await etcdctl(scene.leader, 'put', '/lost-by-the-restore', String(count));
			await stopAll(scene);
			const members = etcdMembersOf(scene.inventory);
			const cluster = members.map(({name, address}) => `${name}=http://${address}:2380`).join(',');
			await Promise.all(
				members.map(async ({name, address}) =>
					shell(
						name,
						[
							`rm -rf ${dataDir}`,
							'tool=etcdctl; if command -v etcdutl >/dev/null; then tool=etcdutl; fi',
							`ETCDCTL_API=3 $tool snapshot restore ${snapshotFile} --name ${name} --data-dir ${dataDir} ` +
								`--initial-cluster ${cluster} --initial-cluster-token etcd-postgres-nextcloud ` +
								`--initial-advertise-peer-urls http://${address}:2380`,
							`chown -R etcd:etcd ${dataDir}`,
							`rm ${snapshotFile}`,
						].join('; '),
					),
				),
			);
		},
		undo: async scene => {
			await startAll(scene);
			await restartPatroni(scene);
		},
	},
];
