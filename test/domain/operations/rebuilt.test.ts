/** Questions and operations while etcd is rebuilt: revisions of the old store do not count in the new one. */
import {describe, expect, it} from 'vitest';
import type {Fact} from '../../../source/domain/events.ts';
import {snapshotFact} from '../../support/captures.ts';
import {Operator} from '../../support/operator.ts';

const whole = snapshotFact('trixie');

/** A read of the first store, and one of another store that Patroni has filled again. */
const known: Fact = {...whole, began: 1, ended: 2};
function rebuilt(leader = 'pgdb1'): Fact {
	return {
		...whole,
		revision: 30,
		entries: whole.entries.map((entry, index) => ({
			...entry,
			value: entry.path === 'leader' ? {kind: 'leader', member: leader} : entry.value,
			createRevision: 5 + index,
			modRevision: 5 + index,
		})),
		began: 3,
		ended: 4,
	};
}

const on = (name: string) => new Operator().after(5, known).select(name);
const texts = (operator: Operator) => operator.state.timeline.map(({text}) => text);

describe('etcd is rebuilt', () => {
	it('while a question is open: it is void, and nothing is sent', () => {
		const operator = on('pgdb2').after(10).press('operation.switchover');
		expect(operator.checks.filter(({level}) => level === 'blocking')).toEqual([]);
		operator.after(12, rebuilt());
		expect(operator.checks).toContainEqual({
			level: 'blocking',
			text: 'since the question was asked: etcd was rebuilt or restored: ask again',
		});
		operator.press('dialog.yes');
		expect(operator.sent).toEqual([]);
		expect(operator.dialog.problem).toMatch(/^nothing was sent: .*rebuilt/);
		operator.press('dismiss', 'operation.switchover', 'dialog.yes');
		expect(operator.sent).toHaveLength(1);
	});

	it('while the configuration is in the editor: the edit is void, whatever its revision', () => {
		const operator = on('pgdb2').after(10).press('operation.configure');
		const edit = operator.effects.find(({type}) => type === 'config.edit');
		expect(edit).toMatchObject({store: 0});
		operator.after(12, rebuilt());
		const revision = operator.state.cluster.keys.get('config')?.modRevision;
		operator.after(13, {type: 'config.edited', revision, store: 0, patch: {ttl: 25}, difference: []});
		expect(operator.checks.some(({level, text}) => level === 'blocking' && /rebuilt/.test(text))).toBe(true);
	});

	it.each(['pgdb1', 'pgdb2'])('during a switchover: the outcome is unknown, though %s leads', leader => {
		const operator = on('pgdb2').after(10).press('operation.switchover', 'dialog.yes');
		expect(operator.sent).toHaveLength(1);
		operator.after(12, rebuilt(leader));
		expect(operator.run.outcome).toMatchObject({kind: 'unknown', text: /rebuilt or restored meanwhile/});
		expect(operator.run.watched).toBe(false);
		const steps = operator.steps;
		operator.after(30, operator.answer({kind: 'answered', status: 503, text: ''})).after(400);
		expect(operator.run.outcome?.kind).toBe('unknown');
		expect(operator.steps).toEqual(steps);
		expect(operator.audit).toEqual(['confirmed', 'outcome unknown']);
	});

	it('during a change of the configuration: a key of the new store is not the change', () => {
		const operator = on('pgdb2').after(10);
		const revision = operator.state.cluster.keys.get('config')?.modRevision;
		operator
			.after(10, {type: 'config.edited', revision, store: 0, patch: {ttl: 25}, difference: []})
			.press('dialog.yes');
		expect(operator.sent).toHaveLength(1);
		operator.after(12, rebuilt());
		expect(operator.run.outcome?.kind).toBe('unknown');
	});

	it('during a restart: REST confirms it as usual', () => {
		const operator = on('pgdb2').after(10).press('operation.restart', 'dialog.yes').after(12, rebuilt());
		expect(operator.run.outcome).toBeUndefined();
		operator.after(14, operator.says('pgdb2', {postmasterStartTime: '2026-11-23T00:00:13.000000+00:00'}));
		expect(operator.run.outcome?.kind).toBe('done');
	});

	it('after an outcome: it stays', () => {
		const operator = on('pgdb2').after(10).press('operation.switchover', 'dialog.yes');
		operator.after(11, operator.answer({kind: 'answered', status: 412, text: 'leader name does not match'}));
		expect(operator.run.outcome?.kind).toBe('refused');
		expect(operator.after(12, rebuilt()).run.outcome?.kind).toBe('refused');
	});

	it('makes one entry if all keys come back unchanged', () => {
		const operator = on('pgdb2').after(10);
		const before = texts(operator);
		expect(texts(operator.after(12, rebuilt())).slice(before.length)).toEqual([
			`etcd was rebuilt or restored: revision ${whole.revision} → 30`,
		]);
	});

	it('drops a scheduled switchover, which is not reported as cancelled', () => {
		const operator = on('pgdb2').after(10);
		const scheduledAt = '2026-11-24T02:00:00+00:00';
		operator.after(11, {
			...operator.put('failover', {kind: 'failover', leader: 'pgdb1', candidate: 'pgdb2', scheduledAt}),
			began: 1,
			ended: 2.5,
		} as Fact);
		operator.after(12, rebuilt());
		expect(texts(operator).slice(-2)).toEqual([
			expect.stringMatching(/^etcd was rebuilt or restored: revision/),
			expect.stringMatching(/^switchover scheduled at .* lost: not in the new etcd store: pgdb1 → pgdb2$/),
		]);
		expect(texts(operator).join()).not.toMatch(/cancelled/);
	});
});
