/** Asks each source once, as the console does, and the accesses that operations and logs need; diagnoses what fails. */
import type {Config} from '../config/config.ts';
import type {Connections} from '../connections/connections.ts';
import {reasonOf} from '../connections/error-reason.ts';
import {type Service, serviceIds, services} from '../domain/cluster/services.ts';
import {kindOf, objectOf, sourceName} from '../domain/cluster/source-kinds.ts';
import type {ErrorCode, SourceId, SourceKind} from '../domain/facts.ts';
import {advice, type FindingId} from '../domain/findings/advice.ts';
import {type Subscription, sourcesOf} from '../domain/subscription.ts';
import {bracketHost, hostOf, plainHost} from '../lib/format.ts';
import {sanitize} from '../lib/sanitize.ts';
import type {Runtime} from '../runtime.ts';
import {Session} from '../session.ts';
import type {State} from '../state/state.ts';
import {isInSnapshot, isSettled, subscriptions} from '../state/subscriptions.ts';
import {judgeCluster} from '../state/view/verdict.ts';
import {type Asked, type Diagnosis, diagnose, type Failure} from './diagnosis.ts';

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

export type Examination = {
	checks: readonly Check[];
	/** Neither the DCS nor any member's REST API answers: the console has nothing to show. */
	isBlind: boolean;
};

type Port = {host: string; port: number; service: Service};

const uses: Readonly<Record<SourceKind, string>> = {
	etcd: 'health and quorum of etcd',
	dcs: 'leader key, members, configuration',
	watch: 'changes at once',
	patroni: 'state, role and lag; operations',
	vip: 'the holder of the VIP',
	haproxy: 'where HAProxy sends clients',
	units: 'services',
	disk: 'disk space',
	probe: 'what clients feel',
	logs: 'logs',
};

const asks: Readonly<Record<SourceKind, Failure['asked']>> = {
	etcd: 'etcd',
	dcs: 'etcd',
	watch: 'etcd',
	patroni: 'rest',
	vip: 'ssh',
	haproxy: 'haproxy',
	units: 'ssh',
	disk: 'ssh',
	probe: 'probe',
	logs: 'ssh',
};

/** Findings about the set-up, not about the cluster's state. */
const ofSetUp: readonly FindingId[] = [
	'clock.apart',
	'console.clock',
	'address.local',
	'address.same',
	'address.other',
	'address.withheld',
	'dcs.citus',
	'dcs.none',
	'haproxy.unnamed',
	'haproxy.unknown',
	'haproxy.servers',
	'service.unknown',
];

/** @param timeoutMs for all sources together */
export async function examine(
	config: Config,
	connections: Connections,
	timeoutMs: number,
): Promise<Examination> {
	const {state, answers} = await askSources(config, connections, timeoutMs);
	const nodes = subscriptions(state)
		.filter(one => one.kind === 'units')
		.filter(({node}) => isSeen(state, `units:${node}`));
	const onNodes = new Map(
		await Promise.all(
			nodes.map(
				async ({node, host, services: own}) =>
					[node, await lookAtNode(connections, host, own, config)] as const,
			),
		),
	);
	return {
		checks: checksOf(state, {answers, onNodes}, config),
		isBlind: !subscriptions(state)
			.flatMap(sourcesOf)
			.some(source => ['dcs', 'patroni'].includes(kindOf(source)) && isSeen(state, source)),
	};
}

/** What is known besides the state: the time until the first answer of each source, ms, and what logins show. */
type Known = {answers: Answers; onNodes: ReadonlyMap<string, OnNode>};

