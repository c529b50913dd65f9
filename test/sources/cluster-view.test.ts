/** GET /cluster of members with a valid answer, an odd one, or none. */
import {createServer, type RequestListener} from 'node:http';
import {describe, expect, it, onTestFinished} from 'vitest';
import {Rest} from '../../source/connections/rest.ts';
import type {Event} from '../../source/domain/events.ts';
import {clusterView, unreadView, viewFields, viewSource} from '../../source/sources/cluster-view.ts';
import {captureText, type Suite, suites} from '../support/captures.ts';
import {listenOnLoopback} from '../support/loopback.ts';

const cluster = (changed: object = {}) => ({
	members: [
		{
			name: 'pgdb1',
			role: 'leader',
			state: 'running',
			api_url: 'http://10.73.0.160:8008/patroni',
			host: '10.73.0.160',
			port: 5432,
			timeline: 1,
		},
	],
	...changed,
});
const text = (changed?: object) => JSON.stringify(cluster(changed));

describe('the answer to GET /cluster', () => {
	it.each([
		['an HTML page', '<html><body>502</body></html>', /is not JSON/],
		['no list of members', '{"members": {}}', /is not a list of members/],
		['a list', '[]', /is not a list of members/],
		['a member without a name', '{"members": [{"role": "leader"}]}', /is not a list of members/],
		['an empty name', '{"members": [{"name": ""}]}', /is not a list of members/],
		['nothing', '', /is not JSON/],
		['two members of one name', JSON.stringify({members: [{name: 'a'}, {name: 'a'}]}), /lists a twice/],
		[
			'two leaders',
			JSON.stringify({
				members: [
					{name: 'a', role: 'leader'},
					{name: 'b', role: 'standby_leader'},
				],
			}),
			/several leaders: a, b/,
		],
	])('is refused: %s', (_, body, reason) => {
		expect(() => clusterView(body)).toThrow(reason);
	});

	it('keeps what is valid of fields of a wrong type', () => {
		const {view} = clusterView(
			JSON.stringify({
				members: [
					{
						name: 'a\u001B[2J',
						role: 7,
						state: null,
						api_url: 'javascript:alert(1)',
						host: {},
						port: '99999',
						timeline: -1,
						tags: [],
						lsn: 'x',
					},
				],
				pause: 'yes',
				scheduled_switchover: {at: 'tomorrow', from: 1},
			}),
		);
		expect(view).toMatchObject({pause: false, scheduled: undefined});
		expect(view.members).toMatchObject([
			{
				role: 'unknown',
				data: {state: 'unknown', apiUrl: undefined, host: undefined, port: undefined, tags: {}},
			},
		]);
		expect(view.members[0]?.name).not.toContain('\u001B');
	});

	it('separates the state of PostgreSQL from that of its replication, and reads WAL locations', () => {
		const {view} = clusterView(captureText('forky', 'pgdb1-cluster.json'));
		expect(view.members.find(({role}) => role === 'sync_standby')?.data).toMatchObject({
			state: 'running',
			replicationState: 'streaming',
			received: 0x3000088,
			location: 0x3000088,
		});
	});

	it.each(suites)('has no field on %s that is neither read nor known', (suite: Suite) => {
		const known = new Set([...viewFields, ...Object.keys(unreadView)]);
		const {members, ...top} = JSON.parse(captureText(suite, 'pgdb1-cluster.json')) as {
			members: Record<string, unknown>[];
		};
		const found = [
			...Object.keys(top),
			...members.flatMap(one => Object.keys(one).map(field => `members.${field}`)),
		];
		expect(found.filter(field => !known.has(field))).toEqual([]);
	});
});

/** The first event of the source after it connects to a server with these answers. */
async function firstAnswer(answer: RequestListener): Promise<Event | undefined> {
	const server = createServer(answer);
	const port = await listenOnLoopback(server);
	const rest = new Rest({tls: {}, deadline: 20_000});
	const controller = new AbortController();
	onTestFinished(async () => {
		controller.abort();
		await rest.close();
		server.closeAllConnections();
		server.close();
	});
	const {promise, resolve} = Promise.withResolvers<Event | undefined>();
	const source = viewSource(rest, `http://127.0.0.1:${port}`, 'main');
	void source({
		emit(event) {
			if (event.type !== 'source.connecting') {
				controller.abort();
				resolve(event);
			}
		},
		signal: controller.signal,
		pause: async () => undefined,
		untilPoll: async () => undefined,
		pauseByCalm: async () => undefined,
	});
	return promise;
}

const answers =
	(bodies: Readonly<Record<string, string>>): RequestListener =>
	(request, response) => {
		const body = bodies[request.url ?? ''];
		response.writeHead(body === undefined ? 502 : 200).end(body ?? '');
	};

describe('the source of a view', () => {
	it('reads the cluster, the configuration and the history', async () => {
		const event = await firstAnswer(
			answers({
				'/cluster': text({scope: 'main'}),
				'/config': '{"ttl": 40, "synchronous_mode": true}',
				'/history': '[[1, 50, "no recovery target specified"]]',
			}),
		);
		expect(event).toMatchObject({
			type: 'cluster.seen',
			view: {members: [{name: 'pgdb1'}]},
			extras: {config: {ttl: 40, synchronousMode: 'on'}, history: [{timeline: 1}]},
		});
	});

	it('knows no configuration where the member has none yet', async () => {
		const event = await firstAnswer(answers({'/cluster': text({scope: 'main'}), '/history': '[]'}));
		expect(event).toMatchObject({type: 'cluster.seen', extras: {config: undefined, history: []}});
	});

	it('refuses a member of another cluster, by the scope of either answer', async () => {
		const another = /member of the cluster other, not of main/;
		expect(await firstAnswer(answers({'/cluster': text({scope: 'other'})}))).toMatchObject({
			type: 'source.lost',
			reason: expect.stringMatching(another) as unknown,
		});
		const old = answers({
			'/cluster': text(),
			'/patroni': '{"state": "running", "role": "master", "patroni": {"version": "3.0.2", "scope": "other"}}',
		});
		expect(await firstAnswer(old)).toMatchObject({reason: expect.stringMatching(another) as unknown});
	});

	it.each([
		['an error', answers({}), /GET \/cluster is answered with 502/],
		['a page', answers({'/cluster': '<html></html>'}), /is not JSON/],
		['a huge answer', answers({'/cluster': ' '.repeat(2 * 1024 * 1024)}), /exceeds 1024 KiB/],
	])('reports %s as its loss', async (_, answer: RequestListener, reason) => {
		expect(await firstAnswer(answer)).toMatchObject({
			type: 'source.lost',
			reason: expect.stringMatching(reason) as unknown,
		});
	});
});
