/** Reads the nodes' logs of the last minutes, gently: of a node one log at a time, and of a large one only its end. */
import {reasonOf} from '../../connections/error-reason.ts';
import type {Ssh} from '../../connections/ssh/ssh.ts';
import {type Collected, LogCollector} from '../../domain/history/collect.ts';
import type {PastSpan} from '../../domain/history/log-facts.ts';
import type {NodeLogs} from '../../domain/logs/logs.ts';
import {pastLogsOf} from './node-logs.ts';

export type RecentLogs = {
	collected: Collected;
	/** What could not be read, and what would mend it. */
	missing: readonly string[];
};

/** Of each log: more would cost a node more than a second of CPU. */
const max = {lines: 12_000, bytes: 4 * 1024 * 1024, files: 3} as const;
/** Of all nodes; of Patroni's loops a day of three members is 26,000. */
const eventsMax = 100_000;
/** Nodes that are read at a time. */
const nodesMax = 2;
/** A node that is slower is not read to its end, ms. */
const nodeMs = 60_000;

/** @param signal ends it: rejects with its reason */
export async function readRecentLogs({
	ssh,
	plans,
	span,
	signal,
}: {
	ssh: Ssh;
	plans: readonly NodeLogs[];
	span: PastSpan;
	signal: AbortSignal;
}): Promise<RecentLogs> {
	const collector = new LogCollector({all: eventsMax, routine: eventsMax * 0.8});
	const missing = new Map<string, readonly string[]>();
	const waiting = [...plans];
	const work = async () => {
		for (let plan = waiting.shift(); plan !== undefined; plan = waiting.shift()) {
			missing.set(plan.node, await readNode({ssh, plan, span, signal}, collector));
		}
	};
	await Promise.all(Array.from({length: nodesMax}, work));
	signal.throwIfAborted();
	const collected = collector.finish();
	return {
		collected,
		missing: [
			...plans.flatMap(({node}) => missing.get(node) ?? []),
			...(collected.isCut ? [`more was said than is kept: ${eventsMax.toLocaleString('en')} lines`] : []),
		],
	};
}

/** @returns what could not be read */
async function readNode(
	{ssh, plan, span, signal}: {ssh: Ssh; plan: NodeLogs; span: PastSpan; signal: AbortSignal},
	collector: LogCollector,
): Promise<string[]> {
	const late = AbortSignal.timeout(nodeMs);
	const seconds = {since: Math.floor(span.since / 1000), until: Math.ceil(span.until / 1000)};
	let problems: string[] = [];
	try {
		const read = await pastLogsOf({ssh, plan, span: seconds, max, signal: AbortSignal.any([signal, late])});
		({problems} = read);
		for (const log of read.logs) {
			for await (const line of log) {
				collector.take(line);
			}
		}
	} catch (error) {
		signal.throwIfAborted();
		const why = late.aborted ? `not within ${nodeMs / 1000} s` : reasonOf(error);
		return [...new Set([...problems, `${plan.node}: its logs cannot be read: ${why}`])];
	}

	return [...new Set(problems)];
}
