import {afterEach, describe, expect, it} from 'vitest';
import type {Event} from '../../../source/domain/events.ts';
import type {Source} from '../../../source/sources/source.ts';
import {SqlLink, SqlLinks} from '../../../source/sources/sql/link.ts';
import {sqlDetailsSource, sqlStatusSource} from '../../../source/sources/sql/source.ts';
import {capture} from '../../support/captures.ts';
import {
	errorAnswer,
	type Hostile,
	PostgresServer,
	type QueryWay,
	rowAnswer,
} from '../../support/postgres-server.ts';

const servers: PostgresServer[] = [];

afterEach(() => {
	for (const server of servers.splice(0)) {
		server.close();
	}
});

const json = 3802;
const whole = capture('trixie', 'sql-status-primary') as Record<string, unknown>;
const version = rowAnswer([['version', 23, '170012']]);
/** The parts that a question asks for. */
const asked = (query: string) => Object.keys(whole).filter(name => query.includes(`'${name}',`));

/** Answers as the primary did, but for some parts. */
function primary(
	refused: Readonly<Record<string, string>> = {},
	queries: string[] = [],
	ways: QueryWay[] = [],
): Hostile {
	return {
		reply(query, way) {
			queries.push(query);
			ways.push(way);
			if (query.includes('server_version_num')) {
				return version;
			}

			const denied = asked(query).find(part => Object.hasOwn(refused, part));
			return denied === undefined
				? rowAnswer([
						[
							'answer',
							json,
							JSON.stringify(Object.fromEntries(asked(query).map(part => [part, whole[part]]))),
						],
					])
				: errorAnswer(refused[denied] ?? '', `permission denied for ${denied}`);
		},
	};
}

async function linkTo(hostile: Hostile, deadline = 5000): Promise<SqlLink> {
	const server = new PostgresServer({hostile});
	servers.push(server);
	const port = await server.listen();
	return new SqlLink({
		host: '127.0.0.1',
		port,
		user: 'monitor',
		database: 'postgres',
		password: '',
		ssl: {mode: 'prefer'},
		deadline,
	});
}

/** The first events of a source, without waiting between its polls. */
async function events(source: Source, count: number): Promise<Event[]> {
	const found: Event[] = [];
	const ended = new AbortController();
	const pause = async () => new Promise<void>(resolve => setImmediate(resolve));
	await source({
		emit(event) {
			found.push(event);
			if (found.length >= count) {
				ended.abort();
			}
		},
		signal: ended.signal,
		pause,
		untilPoll: pause,
		pauseByCalm: pause,
	});
	return found;
}

