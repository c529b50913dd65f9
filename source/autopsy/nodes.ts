/** The logs of all nodes over SSH: which nodes there are, and a stream for each log of each. */
import type {Config} from '../config/config.ts';
import type {Settings} from '../config/settings.ts';
import {targetOf} from '../config/target.ts';
import {briefConnections, type Connections} from '../connections/connections.ts';
import {reasonOf} from '../connections/error-reason.ts';
import {emptyCluster} from '../domain/cluster/cluster.ts';
import {logSourcesOf} from '../domain/logs/logs.ts';
import type {Target} from '../domain/target.ts';
import {look} from '../snapshot/look.ts';
import {type PastLogs, pastLogsOf} from '../sources/past/node-logs.ts';
import type {State} from '../state/state.ts';

/** The store and the members are asked at most this long; in an incident they may not answer, ms. */
const lookMs = 5000;

export type ReadNodes = {
	target: Target;
	/** Names of all nodes. */
	known: readonly string[];
	all: readonly PastLogs[];
	missing: readonly string[];
	close: () => Promise<void>;
};

export async function readNodes(
	config: Config,
	settings: Settings,
	{
		only,
		span,
		signal,
	}: {only: readonly string[] | undefined; span: {since: number; until: number}; signal: AbortSignal},
): Promise<ReadNodes> {
	const connections = briefConnections(config);
	const {ssh} = connections;
	const state = await lookAt(config, connections, {settings, signal});
	const target = state.target.nodes.length > 0 ? state.target : targetOf(config);
	const found = logSourcesOf(state.cluster, target, state.now);
	const plans = found.length > 0 ? found : logSourcesOf(emptyCluster, target, state.now);
	const missing: string[] = [];
	const wanted = plans.filter(({node}) => only === undefined || only.includes(node));
	const seconds = {since: Math.floor(span.since / 1000), until: Math.ceil(span.until / 1000)};
	const read = await Promise.all(
		wanted.map(async (plan): Promise<PastLogs[]> => {
			try {
				return [await pastLogsOf({ssh, plan, span: seconds, signal})];
			} catch (error) {
				missing.push(
					`${plan.node}: its logs cannot be read: ${reasonOf(error)}: what happened there is not known`,
				);
				return [];
			}
		}),
	);
	return {
		target: {...target, nodes: withHosts(target, plans)},
		known: plans.map(({node}) => node),
		all: read.flat(),
		missing,
		close: async () => ssh.close(),
	};
}

/** The cluster as its store and its members have it now. */
async function lookAt(
	config: Config,
	connections: Connections,
	{settings, signal}: {settings: Settings; signal: AbortSignal},
): Promise<State> {
	try {
		const {runtime} = await look(config, connections, {
			timeoutMs: lookMs,
			settings,
			signal,
			isWanted: ({kind}) => kind === 'view' || kind === 'etcd',
		});
		return runtime.state;
	} catch (error) {
		await connections.ssh.close();
		throw error;
	}
}

/** With the nodes that the cluster named. */
function withHosts(target: Target, plans: readonly {node: string; host: string}[]): Target['nodes'] {
	return [
		...target.nodes,
		...plans
			.filter(({node}) => !target.nodes.some(({name}) => name === node))
			.map(({node, host}) => ({name: node, host, roles: ['database' as const]})),
	];
}
