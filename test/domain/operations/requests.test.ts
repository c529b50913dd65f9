/** The requests, compared with what Patroni 3.0, 4.0 and 4.1 accept; and the commands over SSH. */
import {describe, expect, it} from 'vitest';
import {leaderKey} from '../../../source/domain/cluster/keys.ts';
import {requestsOf} from '../../../source/domain/operations/operation.ts';
import {requestLines} from '../../../source/domain/operations/request.ts';
import type {Operation, RestRequest} from '../../../source/domain/operations/types.ts';
import {operationContext} from '../../../source/state/selection.ts';
import {ask, fields} from '../../../source/state/update/dialog.ts';
import {type Suite, suites, unitsFact} from '../../support/captures.ts';
import {healthySession} from '../../support/session.ts';

const at = Date.UTC(2026, 10, 24, 2);

function built(suite: Suite, operation: Operation) {
	const made = requestsOf(operation, operationContext(healthySession(suite).state));
	return 'requests' in made ? made.requests : [made];
}

function leaderHost(suite: Suite): string {
	return leaderKey(healthySession(suite).state.cluster)?.member === 'pgdb1' ? '10.73.0.160' : '10.73.0.170';
}

function body(suite: Suite, operation: Operation): unknown {
	const [request] = built(suite, operation);
	const text = (request as RestRequest).body;
	return text === undefined ? undefined : JSON.parse(text);
}

const restart = {
	kind: 'restart',
	member: 'pgdb2',
	role: 'primary',
	pendingOnly: false,
	at: undefined,
} as const;

describe.each(suites)('on %s', suite => {
	it('a switchover names leader and candidate, and its time in ISO 8601 with a zone', () => {
		const now = {kind: 'switchover', leader: 'pgdb2', candidate: 'pgdb1', at: undefined} as const;
		expect(built(suite, now)).toEqual([
			{
				via: 'rest',
				to: 'pgdb2',
				method: 'POST',
				url: 'http://10.73.0.170:8008/switchover',
				body: '{"leader":"pgdb2","candidate":"pgdb1"}',
			},
		]);
		expect(body(suite, {...now, at})).toEqual({
			leader: 'pgdb2',
			candidate: 'pgdb1',
			scheduled_at: '2026-11-24T02:00:00.000Z',
		});
	});

	it('a failover never names a leader: with one Patroni takes it for a switchover', () => {
		expect(body(suite, {kind: 'failover', candidate: 'pgdb1'})).toEqual({candidate: 'pgdb1'});
	});

	it("a restart names the role in this Patroni's word", () => {
		expect(body(suite, restart)).toEqual({role: suite === 'bookworm' ? 'master' : 'primary'});
		expect(body(suite, {...restart, role: 'replica'})).toEqual({role: 'replica'});
		expect(body(suite, {...restart, role: 'standby_leader'})).toEqual({role: 'standby_leader'});
	});

	it('a restart has restart_pending only if asked for: its mere presence counts', () => {
		expect(body(suite, {...restart, pendingOnly: true, at})).toEqual({
			role: suite === 'bookworm' ? 'master' : 'primary',
			restart_pending: true,
			schedule: '2026-11-24T02:00:00.000Z',
		});
		expect(body(suite, restart)).not.toHaveProperty('restart_pending');
	});

	it('a reinitialization is forced, and from the leader only if this Patroni supports it', () => {
		const operation = {kind: 'reinitialize', member: 'pgdb1', force: true, fromLeader: false} as const;
		expect(body(suite, operation)).toEqual({force: true});
		expect(body(suite, {...operation, fromLeader: true})).toEqual({force: true, from_leader: true});
		const {state} = healthySession(suite);
		expect(fields(ask(state, operation), state).includes('fromLeader')).toBe(suite === 'forky');
	});

	it('pause is true or null, sent to the leader', () => {
		expect(body(suite, {kind: 'pause'})).toEqual({pause: true});
		expect(body(suite, {kind: 'resume'})).toEqual({pause: null});
		expect(requestLines(built(suite, {kind: 'resume'})[0] as RestRequest)).toEqual([
			`PATCH http://${leaderHost(suite)}:8008/config`,
			'{"pause":null}',
		]);
	});

	it('a cancellation has no body, a reload an empty one: Patroni answers 411 without one', () => {
		expect(built(suite, {kind: 'switchover.cancel'})).toMatchObject([
			{method: 'DELETE', url: `http://${leaderHost(suite)}:8008/switchover`, body: undefined},
		]);
		expect(built(suite, {kind: 'restart.cancel', member: 'pgdb1'})).toMatchObject([
			{method: 'DELETE', url: 'http://10.73.0.160:8008/restart', body: undefined},
		]);
		expect(body(suite, {kind: 'reload', member: 'pgdb1'})).toEqual({});
	});
});

describe('a body', () => {
	it('is shown as it is sent, with control characters escaped to the same value', () => {
		const patch = {'a\u202E': 'b\u009B2J\u200Ec\u2028d\u00ADé €\u{E0041}'};
		const [request] = built('trixie', {kind: 'configure', patch});
		const text = (request as RestRequest).body ?? '';
		expect(text).toBe('{"a\\u202e":"b\\u009b2J\\u200ec\\u2028d\\u00adé €\\udb40\\udc41"}');
		expect(requestLines(request as RestRequest)[1]).toBe(text);
		expect(JSON.parse(text)).toEqual(patch);
	});
});

describe('over SSH', () => {
	const service = {kind: 'service', node: 'pgdb1', service: 'haproxy', pauseFirst: false} as const;

	it('only fixed commands are run, by sudo without a prompt', () => {
		expect(built('trixie', service)).toEqual([
			{via: 'ssh', to: 'pgdb1', host: '10.73.0.160', command: 'sudo -n systemctl restart haproxy.service'},
		]);
		expect(built('trixie', {kind: 'reboot', node: 'etcd1'})).toMatchObject([
			{host: '10.73.0.171', command: 'sudo -n systemctl reboot'},
		]);
		expect(built('trixie', {kind: 'poweroff', node: 'etcd1'})).toMatchObject([
			{command: 'sudo -n systemctl poweroff'},
		]);
	});

	it('the pause is sent first if asked for', () => {
		expect(built('trixie', {...service, service: 'patroni', pauseFirst: true})).toMatchObject([
			{via: 'rest', method: 'PATCH', body: '{"pause":true}'},
			{via: 'ssh', command: 'sudo -n systemctl restart patroni.service'},
		]);
	});

	it.each([
		['patroni@main.service', 'patroni@main.service'],
		['haproxy.service; reboot', 'haproxy.service'],
		['--now.service', 'haproxy.service'],
		['$(reboot).service', 'haproxy.service'],
	])('a unit that systemd calls %s is requested as %s', (unit, asked) => {
		const session = healthySession('trixie').at(1, unitsFact('pgdb1', ['haproxy'], {unit}));
		const made = requestsOf(service, operationContext(session.state));
		expect(made).toMatchObject({requests: [{command: `sudo -n systemctl restart ${asked}`}]});
	});

	it('there is no request for an unknown machine or member', () => {
		expect(built('trixie', {kind: 'reboot', node: 'nosuch'})).toEqual([
			{problem: 'the address of nosuch is not known'},
		]);
		expect(built('trixie', {kind: 'reload', member: 'nosuch'})).toEqual([
			{problem: "the address of nosuch's REST API is not known"},
		]);
	});
});
