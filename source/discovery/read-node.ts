/** Reads a node's configuration files over SSH: one to four commands. */
import {reasonOf} from '../connections/error-reason.ts';
import {SshError} from '../connections/ssh/prompts.ts';
import type {Ssh} from '../connections/ssh/ssh.ts';
import {crypto} from '../lib/builtin.ts';
import {readHaproxy} from './haproxy-cfg.ts';
import {readKeepalived} from './keepalived-conf.ts';
import {
	type FileKind,
	filesCommand,
	isPlainPattern,
	type NodeAnswer,
	nodeCommand,
	parseNodeAnswer,
	type ReadFile,
	type UnreadFile,
} from './node-files.ts';
import {readPatroni, readVipManager} from './node-yaml.ts';
import {readPgbouncer} from './pgbouncer-ini.ts';
import type {
	HaproxyFacts,
	KeepalivedFacts,
	PatroniFacts,
	PgbouncerFacts,
	Place,
	VipManagerFacts,
} from './types.ts';

/** keepalived's includes, and includes of includes. */
const includeRounds = 2;

export type NodeFacts = {
	/** As it is reached over SSH. */
	host: string;
	/** The node's own name. */
	hostname: string;
	haproxy: HaproxyFacts | undefined;
	keepalived: KeepalivedFacts | undefined;
	vipManager: VipManagerFacts | undefined;
	pgbouncer: PgbouncerFacts | undefined;
	/** One for each file that is valid; more than one where several clusters have members on the node. */
	patroni: readonly PatroniFacts[];
	/** Names of check scripts of keepalived that ask who leads. */
	leaderChecks: ReadonlySet<string>;
	units: NodeAnswer['units'];
	processes: readonly string[];
	/** Files that exist and were not read, or are not valid. */
	problems: readonly UnreadFile[];
};

/** A node as the console names it. */
export type ReadNode = {name: string; facts: NodeFacts};

/** What a node says, or why it says nothing. */
export type NodeReading = {host: string; facts: NodeFacts} | {host: string; problem: string; cause: unknown};

/** Runs a command and returns its output. */
export type Run = (host: string, command: string) => Promise<string>;

/** ms for a command: a busy node starts its processes late, and nothing waits for this one. */
const commandMs = 15_000;

export function runOver(ssh: Pick<Ssh, 'execute'>): Run {
	return async (host, command) => {
		const {code, text} = await ssh.execute(host, command, AbortSignal.timeout(commandMs));
		if (code === undefined) {
			// The text has parts of files.
			throw new SshError('the connection was lost while the files of the node were read');
		}

		return text;
	};
}

/** @param maySudo whether `sudo -n` reads what the login may not */
export async function readNode(run: Run, host: string, maySudo = true): Promise<NodeReading> {
	try {
		const token = crypto().randomBytes(16).toString('hex');
		const answer = parseNodeAnswer(await run(host, nodeCommand(token, maySudo)), token);
		if (!answer.isWhole) {
			throw new SshError('the node did not run the command: is there a shell?');
		}

		const more = async (wanted: readonly {kind: FileKind; pattern: string}[]) =>
			wanted.length === 0
				? {files: [], unread: []}
				: parseNodeAnswer(await run(host, filesCommand(token, wanted, maySudo)), token);
		const included = await readIncludes(answer.files, more);
		const files = [...answer.files, ...included.files];
		const isRead = (script: string) => files.some(({path}) => path === script);
		const scripts = await more(
			scriptPaths(files).flatMap(pattern => (isRead(pattern) ? [] : [{kind: 'other', pattern}])),
		);
		return {
			host,
			facts: factsOf(host, {
				...answer,
				files: [...files, ...scripts.files],
				unread: [...answer.unread, ...included.unread],
			}),
		};
	} catch (error) {
		return {host, problem: reasonOf(error), cause: error};
	}
}

type More = (
	wanted: readonly {kind: FileKind; pattern: string}[],
) => Promise<Pick<NodeAnswer, 'files' | 'unread'>>;

