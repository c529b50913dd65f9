import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {readLine} from '../../../source/domain/history/read-line.ts';
import {saidTextMax} from '../../../source/domain/history/said.ts';
import {statisticsService} from '../../../source/domain/logs/log-buffer.ts';
import {readLogCaptures} from '../../support/log-captures.ts';

const read = (service: string, text: string) => readLine({service, word: '', text});
const failed = "patroni.service: Failed with result 'signal'.";

describe('which tables are asked', () => {
	it('what systemd writes of a unit is in the log of its program', () => {
		for (const service of [
			'patroni',
			'etcd',
			'haproxy',
			'keepalived',
			'vip-manager',
			'pgbouncer',
			'system',
		]) {
			expect(read(service, failed)).toEqual({
				kind: 'unit.failed',
				object: 'patroni.service',
				why: 'signal',
			});
		}
	});

	it('systemd writes in a log that the operator named, too', () => {
		expect(read('backup', failed)?.kind).toBe('unit.failed');
	});

	it('a program that the operator named may write anything else', () => {
		expect(read('backup', 'Started the copy of pgdb1.')).toBeUndefined();
		expect(read('backup', '(a) Entering MASTER STATE')).toBeUndefined();
		expect(read('backup', 'System is rebooting.')).toBeUndefined();
	});

	it('what a client makes PostgreSQL log is not by systemd, nor is the traffic of HAProxy', () => {
		expect(read('postgresql', failed)).toBeUndefined();
		expect(read(statisticsService, failed)).toBeUndefined();
	});

	it('no name is a property of an object', () => {
		for (const service of ['constructor', '__proto__', '']) {
			expect(read(service, 'nothing')).toBeUndefined();
		}
	});
});

describe('the fields of a line', () => {
	it('are cut', () => {
		const said = read('kernel', `Kernel panic - not syncing: ${'x'.repeat(5000)}`);
		expect(said?.why).toHaveLength(saidTextMax);
	});

	it('are without a number that is too large to be exact', () => {
		const text = `raft.node: a1 elected leader b2 at term ${'9'.repeat(15)}`;
		expect(read('etcd', text)).toEqual({
			kind: 'etcd.elected',
			object: 'b2',
			term: 999_999_999_999_999,
		});
		expect(read('etcd', `${text}9`)).toEqual({
			kind: 'etcd.elected',
			object: 'b2',
			term: 999_999_999_999_999,
		});
	});
});

/** What lines of the journals begin with, and parts of them: text that a pattern may take for its own. */
const parts = [
	...new Set(
		readLogCaptures()
			.flatMap(({lines}) => lines)
			.flatMap(({text}) => text.split(/(?<=[ :=])/))
			.filter(part => part.length < 40),
	),
];

describe('any line', () => {
	it('is read or not, and never throws', () => {
		const line = fc
			.array(fc.oneof(fc.constantFrom(...parts), fc.string({maxLength: 40})), {maxLength: 60})
			.map(all => all.join(''));
		fc.assert(
			fc.property(
				fc.constantFrom('etcd', 'haproxy', 'keepalived', 'kernel', 'system', 'x'),
				line,
				(service, text) => {
					const said = read(service, text);
					for (const value of Object.values(said ?? {})) {
						expect(
							typeof value === 'string' ? value.length : Number.isFinite(value) ? 0 : Infinity,
						).toBeLessThanOrEqual(saidTextMax);
					}
				},
			),
			{numRuns: 2000},
		);
	});
});
