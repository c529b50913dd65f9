/** Error codes for recordings of older consoles, which had none: the only place where the words of a reason decide anything. */
import type {Cluster} from '../domain/cluster/cluster.ts';
import type {SourceStatus} from '../domain/cluster/freshness.ts';
import type {Probe} from '../domain/cluster/probe.ts';
import type {Event} from '../domain/events.ts';
import type {ErrorCode} from '../domain/facts.ts';

/** The words that consoles before the codes had for it. */
const refused = 'connection refused';
const denied = /authentication|pg_hba|does not exist|permission denied|is not permitted/;

function ofSource(reason: string): {code?: ErrorCode} {
	return reason === refused ? {code: 'refused'} : {};
}

function ofProbe(reason: string): {code?: ErrorCode} {
	return denied.test(reason) ? {code: 'denied'} : ofSource(reason);
}

/** The same object where it has its code, or needs none. */
export function eventWithCode(event: Event): Event {
	if (event.type === 'source.lost' && event.code === undefined) {
		return {...event, ...ofSource(event.reason)};
	}

	return event.type === 'probe.failed' && event.code === undefined
		? {...event, ...ofProbe(event.reason)}
		: event;
}

/** @param cluster as a snapshot of the state has it, its maps restored */
export function clusterWithCodes(cluster: Cluster): Cluster {
	return {
		...cluster,
		sourceStatuses: new Map(
			[...cluster.sourceStatuses].map(([source, status]) => [source, statusWithCode(status)]),
		),
		probes: new Map([...cluster.probes].map(([port, probe]) => [port, probeWithCode(probe)])),
	};
}

function statusWithCode(status: SourceStatus): SourceStatus {
	return status.state === 'lost' && status.code === undefined
		? {...status, ...ofSource(status.reason)}
		: status;
}

function probeWithCode(probe: Probe): Probe {
	const {failing} = probe;
	return failing === undefined || failing.code !== undefined
		? probe
		: {...probe, failing: {...failing, ...ofProbe(failing.reason)}};
}
