/** Every captured answer of Patroni, and every one in its source, is interpreted. */
import {readdirSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {interpretAnswer, plainAnswer} from '../../../source/domain/operations/patroni-answers.ts';
import {capture, suites} from '../../support/captures.ts';

type Exchange = {request: {method: string; url: string}; status: number; body: unknown};

/** The verdict on each captured exchange; the same on all suites. */
const captured: Readonly<Record<string, readonly [verdict: string, meaning: RegExp, words: RegExp]>> = {
	'config-get': ['accepted', /^accepted$/, /"ttl"/],
	'config-patch-bad': ['refused', /did not understand/, /^Bad Request$/],
	'config-patch-pending': ['accepted', /^accepted$/, /"max_connections":120/],
	'config-put-empty': ['refused', /did not understand/, /^Bad Request$/],
	'failover-no-candidate': ['refused', /did not understand/, /^Bad Request$/],
	pause: ['accepted', /^accepted$/, /"pause":true/],
	'reinitialize-leader': ['refused', /no member to copy from/, /^I am the leader, can not reinitialize$/],
	'reinitialize-replica': ['accepted', /^accepted$/, /^reinitialize started$/],
	reload: ['accepted', /not done yet/, /^reload scheduled$/],
	'restart-leader': ['accepted', /^accepted$/, /^restarted successfully$/],
	'restart-replica': ['accepted', /^accepted$/, /^restarted successfully$/],
	resume: ['accepted', /^accepted$/, /"ttl"/],
	'switchover-delete': ['accepted', /^accepted$/, /^scheduled switchover deleted$/],
	'switchover-no-leader': ['refused', /did not understand/, /^Bad Request$/],
	'switchover-scheduled': ['accepted', /not done yet/, /^Switchover scheduled$/],
	'switchover-wrong-candidate': ['refused', /only a synchronous standby may take over/, /^candidate name/],
	'switchover-wrong-leader': ['refused', /another member leads now/, /^leader name does not match$/],
};

const files = suites.flatMap(suite =>
	readdirSync(new URL(`../../captures/${suite}`, import.meta.url))
		.filter(name => name.startsWith('f-'))
		.map(name => [suite, name.replace(/^f-|\.json$/g, '')] as const),
);

describe('a captured answer', () => {
	it('exists for each suite', () => {
		expect(files).toHaveLength(3 * Object.keys(captured).length);
	});

	it.each(files)('of %s to %s is interpreted', (suite, name) => {
		const {status, body} = capture(suite, `f-${name}`) as Exchange;
		const text = plainAnswer(status, typeof body === 'string' ? body : JSON.stringify(body));
		const [verdict, meaning, words] = captured[name] ?? [];
		expect(interpretAnswer(status, text)).toEqual({verdict, meaning: expect.stringMatching(meaning ?? /^$/)});
		expect(text).toMatch(words ?? /^$/);
	});
});

/** As `patroni/api.py` and `patroni/ha.py` of 3.0 to 4.1 have them. */
const known: readonly (readonly [status: number, text: string, verdict: string, meaning: RegExp])[] = [
	[200, 'Successfully switched over to "pgdb2"', 'accepted', /^accepted$/],
	[200, 'Switched over to "pgdb2" instead of "pgdb3"', 'accepted', /^accepted$/],
	[200, 'Successfully failed over to "pgdb2"', 'accepted', /^accepted$/],
	[200, 'scheduled restart deleted', 'accepted', /^accepted$/],
	[202, 'Restart scheduled', 'accepted', /not done yet/],
	[200, '', 'accepted', /^accepted$/],
	[400, 'Switchover could be performed only from a specific leader', 'refused', /did not understand/],
	[400, 'Failover could be performed only to a specific candidate', 'refused', /did not understand/],
	[400, 'Switchover target and source are the same', 'refused', /did not understand/],
	[400, 'Switchover is possible only to a specific candidate in a paused state', 'refused', /must be named/],
	[400, "Can't schedule switchover in the paused state", 'refused', /scheduled while .* paused/],
	[400, 'Timezone information is mandatory for the scheduled switchover', 'refused', /did not understand/],
	[400, 'Unknown filter for the scheduled restart: foo', 'refused', /did not understand/],
	[
		400,
		'PostgreSQL role should be either primary, standby_leader, or replica',
		'refused',
		/did not understand/,
	],
	[401, 'no auth header received', 'refused', /requires a user/],
	[401, 'not authenticated', 'refused', /requires a user/],
	[401, '', 'refused', /requires a user name and a password/],
	[403, 'Access is denied', 'refused', /allowlist/],
	[403, 'client certificate required', 'refused', /ctl\.certfile/],
	[404, 'no restarts are scheduled', 'refused', /nothing is scheduled/],
	[404, 'no switchover is scheduled', 'refused', /nothing is scheduled/],
	[404, '', 'refused', /nothing to cancel/],
	[409, 'Another restart is already scheduled', 'refused', /cancel that first/],
	[409, 'Conflict', 'refused', /another change came first/],
	[411, '', 'refused', /could not read/],
	[412, 'leader name does not match', 'refused', /another member leads/],
	[412, 'candidate name does not match with sync_standby', 'refused', /only a synchronous standby/],
	[412, 'candidate does not exists', 'refused', /no such member/],
	[412, 'can not find sync_standby', 'refused', /no synchronous standby/],
	[412, 'cluster does not have members except leader', 'refused', /no other member/],
	[412, 'no good candidates have been found', 'refused', /nofailover/],
	[412, 'something that a later Patroni says', 'refused', /a condition is not met/],
	[422, 'Cannot schedule switchover in the past', 'refused', /in the past/],
	[
		422,
		'Unable to parse scheduled timestamp. It should be in an unambiguous format, e.g. ISO 8601',
		'refused',
		/not a time/,
	],
	[500, "Can't schedule restart in the paused state", 'refused', /paused/],
	[500, 'anything else', 'unclear', /still watching/],
	[501, "Unsupported method ('PATCH')", 'refused', /does not support the request/],
	[503, 'failed to write failover key into DCS', 'unclear', /still watching/],
	[503, 'Switchover failed', 'unclear', /still watching/],
	[503, 'Failover failed', 'unclear', /still watching/],
	[503, 'Switchover status unknown', 'unclear', /still watching/],
	[503, 'restart conditions are not satisfied', 'refused', /role or state/],
	[503, 'restart already in progress', 'refused', /already running/],
	[503, 'reinitialize already in progress', 'refused', /already running/],
	[503, 'I am the leader, can not reinitialize', 'refused', /no member to copy from/],
	[503, 'Cluster has no leader, can not reinitialize', 'refused', /without a leader/],
	[503, 'postgres is still starting', 'unclear', /still watching/],
	[503, 'restart failed', 'unclear', /still watching/],
	// An exception in the middle of a restart has the code of a bad request.
	[400, 'restart failed', 'unclear', /still watching/],
	[503, '', 'unclear', /still watching/],
	[502, '<html><body>Bad Gateway</body></html>', 'unclear', /still watching/],
	[302, '', 'unclear', /still watching/],
];

describe('an answer', () => {
	it.each(known)('%i "%s" is %s', (status, text, verdict, meaning) => {
		expect(interpretAnswer(status, text)).toEqual({verdict, meaning: expect.stringMatching(meaning)});
	});

	it.each(known.filter(([status, text]) => status === 412 && /^(can not|cluster|no good)/.test(text)))(
		'%i "%s" means the same after the prefix of Patroni 4',
		(status, text) => {
			for (const before of ['switchover', 'failover', 'Switchover']) {
				expect(interpretAnswer(status, `${before} is not possible: ${text}\n`)).toEqual(
					interpretAnswer(status, text),
				);
			}
		},
	);

	it('on an error page is reduced to its message', () => {
		const page = (message: string) =>
			`<!DOCTYPE HTML>\n<html lang="en">\n<body>\n<p>Error code: 501</p>\n<p>Message: ${message}</p>\n</body></html>`;
		expect(plainAnswer(501, page('Unsupported method (&#x27;PATCH&#x27;).'))).toBe(
			"Unsupported method ('PATCH')",
		);
		expect(plainAnswer(501, page('a &lt;b&gt; &amp; &quot;c&quot;.'))).toBe('a <b> & "c"');
		expect(plainAnswer(409, page('.'))).toBe('HTTP 409');
		expect(plainAnswer(501, '<!DOCTYPE HTML><html></html>')).toBe('HTTP 501');
		expect(plainAnswer(200, '  restarted successfully\n')).toBe('restarted successfully');
		expect(plainAnswer(200, '')).toBe('');
	});
});
