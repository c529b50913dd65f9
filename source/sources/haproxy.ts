/**
 * Polls the statistics of a node's HAProxy. Where no page is configured, the usual pages are tried, then the statistics
 * socket over SSH; the first that shows HAProxy's CSV is kept.
 */
import type {Credentials} from '../config/access.ts';
import {codeOf, lossOf} from '../connections/error-reason.ts';
import type {Rest} from '../connections/rest.ts';
import type {HaproxyStats} from '../domain/facts.ts';
import {bracketHost} from '../lib/format.ts';
import {askFairly, lateness} from '../lib/own-time.ts';
import {haproxyStats} from './haproxy-csv.ts';
import {poll, type Source} from './source.ts';

const usualPorts = [7000, 8404];
const usualPaths = ['/;csv', '/stats;csv'];

export type HaproxyWays = {
	/** URLs of statistics pages. `isConfigured`: there is one, which the configuration names in full. */
	pages: readonly string[];
	isConfigured: boolean;
	/** Reads the statistics from the socket on the node. */
	socket?: () => Promise<string>;
};

/** The pages to try: what is configured of port and path is not guessed; a page that was found is tried first. */
export function haproxyPages(
	host: string,
	{port, path, isPageFound}: {port?: number; path?: string; isPageFound?: boolean},
): Pick<HaproxyWays, 'pages' | 'isConfigured'> {
	const urls = (ports: readonly number[], paths: readonly string[]) =>
		ports.flatMap(one => paths.map(page => `http://${bracketHost(host)}:${one}${page}`));
	const own = urls(port === undefined ? usualPorts : [port], path === undefined ? usualPaths : [path]);
	return {
		pages: isPageFound ? [...new Set([...own, ...urls(usualPorts, usualPaths)])] : own,
		isConfigured: port !== undefined && path !== undefined && !isPageFound,
	};
}

/** Sockets of Debian's and the RPM package. */
const usualSockets = ['/run/haproxy/admin.sock', '/var/lib/haproxy/stats', '/run/haproxy.sock'];

/** perl is on every Debian; other systems have one of the others. */
const clients = [
	'if command -v socat >/dev/null; then printf "show stat\\n" | timeout 2 $as socat - "UNIX-CONNECT:$s"',
	'elif command -v perl >/dev/null; then timeout 2 $as perl -MIO::Socket::UNIX -e "\\$c=IO::Socket::UNIX->new(Peer=>shift) or exit 1; print \\$c qq(show stat\\n); print while <\\$c>" "$s"',
	'elif command -v python3 >/dev/null; then timeout 2 $as python3 -c "import socket,sys; c=socket.socket(socket.AF_UNIX); c.connect(sys.argv[1]); c.sendall(b\\"show stat\\\\n\\"); f=c.makefile(); sys.stdout.writelines(f)" "$s"',
	'else printf "show stat\\n" | timeout 2 $as nc -U "$s"; fi',
].join('; ');

/** The sockets that haproxy.cfg names, then the usual ones. `sudo -n` only for one that the login may not write to. */
export const socketCommand = [
	`sh -c 'for s in`,
	`$(sed -n "s/^[[:space:]]*stats[[:space:]]\\{1,\\}socket[[:space:]]\\{1,\\}\\(\\/[^[:space:]]*\\).*/\\1/p" /etc/haproxy/haproxy.cfg 2>/dev/null | head -n 4)`,
	`${usualSockets.join(' ')}; do`,
	`as=; if [ ! -w "$s" ]; then [ -e "$s" ] || continue; as="sudo -n"; fi;`,
	`${clients} && exit 0;`,
	`done'`,
].join(' ');

/** ms; each attempt with sudo is in the log of the node. */
const socketRetryMs = 60_000;

/** Polls that the way in use may fail, as during a restart, before another one is tried beside it. */
const failuresMax = 3;

const asksForUser = 'requires a user (stats auth): set haproxy.user and haproxy.password';
const refusesUser = 'rejects haproxy.user and haproxy.password (stats auth)';

/** The page answers, but not with statistics; `needsUser`: it asks for a user. */
class PageError extends Error {
	readonly needsUser: boolean;

	constructor(message: string, needsUser = false) {
		super(message);
		this.needsUser = needsUser;
	}
}

