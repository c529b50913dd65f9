/** Why a check of `pgha-top doctor` failed, and the command or setting that mends it; pure. */
import type {ErrorCode} from '../domain/facts.ts';

/** What a check asks: a source, or an access that operations and logs need. */
export type Asked =
	| 'etcd'
	| 'rest'
	| 'haproxy'
	| 'probe'
	| 'sql'
	| 'ssh'
	| 'sudo'
	| 'journal'
	| 'clock'
	/** An address or a name in the set-up, by a finding. */
	| 'setting';

export type Failure = {
	asked: Exclude<Asked, 'sudo' | 'journal' | 'clock' | 'setting'>;
	/** The node or member in words; undefined where only the address is known. */
	node: string | undefined;
	host: string;
	port: number | undefined;
	reason: string;
	code?: ErrorCode | undefined;
	/** What the source itself advises. */
	remedy?: string | undefined;
	/** The service behind the port: its unit on the node, and whether systemd runs it. Undefined without SSH. */
	unit?: {name: string; active: string} | undefined;
	/**
	 * Local addresses that listen on the port, as `ss` on the node prints them: `0.0.0.0`, `127.0.0.1`, `*`. Undefined
	 * without SSH.
	 */
	listeners?: readonly string[] | undefined;
	/** PostgreSQL's user and database, of the probe or of the monitor. */
	login?: {user: string; database: string} | undefined;
};

export type Diagnosis = {cause: string; remedy: string};

export type Check = {
	asked: Asked;
	/** The source in words: `REST of pgdb1`. */
	name: string;
	/** How it is reached: a URL, `ssh HOST`, `HOST:PORT`. */
	address: string;
	/** What the console uses it for. */
	use: string;
	/** Time until its first answer with the login, ms; undefined if there is none, or it has no duration. */
	ms: number | undefined;
	/** Undefined: it works. */
	failure: Diagnosis | undefined;
};

const labels = {
	etcd: 'etcd',
	rest: 'Patroni',
	haproxy: 'HAProxy',
	probe: 'HAProxy',
	sql: 'PostgreSQL',
} as const;

/** Where the listening address of each service is set. */
const bindings = {
	etcd: '`listen-client-urls` in the configuration of etcd',
	rest: '`restapi.listen` in patroni.yml',
	haproxy: '`bind` of the statistics in haproxy.cfg',
	probe: '`bind` of the client port in haproxy.cfg',
	sql: '`postgresql.listen` in patroni.yml',
} as const;

/** The setting of this program that names another port or address. */
const settings = {
	etcd: '`etcd3.hosts`',
	rest: '`restapi.connect_address` in patroni.yml',
	haproxy: '`haproxy.port`',
	probe: '`haproxy.ports`',
	sql: '`postgresql.connect_address` in patroni.yml',
} as const;

/** Nothing answered; with any other reason something did. */
const unanswered: ReadonlySet<ErrorCode | undefined> = new Set<ErrorCode>([
	'refused',
	'unreachable',
	'timeout',
	'reset',
	'closed',
	'unconnected',
	'silent',
]);

export function diagnose(failure: Failure): Diagnosis {
	const {asked, reason, code, remedy} = failure;
	if (remedy !== undefined) {
		return {cause: reason, remedy};
	}

	if (asked === 'ssh') {
		return diagnoseSsh(failure);
	}

	if (unanswered.has(code)) {
		return diagnosePort(failure, asked);
	}

	return asked === 'probe' || asked === 'sql'
		? diagnosePostgres(failure, asked)
		: diagnoseAnswer(failure, asked);
}

/**
 * Whether the name can stand in a command that is pasted into a shell. Hosts come from the cluster, too, and one that
 * begins with `-` would be a flag.
 */
function isPlain(name: string): boolean {
	return /^[A-Za-z0-9_][A-Za-z0-9_.:@-]*$/.test(name);
}

function diagnoseSsh({reason, code, host}: Failure): Diagnosis {
	const remedy =
		code === 'unknown-host'
			? `give ${host} an entry in DNS or /etc/hosts of this machine, or its address in \`nodes\``
			: code === 'refused'
				? `start sshd on ${host}, or name its port: \`ssh.port\`, or Port in ~/.ssh/config`
				: code === 'timeout' || code === 'unreachable' || code === 'silent'
					? `check that ${host} is on, and that a firewall lets TCP port 22 through from here`
					: isPlain(host)
						? `try: ssh ${host} true`
						: 'try the same login with ssh';
	return {cause: reason, remedy};
}