describe('the status of a member by SQL', () => {
	it('is asked over one connection, which is closed at the end', async () => {
		const link = await linkTo(primary());
		expect(await events(sqlStatusSource(link, 'pgdb1'), 3)).toMatchObject([
			{type: 'source.connecting', source: 'sql:pgdb1'},
			{type: 'sql.status', member: 'pgdb1', status: {version: 170_012, inRecovery: false, gaps: []}},
			{type: 'sql.status', member: 'pgdb1'},
		]);
		expect(link.isUsed).toBe(false);
	});

	it('continues without a part that the login may not ask, names it, and asks it no more', async () => {
		const queries: string[] = [];
		const link = await linkTo(primary({system: '42501'}, queries));
		const [, first, second] = await events(sqlStatusSource(link, 'pgdb1'), 3);
		for (const event of [first, second]) {
			expect(event).toMatchObject({
				status: {
					sessions: {limit: 100},
					gaps: [{part: 'system identifier', reason: 'permission denied for system'}],
				},
			});
			expect(event).toMatchObject({status: {systemId: undefined}});
		}

		expect(asked(queries.at(-1) ?? '')).not.toContain('system');
	});

	it('asks a part again that failed in a passing state of the server', async () => {
		const queries: string[] = [];
		const refused: Record<string, string> = {wal: '55000'};
		const link = await linkTo(primary(refused, queries));
		const source = sqlStatusSource(link, 'pgdb1');
		const found: Event[] = [];
		const ended = new AbortController();
		const pause = async () => {
			delete refused.wal;
		};
		await source({
			emit(event) {
				found.push(event);
				if (found.length === 3) {
					ended.abort();
				}
			},
			signal: ended.signal,
			pause,
			untilPoll: pause,
			pauseByCalm: pause,
		});
		expect(found.slice(1)).toMatchObject([
			{status: {gaps: [{part: 'WAL positions'}]}},
			{status: {gaps: [], location: expect.any(Number) as number}},
		]);
	});

	it('has its question planned once', async () => {
		const ways: QueryWay[] = [];
		const link = await linkTo(primary({}, [], ways));
		await events(sqlStatusSource(link, 'pgdb1'), 4);
		expect(ways).toEqual(['simple', 'parsed', 'bound', 'bound']);
	});

	it.each([
		['has no such statement', 'bound', '26000', ['simple', 'parsed', 'bound', 'simple', 'simple']],
		['has one of this name', 'parsed', '42P05', ['simple', 'parsed', 'simple', 'simple']],
	] as const)(
		'is asked at once where a pooler gives it a session that %s',
		async (_, failing, state, expected) => {
			const ways: QueryWay[] = [];
			const link = await linkTo({
				reply(query, way) {
					const answer = primary({}, [], ways).reply?.(query, way);
					return way === failing ? errorAnswer(state, 'prepared statement') : answer;
				},
			});
			const seen = await events(sqlStatusSource(link, 'pgdb1'), failing === 'bound' ? 4 : 3);
			expect(seen.slice(1).map(({type}) => type)).toEqual(seen.slice(1).map(() => 'sql.status'));
			expect(ways).toEqual(expected);
		},
	);

	it('is lost with the reason while the server refuses the login', async () => {
		const link = await linkTo({
			login: errorAnswer('28P01', 'password authentication failed for user "monitor"'),
		});
		expect(await events(sqlStatusSource(link, 'pgdb1'), 2)).toMatchObject([
			{type: 'source.connecting'},
			{
				type: 'source.lost',
				source: 'sql:pgdb1',
				reason: 'password authentication failed for user "monitor"',
				code: 'denied',
				refused: true,
			},
		]);
	});

	it('is lost in time where the server does not answer, and is asked over a new connection', async () => {
		let connections = 0;
		const link = await linkTo(
			{
				reply(query) {
					if (query.includes('server_version_num')) {
						connections++;
						return version;
					}

					return connections === 1 ? undefined : primary().reply?.(query, 'simple');
				},
			},
			50,
		);
		expect(await events(sqlStatusSource(link, 'pgdb1'), 3)).toMatchObject([
			{type: 'source.connecting'},
			{type: 'source.lost', reason: 'no answer in time', code: 'timeout'},
			{type: 'sql.status'},
		]);
		expect(connections).toBe(2);
	});

	it('is lost where something else answers', async () => {
		const link = await linkTo({
			reply: query => (query.includes('server_version_num') ? version : rowAnswer([['answer', json, '[]']])),
		});
		expect(await events(sqlStatusSource(link, 'pgdb1'), 2)).toMatchObject([
			{type: 'source.connecting'},
			{type: 'source.lost', reason: 'not an answer of PostgreSQL'},
		]);
	});
});

it.each<[string, Hostile]>([
	['a question', {reply: query => (query.includes('server_version_num') ? version : undefined)}],
	['a login', {login: Buffer.alloc(0)}],
])('ends at once while %s is not answered', async (_, hostile) => {
	// Else the end of the program would wait for this.
	const link = await linkTo(hostile, 60_000);
	const ended = new AbortController();
	const pause = async () => undefined;
	const source = sqlStatusSource(
		link,
		'pgdb1',
	)({emit: () => undefined, signal: ended.signal, pause, untilPoll: pause, pauseByCalm: pause});
	const server = servers.at(-1);
	await server?.hasLogin;
	ended.abort();
	await source;
	expect(link.isUsed).toBe(false);
});

it('names the parts that an old server does not have', async () => {
	const link = await linkTo({
		reply: query =>
			query.includes('server_version_num')
				? rowAnswer([['version', 23, '110022']])
				: rowAnswer([['answer', json, '{}']]),
	});
	expect(await events(sqlDetailsSource(link, 'pgdb1', 60_000), 2)).toMatchObject([
		{type: 'source.connecting', source: 'details:pgdb1'},
		{
			type: 'sql.details',
			details: {
				gaps: [
					{part: 'archive backlog', reason: 'needs PostgreSQL 12'},
					{part: 'base backups', reason: 'needs PostgreSQL 13'},
					{part: 'collation versions', reason: 'needs PostgreSQL 15'},
				],
			},
		},
	]);
});

it('asks a member over one connection, whichever sources ask', async () => {
	const queries: string[] = [];
	const link = await linkTo(primary({}, queries));
	await Promise.all([
		events(sqlStatusSource(link, 'pgdb1'), 4),
		events(sqlDetailsSource(link, 'pgdb1', 1), 4),
	]);
	expect(queries.filter(query => query.includes('server_version_num'))).toHaveLength(1);
	expect(queries.length).toBeGreaterThan(6);
});

it('shares the connection of a member, and forgets the one of a former address', () => {
	const access = () => ({
		host: '127.0.0.1',
		port: 1,
		user: '',
		database: '',
		ssl: {mode: 'disable' as const},
		deadline: 1,
	});
	const links = new SqlLinks();
	const first = links.at('pgdb1 a', access);
	const release = first.use();
	expect(links.at('pgdb1 a', access)).toBe(first);
	links.at('pgdb1 b', access);
	expect(links.at('pgdb1 a', access)).toBe(first);
	release();
	links.at('pgdb1 b', access);
	expect(links.at('pgdb1 a', access)).not.toBe(first);
});
