/** Lines of HAProxy 2.2 to 3.2: on standard error (`[WARNING] (74) : `, which is removed before) and by syslog. */
import type {SaidPattern} from '../said.ts';

const server = String.raw`^(?:Backup )?Server (?<backend>[^\s/]+)/(?<object>\S+) `;
/**
 * Until `, check duration: 2ms` or `. 1 active and 0 backup servers left.`; the journal cuts some lines there. Before 2.3 a server
 * that an agent or an operator set has the text without `reason: `; one that tracks another server has ` via BACKEND/SERVER`.
 */
const reason = String.raw`(?:(?:, (?:reason: )?| (?=via ))(?<why>.*?)(?:, check duration: |\. \d{1,9} active and |\.?$))?`;

const ofServer = (text: string) => new RegExp(`${server}${text}`);

export const haproxy: readonly SaidPattern[] = [
	{
		kind: 'haproxy.server-down',
		pattern: ofServer(`is DOWN${reason}`),
		seen: 'HAProxy 2.2 to 3.2 (server.c)',
	},
	{
		kind: 'haproxy.server-down',
		pattern: ofServer('(?:is going DOWN for|was DOWN and now enters) (?<why>maintenance)'),
		seen: 'HAProxy 2.2 to 3.2 (server.c)',
	},
	{
		kind: 'haproxy.server-up',
		pattern: ofServer(String.raw`(?:\('[^']*'\) )?is UP(?:/READY|/DRAIN)?${reason}`),
		seen: 'HAProxy 2.2 to 3.2 (server.c)',
	},
	{
		kind: 'haproxy.no-server',
		pattern: /^\w+ '?(?<backend>[^\s']+)'? has no server available!/,
		seen: 'HAProxy 2.2 to 3.2 (backend.c)',
	},
	{
		// Each worker is a start: the first one, and one for each reload. `Loading success.` has no program's name in it.
		kind: 'haproxy.started',
		pattern: /^New worker (?:#\d+ )?\((?<pid>\d+)\) forked/,
		seen: 'HAProxy 2.2 to 3.0 (haproxy.c)',
	},
	{
		kind: 'haproxy.started',
		pattern: /^Initializing new worker \((?<pid>\d+)\)/,
		seen: 'HAProxy 3.1 to 3.2 (mworker.c)',
	},
	{
		kind: 'haproxy.stopped',
		pattern: /^Current worker (?:#\d+ )?\((?<pid>\d+)\) (?<why>exited with code \d+(?: \([^)]*\))?)/,
		seen: 'HAProxy 2.2 to 3.2 (mworker.c)',
	},
	{
		kind: 'haproxy.stopped',
		pattern: /^All workers exited\. Exiting/,
		seen: 'HAProxy 2.2 to 3.2 (mworker.c)',
	},
	{
		kind: 'haproxy.refused-to-start',
		pattern: /^(?:config : )?(?<why>Fatal errors found in configuration)/,
		seen: 'HAProxy 2.2 to 3.2 (haproxy.c)',
	},
	{
		kind: 'haproxy.refused-to-start',
		pattern: /^Starting .*?(?<why>cannot bind socket.*?)\.?$/,
		seen: 'HAProxy 2.2 to 3.2 (protocol.c)',
	},
	{
		kind: 'haproxy.refused-to-start',
		pattern: /^\[\S+\.main\(\)\] (?<why>.*!) Exiting\.$/,
		seen: 'HAProxy 2.2 to 3.2 (haproxy.c)',
	},
	{
		kind: 'haproxy.refused-to-start',
		pattern: /^(?<why>Failed to load worker)(?: \((?<pid>\d+)\) exited|!)/,
		seen: 'HAProxy 3.1 to 3.2 (mworker.c)',
	},
];