/** What PostgreSQL itself says. Its messages may be in another language, and then get the last remedy. */
function diagnosePostgres({reason, login}: Failure, asked: 'probe' | 'sql'): Diagnosis {
	const {user, database} = login ?? {user: 'USER', database: 'DATABASE'};
	const refused = /no pg_hba\.conf entry for host "([0-9a-f.:]+)"/.exec(reason)?.[1];
	if (refused !== undefined) {
		// Of the probe, the server sees HAProxy's address, not this machine's.
		const mask = refused.includes(':') ? 128 : 32;
		return {
			cause: reason,
			remedy: `add to \`postgresql.pg_hba\` (patronictl edit-config): host ${database} ${user} ${refused}/${mask} scram-sha-256`,
		};
	}

	if (/role "[^"]*" does not exist/.test(reason)) {
		return {
			cause: reason,
			remedy: `on the leader: CREATE ROLE ${user} LOGIN PASSWORD …${asked === 'sql' ? ' IN ROLE pg_monitor' : ''}`,
		};
	}

	if (/database "[^"]*" does not exist/.test(reason)) {
		return {
			cause: reason,
			remedy: `\`${asked === 'sql' ? 'monitor' : 'probe'}.database\` names the database`,
		};
	}

	return {
		cause: reason,
		remedy: `check that ${user} exists, may connect to ${database}, and has its password in ~/.pgpass (mode 0600)`,
	};
}

/** For an answer that is not what was asked for. */
function diagnoseAnswer({reason, code, host, port}: Failure, asked: 'etcd' | 'rest' | 'haproxy'): Diagnosis {
	if (code === 'tls') {
		const section = {etcd: '`etcd3`', rest: '`ctl`', haproxy: '`haproxy`'}[asked];
		return {cause: reason, remedy: `check \`protocol\`, \`cacert\`, \`cert\` and \`key\` below ${section}`};
	}

	if (code === 'no-leader') {
		return {cause: reason, remedy: 'start the etcd members that are down: a majority must run'};
	}

	if (code === 'unknown-host') {
		return {
			cause: reason,
			remedy: `give ${host} an entry in DNS or /etc/hosts of this machine, or its address in ${settings[asked]}`,
		};
	}

	switch (asked) {
		case 'etcd': {
			return {
				cause: reason,
				remedy:
					code === 'denied'
						? 'set `etcd3.username` and `etcd3.password` to a user that may read the keys of the cluster'
						: `check that port ${port} of ${host} is etcd's, and ${settings.etcd}`,
			};
		}

		case 'rest': {
			return {
				cause: reason,
				remedy: `check that port ${port} of ${host} is Patroni's, and ${settings.rest}`,
			};
		}

		case 'haproxy': {
			return {
				cause: reason,
				remedy:
					'name the page as haproxy.cfg has it: `haproxy.port`, `haproxy.path` (`stats uri` with ;csv), `haproxy.user` and `haproxy.password` (`stats auth`)',
			};
		}
	}
}

/** For a port that gives no answer: what listens on the node, if SSH shows it. */
function diagnosePort(
	{reason, code, node, host, port, unit, listeners}: Failure,
	asked: keyof typeof labels,
): Diagnosis {
	const where = node ?? host;
	const label = labels[asked];
	if (unit !== undefined && unit.active !== 'active' && unit.active !== 'reloading') {
		return {
			cause: `${reason}: ${unit.name} on ${where} is ${unit.active}`,
			remedy:
				isPlain(host) && isPlain(unit.name)
					? `ssh ${host} sudo systemctl start ${unit.name}`
					: `start ${label} on ${where}`,
		};
	}

	if (listeners === undefined) {
		return {
			cause: reason,
			remedy:
				code === 'refused'
					? `start ${label} on ${where}, or check its port: ${settings[asked]}`
					: `check that ${where} is on, and that a firewall lets TCP port ${port} through from here`,
		};
	}

	if (listeners.length === 0) {
		return {
			cause: `${reason}: nothing on ${where} listens on port ${port}`,
			remedy: `check the port: ${bindings[asked]}, and ${settings[asked]}`,
		};
	}

	if (listeners.every(isLoopback)) {
		return {
			cause: `${reason}: ${label} on ${where} listens on ${listeners.join(', ')} only`,
			remedy: `let it listen on an address that is reached from here: ${bindings[asked]}`,
		};
	}

	if (code === 'timeout' && unit !== undefined && asked !== 'probe') {
		return {
			cause: `${reason}: ${label} on ${where} runs and listens on port ${port}; a firewall drops its packets, or it hangs`,
			remedy: `on ${where}: sudo nft list ruleset, sudo firewall-cmd --list-all or sudo ufw status; if port ${port} is open: sudo journalctl -u ${unit.name}`,
		};
	}

	return {
		cause: `${reason}: ${where} listens on port ${port}; a firewall refuses or drops its packets`,
		remedy: `on ${where}: sudo nft list ruleset, sudo firewall-cmd --list-all or sudo ufw status; let TCP port ${port} through from here`,
	};
}

function isLoopback(address: string): boolean {
	return /^(?:127\.|\[?::1\]?$|localhost$)/.test(address);
}
