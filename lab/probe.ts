/** Runs in the operator's network and writes observations of the cluster, one JSON line each, until stdin closes. */
import {get} from 'node:http';
import process from 'node:process';
import {setTimeout as pause} from 'node:timers/promises';

export type Target = {name: string; address: string; roles: readonly string[]};

export type Member = {name: string; role: string; state: string; timeline?: number | string};

export type Observation = {
	/** Per node: whether its etcd reports that it is healthy, which requires a leader. */
	etcd: Record<string, boolean>;
	/** Patroni's view of the cluster, from the first database node that responds. */
	members: Member[];
	/** Per node with HAProxy: its servers that accept writers. */
	primaries: Record<string, string[]>;
};

async function ask(url: string): Promise<string> {
	return new Promise((resolve, reject) => {
		const request = get(url, {signal: AbortSignal.timeout(1500), agent: false}, response => {
			let body = '';
			response.setEncoding('utf8');
			response.on('data', (chunk: string) => {
				body += chunk;
			});
			response.on('end', () => resolve(body));
			response.on('error', reject);
		});
		request.on('error', reject);
	});
}

/** Undefined without an answer, which is an observation, too. */
async function askOrNothing<Answer>(
	url: string,
	read: (body: string) => Answer,
): Promise<Answer | undefined> {
	try {
		return read(await ask(url));
	} catch {
		return undefined;
	}
}

/** The servers that are up in HAProxy's backend `primary`, from its statistics as CSV. */
export function primariesIn(csv: string): string[] {
	const [head = '', ...rows] = csv.split('\n').map(line => line.split(','));
	const column = (name: string) => (Array.isArray(head) ? head.indexOf(name) : -1);
	const [section, server, status] = [column('# pxname'), column('svname'), column('status')];
	return rows
		.filter(row => row[section] === 'primary' && !['FRONTEND', 'BACKEND'].includes(row[server] ?? ''))
		.filter(row => row[status]?.startsWith('UP'))
		.flatMap(row => row[server] ?? []);
}

async function look(targets: readonly Target[]): Promise<Observation> {
	const having = (role: string) => targets.filter(target => target.roles.includes(role));
	const databases = having('db');
	const [etcd, clusters, primaries] = await Promise.all([
		Promise.all(
			having('etcd').map(async ({name, address}) => {
				const healthy = await askOrNothing(
					`http://${address}:2379/health`,
					body => String(JSON.parse(body).health) === 'true',
				);
				return [name, healthy ?? false] as const;
			}),
		),
		Promise.all(
			databases.map(({address}) =>
				askOrNothing(`http://${address}:8008/cluster`, body => JSON.parse(body).members as Member[]),
			),
		),
		Promise.all(
			having('lb').map(async ({name, address}) => {
				const up = await askOrNothing(`http://${address}:7000/;csv`, primariesIn);
				return [name, up ?? []] as const;
			}),
		),
	]);
	return {
		etcd: Object.fromEntries(etcd),
		members: clusters.find(members => members !== undefined) ?? [],
		primaries: Object.fromEntries(primaries),
	};
}

async function main(): Promise<void> {
	const targets: Target[] = JSON.parse(process.argv[2] ?? '[]');
	// The lab closes standard input at the end; the kernel does if the lab is killed.
	process.stdin.resume();
	process.stdin.on('end', () => process.exit(0));
	for (;;) {
		const observation = await look(targets);
		process.stdout.write(`${JSON.stringify(observation)}\n`);
		await pause(500);
	}
}

if (import.meta.main) await main();
