/** The processes of PostgreSQL on a node, over SSH: only while something depends on them. */
import type {Ssh} from '../connections/ssh/ssh.ts';
import type {ServerProcesses} from '../domain/cluster/processes.ts';
import {countOf} from '../lib/json.ts';
import {askTimed, lateness} from '../lib/own-time.ts';
import {sanitize} from '../lib/sanitize.ts';
import type {Source} from './source.ts';
import {sshSource} from './source.ts';

/** `exit 0`: no such process is an answer, too. */
const listCommand =
	'LC_ALL=C ps -ww -C postgres,postmaster -o pid=,ppid=,user:64=,etimes=,args= | head -n 1000; exit 0';

/** Without shell syntax. */
const plainPath = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9@._+,:=-]+)+$/;

/** Who runs PostgreSQL where nothing else is known, in Debian's and the RPM packages. */
const usualOwner = 'postgres';

/** Prints the owner of the data directory: anyone may give a process any title. */
function ownerCommand(dataDir: string | undefined): string {
	return dataDir === undefined || !plainPath.test(dataDir)
		? ''
		: `stat -c "owner %U" ${dataDir} 2>/dev/null; `;
}

/** The folders of Debian's and the RPM packages: no other program of this name is run. */
const programFolder = /^(?:\/usr\/lib\/postgresql\/\d+|\/usr\/pgsql-\d+)\/bin\//;

const serversMax = 8;
const titlesMax = 64;
const titleMax = 200;

/** ms; pg_controldata is asked again, since a checkpoint may write another timeline. */
const controlEveryMs = 30_000;

/** @param dataDir of the member's PostgreSQL, where it is known */
export function processesSource(ssh: Ssh, node: string, host: string, dataDir: string | undefined): Source {
	const source = `processes:${node}` as const;
	/** By postmaster. */
	const timelines = new Map<string, {timeline: number | undefined; at: number}>();
	return sshSource(source, async ({emit, signal, untilPoll}) => {
		while (!signal.aborted) {
			const began = performance.now();
			const {answer, timing} = await askTimed(async () =>
				ssh.run(host, `sh -c '${ownerCommand(dataDir)}${listCommand}'`),
			);
			const {tookMs, lateMs} = timing();
			const servers = parseProcesses(answer, dataDir);
			for (const {server, program} of servers) {
				const key = `${server.pid} ${server.dataDir ?? ''}`;
				const known = timelines.get(key);
				if (server.state !== 'primary' || !server.isMembers) {
					continue;
				}

				if (known === undefined || performance.now() - known.at > controlEveryMs) {
					const timeline = await controlTimeline(ssh, host, program, server.dataDir);
					timelines.clear();
					timelines.set(key, {timeline, at: performance.now()});
				}

				server.timeline = timelines.get(key)?.timeline;
			}

			if (!signal.aborted) {
				emit({
					type: 'processes.snapshot',
					source,
					node,
					servers: servers.map(({server}) => server),
					tookMs,
					...lateness({tookMs, lateMs}),
				});
				await untilPoll(began, signal);
			}
		}
	});
}

/** Undefined where the login may not read the control file, nor sudo without a password. */
async function controlTimeline(
	ssh: Ssh,
	host: string,
	program: string,
	dataDir: string | undefined,
): Promise<number | undefined> {
	const folder = programFolder.exec(program)?.[0];
	if (folder === undefined || dataDir === undefined || !plainPath.test(dataDir)) {
		return undefined;
	}

	const tool = `${folder}pg_controldata`;
	const answer = await ssh.run(
		host,
		`sh -c 'export LC_ALL=C; if [ -r ${dataDir}/global/pg_control ]; then ${tool} -D ${dataDir}; else sudo -n ${tool} -D ${dataDir}; fi 2>/dev/null; exit 0'`,
	);
	return countOf(/^Latest checkpoint's TimeLineID:\s+(\d+)$/m.exec(answer)?.[1]);
}

/** A server, and the path of its program. */
type Found = {server: ServerProcesses; program: string};

/**
 * Parses lines `PID PARENT USER SECONDS COMMAND` of ps, after a line `owner USER` where the data directory shows it; a postmaster is
 * a process of that user whose parent is no other one.
 */
export function parseProcesses(text: string, dataDir: string | undefined): Found[] {
	const owner = /^owner (\S+)$/m.exec(text)?.[1] ?? usualOwner;
	const all = text.split('\n').flatMap(line => {
		const [, pid, parent, user, seconds, args] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
		const [id, of, age] = [countOf(pid), countOf(parent), countOf(seconds)];
		return id === undefined || of === undefined || age === undefined || args === undefined || user !== owner
			? []
			: [{id, of, ageMs: age * 1000, args: sanitize(args).slice(0, titleMax * 4)}];
	});
	const ids = new Set(all.map(({id}) => id));
	const postmasters = all
		.filter(({of, args}) => !ids.has(of) && !args.startsWith('postgres: '))
		.slice(0, serversMax);
	return postmasters.map(({id, ageMs, args}) => {
		const directory = /(?:^| )(?:-D|--pgdata=?) ?(\S+)/.exec(args)?.[1]?.replace(/\/+$/, '');
		const titles = all.filter(({of}) => of === id).map(one => titleOf(one.args));
		const isMembers =
			dataDir === undefined || directory === undefined ? postmasters.length === 1 : directory === dataDir;
		return {
			program: args.split(' ', 1)[0] ?? '',
			server: {
				pid: id,
				dataDir: directory,
				isMembers,
				ageMs,
				// A role may have such a name, too: its sessions have more than that in their titles.
				state: titles.some(title => /^startup(?: recovering .*| waiting .*)?$/.test(title))
					? 'standby'
					: titles.some(title => /^wal ?writer$/.test(title))
						? 'primary'
						: 'busy',
				// The server's own first: a busy server has more sessions than are kept.
				titles: [...titles.filter(isOwn), ...titles.filter(title => !isOwn(title))].slice(0, titlesMax),
			},
		};
	});
}

/** Words that begin the title of a process of the server itself. */
const own =
	/^(?:startup|walreceiver|wal receiver|walsender|wal sender|walwriter|wal writer|walsummarizer|archiver|checkpointer|background writer|autovacuum|logical replication|stats collector|slotsync worker|io worker|parallel worker|logger)\b/;

function isOwn(title: string): boolean {
	return own.test(title);
}

/** Without `postgres:` and the cluster's name, which stands before the title if `cluster_name` is set. */
function titleOf(args: string): string {
	const title = args
		.replace(/^postgres: /, '')
		.slice(0, titleMax)
		.trim();
	const rest = title.replace(/^[^ ]+: /, '');
	return isOwn(title) ? title : rest;
}
