/** Faults of PostgreSQL: frozen, started outside Patroni, and a receiver of WAL that never confirms. */
import {LabError} from '../failure.ts';
import {postgresqlOf} from '../inventory.ts';
import {superuser} from '../operator.ts';
import {holds} from '../wait-until.ts';
import type {Fault, Scene} from './fault.ts';
import {inside, patronictl, shell, systemctl} from './inside.ts';

const restPort = 8008;
const receiver = 'chaos-receiver';
const folder = `/var/lib/postgresql/${receiver}`;

const versionOf = ({inventory, setup}: Scene) => postgresqlOf(inventory, setup);
const binaries = (scene: Scene) => `/usr/lib/postgresql/${versionOf(scene)}/bin`;
const dataDir = (scene: Scene) => `/var/lib/postgresql/${versionOf(scene)}/main`;

/** Signals every process of this name on the node; does nothing if there is none. */
const signalAll = async (node: string, name: string, signal: string) =>
	shell(node, `pkill -${signal} -x ${name} || [ $? = 1 ]`);

export const postgresFaults: readonly Fault[] = [
	{
		kind: 'postgres-frozen',
		places: ['leader', 'replica'],
		holdSeconds: [3, 30],
		do: async ({node}) => {
			await signalAll(node, 'postgres', 'STOP');
		},
		undo: async ({node}) => {
			await signalAll(node, 'postgres', 'CONT');
		},
	},
	{
		kind: 'postgres-outside-patroni',
		places: ['replica'],
		weight: 1,
		holdSeconds: [5, 20],
		do: async scene => {
			const {node} = scene;
			await systemctl(node, 'stop', 'patroni');
			const start = [
				`rm -f ${dataDir(scene)}/standby.signal`,
				`${binaries(scene)}/pg_ctl start --wait --silent --log /dev/null -D ${dataDir(scene)} -o "-c synchronous_standby_names="`,
			].join('; ');
			await inside(node, [
				'systemd-run',
				'--quiet',
				'--collect',
				'--unit=chaos-postgres',
				'--uid=postgres',
				'--property=Type=forking',
				'sh',
				'-ec',
				start,
			]);
		},
		undo: async scene => {
			const {node, leader, inventory} = scene;
			await systemctl(node, 'stop', 'chaos-postgres').catch(() => {}); // it did not start
			await systemctl(node, 'start', 'patroni');
			await waitForRest(node, async () => listens(node));
			// Its writes outside Patroni prevent it from following the leader.
			await patronictl(leader, 'reinit', '--force', '--wait', inventory.scope, node);
		},
	},
	{
		kind: 'receiver-never-confirms',
		places: ['leader'],
		weight: 1,
		holdSeconds: [5, 15],
		do: async scene => {
			const {leader, replica, inventory} = scene;
			const from = inventory.nodes[leader]?.address ?? '';
			await inside(replica, ['install', '-d', '-o', 'postgres', folder]);
			await inside(replica, [
				...['systemd-run', '--quiet', '--collect', `--unit=${receiver}`, '--uid=postgres'],
				...['--setenv=PGPASSWORD=lab-replicator', `${binaries(scene)}/pg_receivewal`],
				...['--host', from, '--username', 'replicator', '--directory', folder, '--no-loop'],
			]);
			await receives(leader);
			await systemctl(replica, 'kill', '--signal', 'STOP', receiver);
			await patronictl(replica, 'switchover', '--leader', leader, '--candidate', replica, '--force');
		},
		undo: async ({replica}) => {
			await systemctl(replica, 'kill', '--signal', 'KILL', receiver).catch(() => {}); // it did not start
			await inside(replica, ['rm', '-rf', folder]);
		},
	},
];

/** ms; Patroni serves its REST API some seconds after systemd calls it started. */
const restMs = 60_000;

/** @throws LabError if Patroni's REST API does not listen in time: a request to it would fail */
export async function waitForRest(
	node: string,
	isListening: () => Promise<boolean>,
	milliseconds = restMs,
): Promise<void> {
	if (!(await holds(isListening, milliseconds, 200))) {
		throw new LabError(
			`${node}: Patroni's REST API does not listen on port ${restPort} after ${milliseconds / 1000} s: see journalctl --unit patroni there`,
		);
	}
}

const listens = async (node: string) =>
	(await inside(node, ['ss', '--no-header', '--listening', '--tcp', '--numeric', `sport = :${restPort}`])) !==
	'';

/** Waits until the leader lists the receiver; if frozen before it connects, it has no effect. */
async function receives(leader: string): Promise<void> {
	const sql =
		"SELECT 1 FROM pg_stat_replication WHERE application_name = 'pg_receivewal' AND state = 'streaming'";
	await inside(
		leader,
		[
			'sh',
			'-ec',
			`for i in $(seq 50); do psql -h 127.0.0.1 -d postgres -Atc "${sql}" | grep -q 1 && exit 0; sleep 0.2; done; exit 1`,
		],
		{env: {PGUSER: superuser.user, PGPASSWORD: superuser.password}},
	);
}
