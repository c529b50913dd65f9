import type {DrillKind, DrillResult, Measure, Prepared} from '../../source/domain/drill/types.ts';
import {summarizeEarlier} from '../../source/domain/drill/verdict.ts';
import type {Target} from '../../source/domain/target.ts';
import {drillOf} from '../../source/state/update/drill-run.ts';
import {haproxyFact} from './captures.ts';
import {Operator} from './operator.ts';
import {probed} from './report-session.ts';

export {probed};

export const prepared: Prepared = {
	id: '6c6d4f3e-0000-4000-8000-000000000001',
	file: '/home/dba/.local/state/pgha-top/recordings/postgres-cluster-20261123-000010-drill-switchover.ndjson.gz',
	rows: true,
	earlier: summarizeEarlier([]),
};

const ms = {unit: 'ms', exact: true, note: undefined} as const;
export const measures: readonly Measure[] = [
	{...ms, id: 'writes', text: 'Write outage', value: 2204, note: 'the connection was closed'},
	{...ms, id: 'leaderless', text: 'Without a leader', value: 239},
	{...ms, id: 'leader', text: 'Until the new leader', value: 1780, note: 'pgdb1 → pgdb2'},
	{...ms, id: 'vip', text: 'VIP move', value: undefined, note: 'it did not move', idle: true},
	{...ms, id: 'redundancy', text: 'Until full redundancy', value: 15_005},
	{
		...ms,
		id: 'lost',
		text: 'Acknowledged writes lost',
		unit: 'writes',
		value: 0,
		note: 'of 207 that were acknowledged',
	},
];

export class DrillingOperator extends Operator {
	constructor(scene: Target = probed) {
		super('trixie', scene);
		this.after(10, ...['pgdb1', 'pgdb2'].map(node => haproxyFact('trixie', node, 'pgdb1')));
	}

	asks(kind: DrillKind, row: string): this {
		return this.select(row).choose(`drill ${kind}`);
	}

	prepares({question = this.dialog.question, prepared: given = prepared} = {}): this {
		return this.after(12, {type: 'drill.prepared', question, prepared: given});
	}

	/** Opens the question, and confirms it. */
	agrees(kind: DrillKind, row: string, goals = ''): this {
		this.asks(kind, row).prepares();
		if (goals !== '') {
			this.focus('goal').types(goals).focus('send');
		}

		return this.press(goals === '' ? 'dialog.yes' : 'dialog.enter');
	}

	begins(): this {
		const {drill} = this.state;
		const asked = drill?.question === undefined ? undefined : drillOf(drill.question);
		if (asked === undefined) {
			throw new Error('nothing was agreed to');
		}

		return this.after(15, {type: 'drill.begun', drill: asked});
	}

	ends(result: DrillResult, text = 'write outage 2.20 s, goal 5.00 s'): this {
		return this.after(40, {type: 'drill.ended', result, text});
	}

	get blocked(): string[] {
		return this.checks.filter(({level}) => level === 'blocking').map(({text}) => text);
	}
}
