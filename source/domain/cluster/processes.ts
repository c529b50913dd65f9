/** PostgreSQL servers on a node as their processes show them over SSH: where neither Patroni nor SQL answers, and while one stops. */

export type ServerProcesses = {
	/** Of the postmaster. */
	pid: number;
	dataDir?: string | undefined;
	/** It is the member's: its data directory is the configured one, or it is the only server there. */
	isMembers: boolean;
	/** Since the start of the postmaster, ms. */
	ageMs: number;
	/**
	 * `primary`: the WAL writer runs, which starts with the end of recovery; `standby`: WAL is replayed; `busy`: neither, it
	 * starts or stops.
	 */
	state: 'primary' | 'standby' | 'busy';
	/** What its processes do, without `postgres:` and the name of the cluster: `walsender replicator 10.73.0.160(38566) streaming 0/30`. */
	titles: readonly string[];
	/** Of the last checkpoint, by pg_controldata; undefined where the login may not run it. */
	timeline?: number | undefined;
};

/** A client's title: `USER DATABASE ADDRESS(PORT) WHAT`. */
const client = /^\S+ \S+ (?:\[local\]|[0-9a-fA-F.:]+\(\d+\))(?: |$)/;

/** The sessions of clients, as the server titles them; a login that is not done yet is none. */
export function clientSessions({titles}: ServerProcesses): readonly string[] {
	return titles.filter(
		title =>
			client.test(title) &&
			!title.startsWith('walsender ') &&
			!/ (?:authentication|initializing|startup)$/.test(title),
	);
}

/** What a stop waits for, in the order in which it does; an idle session is ended at once. */
const waitsFor: readonly (readonly [RegExp, string])[] = [
	[/^checkpointer performing/, 'the checkpoint'],
	[/^archiver (?:archiving|failed)/, 'the archiver'],
	[/^walsender /, 'a WAL sender'],
];

/** The processes that may hold up a stop or a promotion, as they call themselves. */
export function waitedFor(server: ServerProcesses): {what: string; title: string}[] {
	return [
		...clientSessions(server)
			.filter(title => !title.endsWith(' idle'))
			.map(title => ({what: 'a client session', title})),
		...waitsFor.flatMap(([pattern, what]) =>
			server.titles.filter(title => pattern.test(title)).map(title => ({what, title})),
		),
	];
}
