/** Reads a node's etcd on its loopback. */
import {Agent, request} from 'node:http';
import type {EtcdLook} from './look.ts';

type Range = {kvs?: {value: string; lease?: string; create_revision: string; mod_revision: string}[]};
type TxnAnswer = {
	header: {revision: string; cluster_id: string; member_id: string; raft_term: string};
	responses: {response_range: Range}[];
};

/** Reads and linearizable reads must not queue behind each other. */
const agent = new Agent({keepAlive: true, maxSockets: 4});

export async function askEtcd(prefix: string, signal: AbortSignal): Promise<EtcdLook> {
	const range = (key: string) => ({requestRange: {key: base64(`${prefix}${key}`), serializable: true}});
	const body = {success: ['leader', 'sync', 'config'].map(range)};
	const txn = (await post('/v3/kv/txn', body, signal)) as TxnAnswer;
	const [leader, sync, config] = txn.responses.map(response => response.response_range.kvs?.[0]);
	return {
		leader: leader
			? {
					member: text(leader.value),
					lease: leader.lease ?? '0',
					createRevision: Number(leader.create_revision),
					modRevision: Number(leader.mod_revision),
				}
			: null,
		sync: sync ? syncIn(text(sync.value)) : null,
		paused: config ? isPaused(text(config.value)) : false,
		revision: Number(txn.header.revision),
		clusterId: txn.header.cluster_id,
		memberId: txn.header.member_id,
		raftTerm: Number(txn.header.raft_term),
	};
}

/** Resolves once this member has served a linearizable read, which requires a quorum. */
export async function readLinearizably(prefix: string, signal: AbortSignal): Promise<true> {
	await post('/v3/kv/range', {key: base64(`${prefix}leader`), count_only: true}, signal);
	return true;
}

function syncIn(value: string): NonNullable<EtcdLook['sync']> {
	const {leader, sync_standby: standby} = JSON.parse(value) as {
		leader?: string | null;
		sync_standby?: string | string[] | null;
	};
	const standbys = Array.isArray(standby) ? standby : (standby ?? '').split(',');
	return {leader: leader ?? null, standbys: standbys.filter(Boolean)};
}

function isPaused(value: string): boolean {
	return (JSON.parse(value) as {pause?: unknown}).pause === true;
}

const base64 = (value: string) => Buffer.from(value).toString('base64');
const text = (value: string) => Buffer.from(value, 'base64').toString();

async function post(path: string, body: object, signal: AbortSignal): Promise<unknown> {
	return new Promise((resolve, reject) => {
		const asked = request({host: '127.0.0.1', port: 2379, path, method: 'POST', agent, signal}, response => {
			let answer = '';
			response.setEncoding('utf8');
			response.on('data', (chunk: string) => {
				answer += chunk;
			});
			response.on('error', reject);
			response.on('end', () => {
				if (response.statusCode === 200) {
					resolve(JSON.parse(answer));
					return;
				}

				reject(new Error(`etcd answers ${response.statusCode}: ${answer.slice(0, 200).trim()}`));
			});
		});
		asked.on('error', reject);
		asked.end(JSON.stringify(body));
	});
}