/** One way to the statistics. */
type Way = {kind: 'page' | 'socket'; by: string; read: (signal: AbortSignal) => Promise<HaproxyStats>};

export function haproxySource(http: Rest, node: string, ways: HaproxyWays, user?: Credentials): Source {
	return async context => {
		const {emit, signal} = context;
		const source = `haproxy:${node}` as const;
		const search = new Search(waysOf(http, ways, user));
		emit({type: 'source.connecting', source});
		await poll(context, async () => {
			let problem: unknown;
			for (const way of search.order(performance.now())) {
				try {
					const {answer, timing} = await askFairly(async () => way.read(signal), signal);
					search.keep(way);
					const took = timing();
					emit({
						type: 'haproxy.stats',
						source,
						node,
						by: way.by,
						...answer,
						tookMs: took.tookMs,
						...lateness(took),
					});
					return;
				} catch (error) {
					if (signal.aborted) {
						return;
					}

					problem = search.isKept(way) || rank(error) > rank(problem) ? error : problem;
					if (search.fail(way, error, performance.now())) {
						break;
					}
				}
			}

			emit({type: 'source.lost', source, ...lossOf(problem)});
		});
	};
}

function waysOf(http: Rest, {pages, isConfigured, socket}: HaproxyWays, user?: Credentials): Way[] {
	return [
		...pages.map((url): Way => pageWay(http, url, user, isConfigured)),
		...(socket === undefined || isConfigured
			? []
			: [{kind: 'socket' as const, by: 'socket', read: async () => statsOfSocket(await socket())}]),
	];
}

function statsOfSocket(text: string): HaproxyStats {
	if (text.trim() === '') {
		throw new Error('no statistics socket of HAProxy can be read');
	}

	return haproxyStats(text);
}

/** A page that is tried gets the user only after it asks for one. */
function pageWay(http: Rest, url: string, user: Credentials | undefined, isConfigured: boolean): Way {
	let sendsUser = isConfigured;
	return {
		kind: 'page',
		by: url,
		async read(signal) {
			let answer = await http.get(url, signal, sendsUser ? user : undefined);
			if (answer.status === 401 && !sendsUser && user !== undefined) {
				sendsUser = true;
				answer = await http.get(url, signal, user);
			}

			const {status, body} = answer;
			if (status === 401) {
				throw new PageError(user === undefined ? asksForUser : refusesUser, true);
			}

			if (status !== 200) {
				throw new PageError(`HAProxy answers ${status}: check haproxy.path`);
			}

			return haproxyStats(body);
		},
	};
}

/** Of several failures the one that says most is reported. */
function rank(error: unknown): number {
	return error === undefined ? -1 : error instanceof PageError && error.needsUser ? 2 : codeOf(error) ? 1 : 0;
}

/** Which ways a poll takes, one at a time: all while none is found, then the found one. */
class Search {
	readonly #ways: readonly Way[];
	#kept: Way | undefined;
	#failures = 0;
	/** The way that the next search begins with. */
	#next = 0;
	#socketFrom = 0;

	constructor(ways: readonly Way[]) {
		this.#ways = ways;
	}

	order(now: number): Way[] {
		const others = [...this.#ways.slice(this.#next), ...this.#ways.slice(0, this.#next)].filter(
			way => way !== this.#kept && (way.kind === 'page' || now >= this.#socketFrom),
		);
		return this.#kept === undefined
			? others
			: [this.#kept, ...(this.#failures < failuresMax ? [] : others.slice(0, 1))];
	}

	isKept(way: Way): boolean {
		return way === this.#kept;
	}

	keep(way: Way): void {
		this.#kept = way;
		this.#failures = 0;
		this.#next = 0;
	}

	/** @returns whether the poll ends here: after a way without an answer the next poll continues after it */
	fail(way: Way, error: unknown, now: number): boolean {
		const index = this.#ways.indexOf(way);
		if (way.kind === 'socket') {
			this.#socketFrom = now + socketRetryMs;
		}

		if (way === this.#kept) {
			this.#failures++;
			return false;
		}

		const isSilent = codeOf(error) === 'timeout';
		this.#next = isSilent || this.#kept !== undefined ? (index + 1) % this.#ways.length : 0;
		return isSilent;
	}
}
