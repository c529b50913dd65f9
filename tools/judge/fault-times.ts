/** Reads the times and nodes of faults from the log of chaos. */
import type {ChaosLine} from '../../lab/chaos/log.ts';

type InForce = {kind: string; nodes: readonly string[]; detail: string; from: number; to: number};

/** Faults during which a node's packets may be lost or late, or its programs stopped. */
const impairing = new Set([
	'power-off',
	'power-cut',
	'reboot',
	'node-frozen',
	'cable-out',
	'cable-one-way',
	'pair-parted',
	'loss',
	'slow-link',
	'delay',
]);
/** ms for consequences after the fault is reverted: connection backoff, leases, elections. */
const settlesMs = 15_000;

export class FaultTimes {
	readonly all: readonly InForce[];

	constructor(lines: readonly ChaosLine[]) {
		const open = new Map<number, InForce>();
		const all: InForce[] = [];
		for (const {at, number, kind, phase, nodes, detail} of lines) {
			if (phase === 'do') {
				const fault = {kind, nodes, detail: detail ?? '', from: at, to: Infinity};
				open.set(number, fault);
				all.push(fault);
			}

			const fault = open.get(number);
			if (fault !== undefined && (phase === 'undone' || phase === 'whole')) fault.to = Math.min(fault.to, at);
		}

		this.all = all;
	}

	/** Faults that were active in this time, or ended shortly before. */
	between(from: number, to: number): readonly InForce[] {
		return this.all.filter(fault => fault.from <= to && fault.to + settlesMs >= from);
	}

	/** @param node undefined: on any node; faults of the cluster or the console, which name no node, count for each */
	anyBetween(from: number, to: number, node?: string): boolean {
		return this.between(from, to).some(
			fault => node === undefined || fault.nodes.length === 0 || isOn(fault, node),
		);
	}

	impair(node: string, from: number, to: number): boolean {
		return this.between(from, to).some(fault => impairing.has(fault.kind) && isOn(fault, node));
	}

	/** @param node undefined: on any node */
	wereDone(kinds: readonly string[], from: number, to: number, node?: string): boolean {
		return this.between(from, to).some(
			({kind, nodes}) => kinds.includes(kind) && (node === undefined || nodes.includes(node)),
		);
	}
}

/** A parted pair names its second node in the detail. */
function isOn({nodes, detail}: InForce, node: string): boolean {
	return nodes.includes(node) || detail.endsWith(` ${node}`);
}
