/** The text of `pgha-top doctor`: a table of all sources, then each cause once. */
import {expect, it} from 'vitest';
import {textOf} from '../../source/doctor/command.ts';
import type {Check} from '../../source/doctor/diagnosis.ts';

const check = (name: string, changed: Partial<Check> = {}): Check => ({
	asked: 'ssh',
	name,
	address: 'ssh 10.73.0.160',
	use: 'services',
	ms: 843,
	failure: undefined,
	...changed,
});
const unknownKey = {cause: 'the host key of 10.73.0.160 is not known', remedy: 'ssh 10.73.0.160, once'};

it('has a row for each source, and one entry for what fails for one reason', async () => {
	const checks = [
		check('etcd 10.73.0.160', {address: 'http://10.73.0.160:2379', use: 'health of etcd', ms: 12}),
		check('ip on pgdb1', {ms: undefined, failure: unknownKey}),
		check('systemd on pgdb1', {ms: undefined, failure: unknownKey}),
		check('sudo on pgdb1', {ms: undefined, use: 'power off'}),
	];
	expect(
		await textOf(
			{scope: 'main', warnings: ['TLS is not verified']},
			{checks, isBlind: false, found: {values: [], remarks: []}},
		),
	).toBe(
		`main: 2 of 4 checks failed
  warning: TLS is not verified

┌──────────────────┬─────────────────────────┬────────┬────────────────┐
│ Source           │ Reached by              │ Answer │ Used for       │
├──────────────────┼─────────────────────────┼────────┼────────────────┤
│ etcd 10.73.0.160 │ http://10.73.0.160:2379 │  12 ms │ health of etcd │
│ ip on pgdb1      │ ssh 10.73.0.160         │ FAILED │ services       │
│ systemd on pgdb1 │ ssh 10.73.0.160         │ FAILED │ services       │
│ sudo on pgdb1    │ ssh 10.73.0.160         │     ok │ power off      │
└──────────────────┴─────────────────────────┴────────┴────────────────┘

ip on pgdb1, systemd on pgdb1
  why  the host key of 10.73.0.160 is not known
  do   ssh 10.73.0.160, once
`,
	);
	expect(
		await textOf(
			{scope: 'main', profile: 'prod', warnings: []},
			{checks: [check('df on pgdb1')], isBlind: false, found: {values: [], remarks: []}},
		),
	).toMatch(/^\[prod\] main: everything answers \(1 checks\)\n/);
});
