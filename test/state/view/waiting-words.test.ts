/** Words of what is waited for: never of what is so already, nor of an answer that is not needed any more. */
import {describe, expect, it} from 'vitest';
import {missingTakeover} from '../../../source/domain/drill/takeover.ts';
import {drillLine, drillPane} from '../../../source/state/view/drill.ts';
import {etcdPane} from '../../../source/state/view/etcd.ts';
import {operationPane} from '../../../source/state/view/operations.ts';
import {DrillingOperator, measures} from '../../support/drilling.ts';
import {Operator} from '../../support/operator.ts';
import {healthySession, Session, target} from '../../support/session.ts';

const words = (lines: readonly (readonly {text: string}[])[]) =>
	lines.map(line => line.map(({text}) => text).join('')).join('\n');

describe('the stage of a drill', () => {
	it('names the step of its operation that is open, not one that is seen', () => {
		const drill = new DrillingOperator()
			.agrees('switchover', 'pgdb2')
			.after(13, {type: 'drill.stage', stage: 'baseline'})
			.begins()
			.after(16, {type: 'drill.stage', stage: 'done'});
		expect(words(drillPane(drill.state).lines)).toContain('» sent, waiting for: leader key at pgdb2');
		drill.after(17, drill.leads('pgdb2'));
		const next = 'sent, waiting for: pgdb2 runs as primary (REST)';
		expect(words(drillPane(drill.state).lines)).toContain(`» ${next}`);
		expect(words([drillLine(drill.press('dismiss').state) ?? []])).toContain(next);
	});

	it('is no fact before it is reached, and never if it was not verified', () => {
		const drill = new DrillingOperator()
			.agrees('switchover', 'pgdb2')
			.after(13, {type: 'drill.stage', stage: 'baseline'})
			.begins()
			.after(16, {type: 'drill.stage', stage: 'done'});
		const pane = () => words(drillPane(drill.state).lines);
		expect(pane()).toContain('· not yet: acknowledged writes verified');
		const end = (note: string | undefined, value: number | undefined) => {
			const last = measures.map(one => (one.id === 'lost' ? {...one, value, note} : one));
			drill.after(18, {type: 'drill.stage', stage: 'whole'});
			drill.after(39, {type: 'drill.stage', stage: 'verified'}, {type: 'drill.measured', measures: last});
			return drill.ends('met').state;
		};
		const why = 'not verified: no table is configured for the writes (probe.table)';
		expect(words(drillPane(end(why, undefined)).lines)).toContain(`· acknowledged writes ${why}`);
		expect(pane()).not.toContain('✓ acknowledged writes verified');
	});

	it('names what is missing until another member and node take over', () => {
		const session = healthySession('trixie');
		expect(missingTakeover(session.state, 'pgdb1')).toEqual(['a leader', 'the VIP on another node']);
		session.at(1, {
			type: 'addresses.added',
			source: 'vip:pgdb2',
			node: 'pgdb2',
			address: {ip: '10.73.0.172', interface: 'host0'},
		});
		expect(missingTakeover(session.state, 'pgdb1')).toEqual(['a leader']);
	});
});

describe('the answer to an operation', () => {
	it('is not waited for once the sources show the outcome', () => {
		const operator = new Operator('trixie', {...target, operator: 'root'}).after(10).select('pgdb2');
		operator.press('operation.switchover', 'dialog.yes');
		const pane = () => words(operationPane(operator.state, 1).lines);
		expect(pane()).toContain('answer    none yet');
		operator.after(12, operator.leads('pgdb2'), operator.says('pgdb2', {role: 'primary', state: 'running'}));
		expect(operator.state.runs[0]?.outcome?.kind).toBe('done');
		expect(pane()).toContain('answer    none; the sources show the outcome');
	});
});

describe('the quorum without a fresh answer', () => {
	const quorum = (session: Session, short = false) =>
		words(
			etcdPane(session.state, {withRows: !short}).lines.filter(([name]) => name?.text.startsWith('Quorum')),
		);

	it('is not read yet while endpoints are being connected', () => {
		const session = new Session().at(0);
		for (const endpoint of target.endpoints) {
			session.at(0.1, {type: 'source.connecting', source: `etcd:${endpoint}`});
		}

		expect(quorum(session)).toBe('Quorum    unknown: not read yet');
	});

	it('is unknown by the stall of this console, not by a silence of etcd', () => {
		const session = healthySession('trixie').at(9, {type: 'console.stalled', milliseconds: 8800});
		expect(quorum(session)).toBe('Quorum    unknown: this console was stalled for 8.8 s');
		expect(quorum(session, true)).toBe('Quorum    unknown: console stalled');
	});

	it('is unknown where endpoints were silent while this console ran', () => {
		expect(quorum(healthySession('trixie').at(9))).toBe('Quorum    unknown: no endpoint answers');
	});
});
