/** The words for what a lab is up with. */
import {expect, test} from 'vitest';
import {describeSetup} from '../../lab/state.ts';

test.each([
	[{suite: 'trixie', profile: 'fast'}, 'trixie, PostgreSQL 17, etcd3, fast profile, classic topology'],
	[
		{suite: 'trixie', profile: 'fast', postgresql: 16},
		'trixie, PostgreSQL 16, etcd3, fast profile, classic topology',
	],
	[
		{suite: 'bookworm', profile: 'operator', store: 'etcd2', topology: 'pgbouncer', app: true},
		'bookworm, PostgreSQL 15, etcd2, operator profile, pgbouncer topology',
	],
] as const)('%j', (setup, words) => {
	expect(describeSetup(setup)).toBe(words);
});