export function checksOf(
	state: State,
	{answers, onNodes}: Known,
	config: Pick<Config, 'haproxy' | 'probe' | 'operations'>,
): Check[] {
	const asked = subscriptions(state).filter(isInSnapshot);
	const nodes = asked.filter(one => one.kind === 'units');
	const checkOf = (subscription: Subscription, source: SourceId): Check => {
		const {address, port} = placeOf(subscription, config);
		const kind = asks[kindOf(source)];
		const problem = problemOf(state, source);
		const node = port === undefined ? undefined : nodeAt(nodes, port.host);
		const look = onNodes.get(node ?? '');
		return {
			asked: kind,
			name: sourceName(source),
			address,
			use: uses[kindOf(source)],
			ms: problem === undefined ? answers.get(source) : undefined,
			failure:
				problem &&
				diagnose({
					asked: kind,
					node: node ?? (port?.host === state.target.vip ? 'the holder of the VIP' : undefined),
					host: port?.host ?? hostIn(subscription),
					port: port?.port,
					...problem,
					unit: port === undefined ? undefined : unitOf(state, node, port.service),
					listeners: look === undefined ? undefined : (look.listeners.get(port?.port ?? 0) ?? []),
					login: config.probe && {user: config.probe.user, database: config.probe.database},
				}),
		};
	};
	return [
		...asked.flatMap(subscription => sourcesOf(subscription).map(source => checkOf(subscription, source))),
		...nodes.flatMap(({node, host}) => {
			const look = onNodes.get(node);
			return look === undefined ? [] : accessChecks(node, host, look, config);
		}),
		...setUpChecks(state),
	];
}

type Answers = ReadonlyMap<SourceId, number>;

/** Watches until each source has reported or is lost, or time is out. */
async function askSources(
	config: Config,
	connections: Connections,
	timeoutMs: number,
): Promise<{state: State; answers: Answers}> {
	const {promise: settled, resolve, reject} = Promise.withResolvers<void>();
	const session = new Session({config, onFault: reject});
	const {runtime} = session;
	const began = new Map<SourceId, number>();
	const answers = new Map<SourceId, number>();
	const start = performance.now();
	runtime.observe(({stamped: {event}}) => {
		if (!('source' in event)) {
			return;
		}

		const {source} = event;
		if (event.type === 'source.connecting') {
			began.set(source, performance.now());
		} else if (event.type !== 'source.lost' && event.type !== 'source.closed' && !answers.has(source)) {
			answers.set(source, Math.round(performance.now() - (began.get(source) ?? start)));
		}
	});
	runtime.subscribe(state => {
		if (isSettled(state)) {
			resolve();
		}
	});
	const timer = setTimeout(resolve, timeoutMs);
	try {
		await session.look(connections, isInSnapshot);
		await settled;
		await untilAnswered(runtime, Math.min(secondChanceMs, start + timeoutMs - performance.now()));
	} finally {
		clearTimeout(timer);
	}

	runtime.dispatch({type: 'tick'});
	return {state: runtime.state, answers};
}

/** ms for sources that gave no answer in time: a busy machine may answer the next attempt. */
const secondChanceMs = 4000;

/** Waits until no source is without an answer for its time alone. */
async function untilAnswered({state, subscribe}: Runtime, ms: number): Promise<void> {
	const isLate = (now: State) =>
		subscriptions(now)
			.filter(isInSnapshot)
			.flatMap(sourcesOf)
			.some(source => problemOf(now, source)?.code === 'timeout');
	if (ms <= 0 || !isLate(state)) {
		return;
	}

	const {promise, resolve} = Promise.withResolvers<void>();
	const timer = setTimeout(resolve, ms);
	const stop = subscribe(now => {
		if (!isLate(now)) {
			resolve();
		}
	});
	await promise;
	clearTimeout(timer);
	stop();
}

function isSeen({cluster}: State, source: SourceId): boolean {
	return cluster.sourceStatuses.get(source)?.state === 'seen';
}

type Problem = {reason: string; code?: ErrorCode; remedy?: string | undefined};

