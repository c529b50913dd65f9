/** Prints the figures of a run as a table and as JSON. */
import {cpus} from 'node:os';
import {version} from 'node:process';

export type Figure = {
	what: string;
	unit: 'ms' | 'MB' | '% of a core' | 'bytes/s' | 'events/s' | 'frames/s';
	ours: number;
	/** The same figure for patronictl, measured in the same run. */
	peer?: number;
	/** The upper limit of `value`, or of its ratio to `peer`; or a lower limit. */
	goal?: {atMost: number; of: 'value' | 'peer'} | {atLeast: number};
	note?: string;
};

export type Report = {at: string; node: string; machine: string; figures: readonly Figure[]};

export function reportOf(figures: readonly Figure[]): Report {
	const [cpu] = cpus();
	return {
		at: new Date().toISOString(),
		node: version,
		machine: `${cpus().length} x ${cpu?.model.trim() ?? 'unknown CPU'}`,
		figures,
	};
}

export function isMet({ours, peer, goal}: Figure): boolean | undefined {
	if (goal === undefined) {
		return undefined;
	}

	if ('atLeast' in goal) {
		return ours >= goal.atLeast;
	}

	return goal.of === 'value' ? ours <= goal.atMost : peer !== undefined && ours / peer <= goal.atMost;
}

export function tableOf({at, node, machine, figures}: Report): string {
	const rows = figures.map(figure => {
		const {what, unit, ours, peer, note} = figure;
		return [
			what,
			`${short(ours)} ${unit}`,
			peer === undefined ? '' : `${short(peer)} ${unit}`,
			peer === undefined ? '' : `${(ours / peer).toFixed(2)}`,
			goalText(figure),
			note ?? '',
		];
	});
	const lines = [['', 'pgha-top', 'peer', 'ratio', 'goal', ''], ...rows];
	const widths =
		lines[0]?.map((_, column) => Math.max(...lines.map(line => line[column]?.length ?? 0))) ?? [];
	return [
		`${at}, Node.js ${node}, ${machine}`,
		...lines.map(line =>
			line
				.map((text, column) =>
					column >= 1 && column <= 3 ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0),
				)
				.join('  ')
				.trimEnd(),
		),
	].join('\n');
}

function goalText(figure: Figure): string {
	const {goal, unit} = figure;
	if (goal === undefined) {
		return '';
	}

	const bound =
		'atLeast' in goal
			? `≥ ${goal.atLeast.toLocaleString('en')} ${unit}`
			: goal.of === 'value'
				? `≤ ${goal.atMost} ${unit}`
				: `≤ ${goal.atMost} of the peer`;
	return `${bound}: ${isMet(figure) ? 'met' : 'not met'}`;
}

function short(value: number): string {
	return value >= 1000 ? Math.round(value).toLocaleString('en') : value.toFixed(value >= 100 ? 0 : 1);
}
