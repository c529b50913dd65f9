import {describe} from 'vitest';
import {haproxy} from '../../../../source/domain/history/programs/haproxy.ts';
import {expectSaid} from './expect-said.ts';

describe('HAProxy', () => {
	expectSaid('haproxy', haproxy, [
		// From the lab.
		[
			'Server primary/pgdb1 is DOWN, reason: Layer7 wrong status, code: 503, info: "Service Unavailable", check duration: 8ms. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
			{
				kind: 'haproxy.server-down',
				backend: 'primary',
				object: 'pgdb1',
				why: 'Layer7 wrong status, code: 503, info: "Service Unavailable"',
			},
		],
		[
			'Server primary/pgdb1 is DOWN, reason: Layer4 connection problem, info: "Connection refused", check duration: 0',
			{
				kind: 'haproxy.server-down',
				backend: 'primary',
				object: 'pgdb1',
				why: 'Layer4 connection problem, info: "Connection refused"',
			},
		],
		[
			'Server replicas/pgdb2 is DOWN, reason: Layer4 timeout, check duration: 1001ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
			{kind: 'haproxy.server-down', backend: 'replicas', object: 'pgdb2', why: 'Layer4 timeout'},
		],
		[
			'Server primary/pgdb1 is UP, reason: Layer7 check passed, code: 200, check duration: 4ms. 1 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.',
			{
				kind: 'haproxy.server-up',
				backend: 'primary',
				object: 'pgdb1',
				why: 'Layer7 check passed, code: 200',
			},
		],
		["proxy 'asynchronous' has no server available!", {kind: 'haproxy.no-server', backend: 'asynchronous'}],
		['proxy asynchronous has no server available!', {kind: 'haproxy.no-server', backend: 'asynchronous'}],
		["backend 'primary' has no server available!", {kind: 'haproxy.no-server', backend: 'primary'}],
		['New worker (3216) forked', {kind: 'haproxy.started', pid: 3216}],
		[
			'Current worker (77) exited with code 143 (Terminated)',
			{kind: 'haproxy.stopped', pid: 77, why: 'exited with code 143 (Terminated)'},
		],
		['All workers exited. Exiting... (0)', {kind: 'haproxy.stopped'}],
		[
			'config : Fatal errors found in configuration.',
			{kind: 'haproxy.refused-to-start', why: 'Fatal errors found in configuration'},
		],
		[
			'10.73.0.1:33530 [27/Nov/2026:11:46:43.891] primary primary/pgdb1 1/0/20 703 -- 1/1/0/0/0 0/0',
			undefined,
		],
		[
			'ms. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
			undefined,
		],
		[
			'haproxy.service: Scheduled restart job, restart counter is at 1.',
			{kind: 'unit.restarting', object: 'haproxy.service', why: 'restart counter is at 1'},
		],
		['Started haproxy.service - HAProxy Load Balancer.', {kind: 'unit.started', object: 'haproxy.service'}],
		// From the sources.
		[
			'Backup Server primary/pgdb3 is DOWN via checks/pgdb3. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
			{kind: 'haproxy.server-down', backend: 'primary', object: 'pgdb3', why: 'via checks/pgdb3'},
		],
		[
			'Server primary/pgdb1 is DOWN, changed from CLI. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
			{kind: 'haproxy.server-down', backend: 'primary', object: 'pgdb1', why: 'changed from CLI'},
		],
		[
			'Server primary/pgdb1 is going DOWN for maintenance. 0 active and 0 backup servers left. 3 sessions active, 0 requeued, 0 remaining in queue.',
			{kind: 'haproxy.server-down', backend: 'primary', object: 'pgdb1', why: 'maintenance'},
		],
		[
			'Server primary/pgdb1 is UP/READY (leaving forced maintenance).',
			{kind: 'haproxy.server-up', backend: 'primary', object: 'pgdb1'},
		],
		['Server primary/pgdb1 is UP.', {kind: 'haproxy.server-up', backend: 'primary', object: 'pgdb1'}],
		[
			"Server primary/pgdb1 ('db.example') is UP/READY (resolves again).",
			{kind: 'haproxy.server-up', backend: 'primary', object: 'pgdb1'},
		],
		['Server primary/pgdb1 is stopping. 1 active and 0 backup servers online.', undefined],
		['New worker #1 (812) forked', {kind: 'haproxy.started', pid: 812}],
		['Initializing new worker (812)', {kind: 'haproxy.started', pid: 812}],
		[
			'Starting [/etc/haproxy/haproxy.cfg:31] for proxy primary: protocol tcpv4: cannot bind socket (Address already in use) for [0.0.0.0:5000].',
			{
				kind: 'haproxy.refused-to-start',
				why: 'cannot bind socket (Address already in use) for [0.0.0.0:5000]',
			},
		],
		[
			'[haproxy.main()] Some protocols failed to start their listeners! Exiting.',
			{kind: 'haproxy.refused-to-start', why: 'Some protocols failed to start their listeners!'},
		],
		[
			'Failed to load worker (738) exited with code 1 (Exit)',
			{kind: 'haproxy.refused-to-start', why: 'Failed to load worker', pid: 738},
		],
		['parsing [/etc/haproxy/haproxy.cfg:63] : a warning that starts all the same', undefined],
		['[haproxy.main()] Cannot raise FD limit to 8044, limit is 4096.', undefined],
	]);
});