/** Undefined: the source has answered. */
function problemOf({cluster}: State, source: SourceId): Problem | undefined {
	const status = cluster.sourceStatuses.get(source);
	if (status?.state === 'lost') {
		const {reason, code, remedy} = status;
		return {reason, remedy, ...(code === undefined ? {} : {code})};
	}

	if (kindOf(source) === 'probe') {
		const probe = cluster.probes.get(Number(objectOf(source)));
		return probe === undefined ? {reason: 'no answer in time', code: 'timeout'} : probe.failing;
	}

	return status?.state === 'seen' ? undefined : {reason: 'no answer in time', code: 'timeout'};
}

/** How a subscription's sources are reached, and the port that they need. */
function placeOf(
	subscription: Subscription,
	config: Pick<Config, 'haproxy' | 'probe'>,
): {address: string; port?: Port} {
	switch (subscription.kind) {
		case 'etcd': {
			const {endpoint} = subscription;
			return {address: endpoint, ...portOf(endpoint, 'etcd')};
		}

		case 'patroni': {
			const {url} = subscription;
			return {address: url, ...portOf(url, 'patroni')};
		}

		case 'haproxy': {
			const {port, path} = config.haproxy;
			const url = `http://${bracketHost(subscription.host)}:${port}${path}`;
			return {address: url, ...portOf(url, 'haproxy')};
		}

		case 'probe': {
			const host = config.probe?.host ?? '';
			return {
				address: `${bracketHost(host)}:${subscription.port}`,
				port: {host, port: subscription.port, service: 'haproxy'},
			};
		}

		case 'addresses':
		case 'units':
		case 'disk': {
			return {address: `ssh ${subscription.host}`};
		}

		case 'logs': {
			return {address: `ssh ${subscription.plan.host}`};
		}

		case 'lease':
		case 'clock': {
			return {address: ''};
		}
	}
}

function portOf(url: string, service: Service): {port?: Port} {
	const host = hostOf(url);
	const {port, protocol} = new URL(url);
	const number = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
	return host === undefined ? {} : {port: {host, port: number, service}};
}

function hostIn(subscription: Subscription): string {
	return 'host' in subscription ? subscription.host : '';
}

type Node = Extract<Subscription, {kind: 'units'}>;

function nodeAt(nodes: readonly Node[], host: string): string | undefined {
	return nodes.find(one => plainHost(one.host) === plainHost(host))?.node;
}

function unitOf(
	{cluster}: State,
	node: string | undefined,
	service: Service,
): {name: string; active: string} | undefined {
	const unit = cluster.units.get(node ?? '')?.value.find(one => one.service === service);
	return unit && {name: unit.unit, active: unit.load === 'not-found' ? 'not installed' : unit.active};
}

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

async function lookAtNode(
	{ssh}: Connections,
	host: string,
	own: readonly Service[],
	config: Config,
): Promise<OnNode> {
	const words = sudoWords(own, config);
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
			user: sanitize(user),
			listeners: listenersIn(sockets),
			refused: refused === '' ? [] : refused.split('\n').map(one => sanitize(one)),
			journal: sanitize(journal.replaceAll('\n', ' ')),
		};
	} catch (error) {
		return {...unknownNode, problem: reasonOf(error)};
	}
}

/** What operations run as `sudo -n …` on a node (source/domain/operations/catalog). */
function sudoWords(own: readonly Service[], {units}: Config): string[] {
	return [
		...serviceIds
			.filter(one => own.includes(one) && services[one].isRestartable)
			.map(one => `systemctl restart ${units[one]}`),
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

function accessChecks(node: string, host: string, look: OnNode, config: Pick<Config, 'operations'>): Check[] {
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

function setUpChecks(state: State): Check[] {
	return judgeCluster(state)
		.findings.filter(({id}) => ofSetUp.includes(id))
		.map(({id, text, about}) => ({
			asked: id.includes('clock') ? ('clock' as const) : ('setting' as const),
			name: id.includes('clock')
				? `clock of ${about ?? 'this machine'}`
				: `set-up${about === undefined ? '' : ` of ${about}`}`,
			address: '',
			use: id.includes('clock') ? 'ages and durations' : 'what it names',
			ms: undefined,
			failure: {cause: text, remedy: advice[id].remedy},
		}));
}
