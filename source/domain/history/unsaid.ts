/** What no line says, and what follows from the lines after it. Pure. */
import type {LogEvent, SaidKind} from './said.ts';

const running: ReadonlySet<SaidKind> = new Set<SaidKind>([
	'postgres.ready',
	'postgres.ready-standby',
	'patroni.leads',
	'patroni.follows',
]);

/** After these PostgreSQL is not expected to run. */
const ended: ReadonlySet<SaidKind> = new Set<SaidKind>([
	'postgres.stop-requested',
	'postgres.stopped',
	'postgres.crashed',
	'postgres.panic',
	'patroni.restarts',
	'patroni.reinitializes',
	'patroni.rewinds',
	'patroni.demoted',
	'unit.stopping',
	'unit.oom-kill',
	'kernel.oom-kill',
	'kernel.boot',
	'node.silent',
	'node.shutdown',
]);

/** ms before PostgreSQL is started again in which others lost it. */
const noticedMs = 30_000;

/**
 * Adds the ends of PostgreSQL that no line says: it ran, and is started again. The time is that of the first standby that lost
 * it, else of the start.
 * @param events in the order of time
 */
export function withUnsaidEnds(events: readonly LogEvent[]): readonly LogEvent[] {
	const isRunning = new Map<string, boolean>();
	const added: LogEvent[] = [];
	let lost: LogEvent | undefined;
	for (const event of events) {
		const {said, node, service} = event;
		if (said.kind === 'postgres.streaming-lost') {
			lost = event;
		}

		if (running.has(said.kind) && (said.why === undefined || said.why === 'standby leader')) {
			isRunning.set(node, true);
		} else if (ended.has(said.kind) && (said.kind !== 'unit.stopping' || service === 'patroni')) {
			isRunning.set(node, false);
		} else if (
			// Patroni says after the fact that it started it.
			said.kind === 'postgres.starting' &&
			isRunning.get(node) === true
		) {
			isRunning.set(node, false);
			const first = lost !== undefined && lost.node !== node && event.at - lost.at < noticedMs ? lost : event;
			added.push({
				...event,
				at: first.at,
				uncertainMs: first.uncertainMs,
				said: {kind: 'postgres.crashed', why: 'it ended without a line in its log, as by a kill'},
			});
		}
	}

	return added.length === 0 ? events : [...events, ...added].toSorted((a, b) => a.at - b.at);
}