async function readIncludes(
	files: readonly ReadFile[],
	more: More,
): Promise<Pick<NodeAnswer, 'files' | 'unread'>> {
	const known = new Set(files.map(({path}) => path));
	const found: ReadFile[] = [];
	const unread: UnreadFile[] = [];
	let last = files.filter(({kind}) => kind === 'keepalived');
	for (let round = 0; round < includeRounds && last.length > 0; round++) {
		const wanted = last.flatMap(file =>
			readKeepalived([file]).includes.map(({pattern}) => ({
				kind: 'keepalived' as const,
				pattern: besides(file.path, pattern),
			})),
		);
		const answer = await more(wanted.filter(({pattern}) => isPlainPattern(pattern) && !known.has(pattern)));
		last = answer.files.filter(({path}) => !known.has(path));
		for (const {path} of last) {
			known.add(path);
		}

		found.push(...last);
		unread.push(...answer.unread);
	}

	return {files: found, unread};
}

/** A relative pattern is relative to the folder of the file. */
function besides(file: string, pattern: string): string {
	return pattern.startsWith('/') ? pattern : `${file.slice(0, file.lastIndexOf('/') + 1)}${pattern}`;
}

function scriptPaths(files: readonly ReadFile[]): string[] {
	const {vips} = readKeepalived(files.filter(({kind}) => kind === 'keepalived'));
	const paths = vips.flatMap(({scripts}) => scripts.map(({command}) => command.split(' ', 1)[0] ?? ''));
	return [...new Set(paths)].filter(path => isPlainPattern(path) && !/[*?]|\/bin\/|\/sbin\//.test(path));
}

export function factsOf(host: string, answer: NodeAnswer): NodeFacts {
	const of = (kind: FileKind) => answer.files.filter(file => file.kind === kind && isInUse(kind, answer));
	const invalid: UnreadFile[] = [];
	const valid = <T extends object>(file: ReadFile, read: (file: ReadFile) => T | {problem: string}): T[] => {
		const found = read(file);
		if ('problem' in found) {
			invalid.push({path: file.path, why: String(found.problem)});
			return [];
		}

		return [found];
	};
	const [haproxy, keepalived, pgbouncer] = [of('haproxy'), of('keepalived'), of('pgbouncer')];
	const keepalivedFacts = keepalived.length === 0 ? undefined : readKeepalived(keepalived);
	const managers = of('vip-manager').flatMap(file => valid(file, readVipManager));
	return {
		host,
		hostname: answer.hostname,
		haproxy: haproxy.length === 0 ? undefined : readHaproxy(haproxy),
		keepalived: keepalivedFacts,
		vipManager: managers.length === 0 ? undefined : {vips: managers.flatMap(({vips}) => vips)},
		pgbouncer: pgbouncer.length === 0 ? undefined : readPgbouncer(pgbouncer),
		patroni: of('patroni')
			.flatMap(file => valid(file, readPatroni))
			// A file without a name of the cluster, such as Debian's dcs.yml, is not the configuration of a member.
			.filter(({scope}) => scope !== undefined),
		leaderChecks: leaderChecks(keepalivedFacts, of('other')),
		units: answer.units,
		processes: answer.processes,
		problems: [...answer.unread, ...invalid],
	};
}

/** A package that is installed and not used has a file, too. patroni.yml names the cluster also while Patroni is off. */
function isInUse(kind: FileKind, {units, processes}: NodeAnswer): boolean {
	if (kind === 'patroni' || kind === 'other' || (units.length === 0 && processes.length === 0)) {
		return true;
	}

	return (
		processes.some(name => name.includes(kind)) ||
		units.some(
			({name, active, enabled}) => name.includes(kind) && (active === 'active' || enabled === 'enabled'),
		)
	);
}

/** Patroni's endpoints of the leader, PostgreSQL's own answer, or the role in Patroni's JSON. */
const asksLeader =
	/\/(?:primary|master|leader|read-write)\b(?!\/)|pg_is_in_recovery|["']?\brole\b["']?\s*(?:[=:]|==|!=)/;

function leaderChecks(facts: KeepalivedFacts | undefined, scripts: readonly ReadFile[]): ReadonlySet<string> {
	const texts = new Map(scripts.map(({path, text}) => [path, text]));
	const checks = (facts?.vips ?? []).flatMap(({scripts: own}) => own);
	return new Set(
		checks.flatMap(({name, command}) => {
			const [path = '', ...words] = command.split(' ');
			const text = texts.get(path);
			return asksLeader.test(text ?? '') || asksLeader.test(words.join(' ')) ? [name] : [];
		}),
	);
}

/** `pgdb1:/etc/haproxy/haproxy.cfg:4`. */
export function placeText(node: string, {file, line}: Place): string {
	return `${node}:${file}:${line}`;
}
