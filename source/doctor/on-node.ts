/** What a login on a node shows: listening ports, and whether it may run sudo and read the journal. */
import type {Config} from '../config/config.ts';
import type {Connections} from '../connections/connections.ts';
import {reasonOf} from '../connections/error-reason.ts';
import {unitOn} from '../domain/cluster/roles.ts';
import {type Service, serviceIds, services} from '../domain/cluster/services.ts';
import {sanitize} from '../lib/sanitize.ts';
import {type Check, type Diagnosis, diagnose} from './diagnosis.ts';

/** What a login on a node shows about its ports and about what the login may do. */
export type OnNode = {
	user: string;
	/** Local addresses by the port that they listen on. */
	listeners: ReadonlyMap<number, readonly string[]>;
	/** Words after `sudo -n` that sudo refuses. */
	refused: readonly string[];
	/** Standard error of journalctl. */
	journal: string;
	/** Why nothing is known. */
	problem?: string;
};

const unknownNode: OnNode = {user: '', listeners: new Map(), refused: [], journal: ''};
const mark = '--pgha-top--';

export async function lookAtNode(
	{ssh}: Connections,
	{node, host}: {node: string; host: string},
	own: readonly Service[],
	config: Config,
): Promise<OnNode> {
	const words = sudoWords(node, own, config);
	// The units' names have no shell syntax (source/config/schema.ts).
	const command = [
		'PATH="$PATH:/usr/sbin:/sbin"',
		'export LC_ALL=C',
		'id -un',
		`echo ${mark}`,
		'ss -Hltn 2>/dev/null',
		`echo ${mark}`,
		...words.map(one => `sudo -n -l ${one} >/dev/null 2>&1 || echo "${one}"`),
		`echo ${mark}`,
		'journalctl --system --lines=1 --output=cat 2>&1 >/dev/null',
		'true',
	].join('; ');
	try {
		const parts = (await ssh.run(host, `sh -c '${command}'`)).split(`${mark}\n`);
		const [user = '', sockets = '', refused = '', journal = ''] = parts.map(part => part.trim());
		return {
			// It becomes part of a command that the operator may paste.
			user: /^[A-Za-z_][A-Za-z0-9_.-]*$/.test(user) ? user : 'USER',
			listeners: listenersIn(sockets),
			refused: refused === '' ? [] : refused.split('\n').map(one => sanitize(one)),
			journal: sanitize(journal.replaceAll('\n', ' ')),
		};
	} catch (error) {
		return {...unknownNode, problem: reasonOf(error)};
	}
}

/** What operations run as `sudo -n …` on a node (source/domain/operations/catalog). */
export function sudoWords(
	node: string,
	own: readonly Service[],
	config: Pick<Config, 'nodes' | 'units'>,
): string[] {
	return [
		...serviceIds
			.filter(one => own.includes(one) && services[one].isRestartable)
			// The whole name, as operations send it: sudo compares words.
			.map(one => `${unitOn(config, node, one).replace(/\.service$/, '')}.service`)
			.flatMap(unit => [`systemctl restart ${unit}`, `systemctl start ${unit}`]),
		'systemctl reboot',
		'systemctl poweroff',
	];
}

/** Parses `ss -Hltn`: `LISTEN 0 128 127.0.0.1:8008 0.0.0.0:*`. */
export function listenersIn(sockets: string): Map<number, string[]> {
	const found = new Map<number, string[]>();
	for (const line of sockets.split('\n')) {
		const [, address = '', port = ''] = /^\S+\s+\d+\s+\d+\s+(\S+):(\d+)\s/.exec(line) ?? [];
		if (address !== '') {
			found.set(Number(port), [...(found.get(Number(port)) ?? []), sanitize(address)]);
		}
	}

	return found;
}

export function accessChecks(
	node: string,
	host: string,
	look: OnNode,
	config: Pick<Config, 'operations'>,
): Check[] {
	const {user, refused, journal, problem} = look;
	const common = {address: `ssh ${host}`, ms: undefined};
	const failed =
		problem === undefined
			? undefined
			: diagnose({asked: 'ssh', node, host, port: undefined, reason: problem});
	return [
		...(config.operations === 'disabled'
			? []
			: [
					{
						...common,
						asked: 'sudo' as const,
						name: `sudo on ${node}`,
						use: 'restart of services, reboot, power off',
						failure: failed ?? sudoFailure(node, user, refused),
					},
				]),
		{
			...common,
			asked: 'journal',
			name: `journal of ${node}`,
			use: 'logs',
			failure: failed ?? journalFailure(node, user, journal),
		},
	];
}

function sudoFailure(node: string, user: string, refused: readonly string[]): Diagnosis | undefined {
	if (refused.length === 0) {
		return undefined;
	}

	const rule = `${user} ALL=(root) NOPASSWD: ${refused.map(words => words.replace(/^systemctl/, '/usr/bin/systemctl')).join(', ')}`;
	return {
		cause: `sudo does not let ${user} run without a password: ${refused.join(', ')}`,
		remedy: `on ${node}: echo '${rule}' | sudo tee /etc/sudoers.d/pgha-top`,
	};
}

function journalFailure(node: string, user: string, journal: string): Diagnosis | undefined {
	if (/insufficient permissions|not seeing messages from other users/.test(journal)) {
		return {
			cause: `${user} may not read the journal`,
			remedy: `on ${node}: sudo usermod -aG systemd-journal ${user}, then log in again`,
		};
	}

	return /not found/.test(journal)
		? {cause: 'there is no journalctl', remedy: 'name its log files in your configuration, below `logs`'}
		: undefined;
}
