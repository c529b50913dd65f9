/** Why a check of `pgha-top doctor` failed, and the command or setting that mends it; pure. */
import type {ErrorCode} from '../domain/facts.ts';

/** What a check asks: a source, or an access that operations and logs need. */
export type Asked =
	| 'etcd'
	| 'rest'
	| 'haproxy'
	| 'probe'
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
	/** PostgreSQL's user and database of the probe. */
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

const labels = {etcd: 'etcd', rest: 'Patroni', haproxy: 'HAProxy', probe: 'HAProxy'} as const;

/** Where the listening address of each service is set. */
const bindings = {
	etcd: '`listen-client-urls` in the configuration of etcd',
	rest: '`restapi.listen` in patroni.yml',
	haproxy: '`bind` of the statistics in haproxy.cfg',
	probe: '`bind` of the client port in haproxy.cfg',
} as const;

/** The setting of this program that names another port or address. */
const settings = {
	etcd: '`etcd3.hosts`',
	rest: '`restapi.connect_address` in patroni.yml',
	haproxy: '`haproxy.port`',
	probe: '`haproxy.ports`',
} as const;

export function diagnose(failure: Failure): Diagnosis {
	if (failure.remedy !== undefined) {
		return {cause: failure.reason, remedy: failure.remedy};
	}

	switch (failure.asked) {
		case 'ssh': {
			return diagnoseSsh(failure);
		}

		case 'probe': {
			return diagnosePostgres(failure) ?? diagnosePort(failure, 'probe');
		}

		case 'etcd':
		case 'rest':
		case 'haproxy': {
			return diagnoseAnswer(failure, failure.asked) ?? diagnosePort(failure, failure.asked);
		}
	}
}

function diagnoseSsh({reason, code, host}: Failure): Diagnosis {
	const remedy =
		code === 'unknown-host'
			? `give ${host} an entry in DNS or /etc/hosts of this machine, or its address in \`nodes\``
			: code === 'refused'
				? `start sshd on ${host}, or name its port: \`ssh.port\`, or Port in ~/.ssh/config`
				: code === 'timeout' || code === 'unreachable' || code === 'silent'
					? `check that ${host} is on, and that a firewall lets TCP port 22 through from here`
					: `try: ssh ${host} true`;
	return {cause: reason, remedy};
}

/** What PostgreSQL itself says; undefined if it did not answer. */
function diagnosePostgres({reason, login}: Failure): Diagnosis | undefined {
	const {user, database} = login ?? {user: 'USER', database: 'DATABASE'};
	const refused = /no pg_hba\.conf entry for host "([^"]+)"/.exec(reason)?.[1];
	if (refused !== undefined) {
		// The server sees HAProxy's address, not this machine's.
		const mask = refused.includes(':') ? 128 : 32;
		return {
			cause: reason,
			remedy: `add to \`postgresql.pg_hba\` (patronictl edit-config): host ${database} ${user} ${refused}/${mask} scram-sha-256`,
		};
	}

	if (/password authentication failed|no password supplied|password/i.test(reason)) {
		return {
			cause: reason,
			remedy: `put the password of ${user} into ~/.pgpass (mode 0600), or set it on the leader: ALTER ROLE ${user} PASSWORD …`,
		};
	}

	if (/role "[^"]*" does not exist/.test(reason)) {
		return {cause: reason, remedy: `on the leader: CREATE ROLE ${user} LOGIN PASSWORD …`};
	}

	if (/database "[^"]*" does not exist/.test(reason)) {
		return {cause: reason, remedy: '`probe.database` names the database'};
	}

	return undefined;
}

/** For an answer that is not what was asked for; undefined if nothing answered. */
function diagnoseAnswer(
	{reason, code, host, port}: Failure,
	asked: 'etcd' | 'rest' | 'haproxy',
): Diagnosis | undefined {
	if (code === 'tls') {
		const section = {etcd: '`etcd3`', rest: '`ctl`', haproxy: '`haproxy`'}[asked];
		return {cause: reason, remedy: `check \`protocol\`, \`cacert\`, \`cert\` and \`key\` below ${section}`};
	}

	if (code === 'denied') {
		return {
			cause: reason,
			remedy:
				asked === 'etcd'
					? 'set `etcd3.username` and `etcd3.password` to a user that may read the keys of the cluster'
					: `set the user of ${labels[asked]}`,
		};
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

	const status = /\b(401|403|404|50\d)\b/.exec(reason)?.[1];
	if (asked === 'haproxy' && (status === '401' || status === '403')) {
		return {
			cause: `${reason}: the page asks for a user`,
			remedy: 'set `haproxy.user` and `haproxy.password` as `stats auth` in haproxy.cfg has them',
		};
	}

	if (/is this Patroni|not HAProxy statistics|not an answer of etcd|404/.test(reason)) {
		return {
			cause: reason,
			remedy:
				asked === 'haproxy'
					? `name the page: \`haproxy.port\` and \`haproxy.path\`, as \`stats uri\` in haproxy.cfg has it, with ;csv`
					: `port ${port} of ${host} is another service's: check ${settings[asked]}`,
		};
	}

	return undefined;
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
			remedy: `ssh ${host} sudo systemctl start ${unit.name}`,
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
