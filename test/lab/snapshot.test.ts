import {describe, expect, it} from 'vitest';
import {onNode, patronictl, snapshot, untilHealthy} from '../support/lab.ts';

type Row = {
	Member: string;
	Host: string;
	Role: string;
	State: string;
	TL: number;
	'Lag in MB'?: number;
	Cluster: string;
};

const roleNames: Readonly<Record<string, string>> = {
	leader: 'Leader',
	sync_standby: 'Sync Standby',
	replica: 'Replica',
};

/** Rows before and after, which must be equal, and the value in between. */
async function between<T>(look: () => Promise<T>): Promise<{rows: Row[]; seen: T}> {
	const list = async () => JSON.parse(await patronictl('pgdb1', 'list', '-f', 'json')) as Row[];
	for (let attempt = 0; attempt < 10; attempt++) {
		const before = await list();
		const seen = await look();
		const after = await list();
		if (JSON.stringify(before) === JSON.stringify(after)) {
			return {rows: after, seen};
		}
	}

	throw new Error('the cluster does not stand still');
}

describe('--once on the real cluster', () => {
	it('reports what `patronictl list` reports, and healthy', async () => {
		await untilHealthy();
		const {rows, seen} = await between(snapshot);
		const ours = seen.snapshot.members.map(({name, host, role, state, timeline, lag}) => ({
			Cluster: seen.snapshot.scope,
			Member: name,
			Host: host,
			Role: roleNames[role],
			State: state,
			TL: timeline,
			...(typeof lag === 'number' ? {'Lag in MB': Math.round(lag / 1024 / 1024)} : {}),
		}));
		expect(ours).toEqual(rows);
		expect(seen.snapshot.findings).toEqual([]);
		expect(seen.exitCode).toBe(0);
	});

	it('reports what etcdctl reports on the leader key, the members and the raft leader', async () => {
		await untilHealthy();
		const {seen} = await between(snapshot);
		const etcdctl = async (...argv: readonly string[]) =>
			JSON.parse(await onNode('etcd1', 'env', 'ETCDCTL_API=3', 'etcdctl', ...argv, '-w', 'json')) as never;
		const key: {kvs: {value: string; create_revision: number; lease: number}[]} = await etcdctl(
			'get',
			'/service/postgres-cluster/leader',
		);
		expect(seen.snapshot.leader).toMatchObject({
			member: Buffer.from(key.kvs[0]?.value ?? '', 'base64').toString(),
			create_revision: key.kvs[0]?.create_revision,
			lease_granted_ttl: 20,
		});
		const status: {
			Endpoint: string;
			Status: {version: string; leader: number; header: {member_id: number}};
		}[] = await etcdctl('endpoint', 'status', '--cluster');
		const theirs = status.map(({Endpoint, Status: one}) => ({
			endpoint: Endpoint,
			version: one.version,
			raft_leader: one.leader === one.header.member_id,
		}));
		const ours = seen.snapshot.etcd.members.map(({endpoint, version, raft_leader}) => ({
			endpoint,
			version,
			raft_leader,
		}));
		const byEndpoint = (a: {endpoint: string | null}, b: {endpoint: string | null}) =>
			(a.endpoint ?? '').localeCompare(b.endpoint ?? '');
		expect(ours.sort(byEndpoint)).toEqual(theirs.sort(byEndpoint));
		expect(seen.snapshot.etcd.quorum).toEqual({voters: 3, healthy: 3, unseen: 0, needed: 2, state: 'held'});
	});

	it("reports the node of the VIP that the nodes' own `ip` shows", async () => {
		await untilHealthy();
		const {seen} = await between(snapshot);
		const holders: string[] = [];
		for (const node of ['pgdb1', 'pgdb2']) {
			if ((await onNode(node, 'ip', '-o', 'address', 'show')).includes('10.73.0.172/')) {
				holders.push(node);
			}
		}

		expect(seen.snapshot.vip).toEqual({
			address: '10.73.0.172',
			manager: 'keepalived',
			follows: 'none',
			holder: holders[0],
			holders,
			state: 'held',
			reason: null,
			out_of_sight: [],
		});
	});
});
