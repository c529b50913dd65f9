import {describe, expect, it} from 'vitest';
import {codeOf, lossOf, reasonOf} from '../../source/connections/error-reason.ts';

const withCode = (code: string, message = 'it failed') => Object.assign(new Error(message), {code});

describe('an error that a source reports', () => {
	it.each([
		[withCode('ECONNREFUSED'), 'refused', 'connection refused'],
		[new Error('outer', {cause: withCode('ECONNREFUSED')}), 'refused', 'connection refused'],
		[withCode('EHOSTUNREACH'), 'unreachable', 'host unreachable'],
		[withCode('ENOTFOUND'), 'unknown-host', 'host name not found'],
		[withCode('ETIMEDOUT'), 'timeout', 'no answer in time'],
		[withCode('CERT_HAS_EXPIRED'), 'tls', 'the TLS certificate has expired'],
		[new Error('etcdserver: permission denied'), 'denied', 'the etcd user has no permission for this'],
		[new Error('etcdserver: no leader'), 'no-leader', 'etcd has no leader'],
		[new Error('14 UNAVAILABLE: Channel closed before call started'), 'closed', 'connection closed'],
		[new Error('14 UNAVAILABLE: Connection dropped'), 'closed', 'connection closed'],
		[new Error('1 CANCELLED: Call cancelled'), 'closed', 'connection closed'],
		[new Error('13 INTERNAL: Received RST_STREAM with code 2'), 'reset', 'connection reset'],
		[
			new Error('14 UNAVAILABLE: No connection established. Last error: connect ECONNREFUSED 10.73.0.1:2379'),
			'refused',
			'connection refused',
		],
		[new Error('14 UNAVAILABLE: etcdserver: no leader'), 'no-leader', 'etcd has no leader'],
		[new Error('14 UNAVAILABLE: etcdserver: corrupt cluster'), undefined, 'etcdserver: corrupt cluster'],
		[new Error('13 INTERNAL: it failed'), undefined, 'it failed'],
		[new Error('something else'), undefined, 'something else'],
	])('has its code and its text: %s', (error, code, words) => {
		expect([codeOf(error), reasonOf(error)]).toEqual([code, words]);
		expect(lossOf(error, false)).toEqual({
			reason: words,
			...(code === undefined ? {} : {code}),
			...(code === 'denied' ? {refused: true} : {}),
		});
	});

	it('has no code if it is a fault of this program', () => {
		expect(lossOf(withCode('ECONNREFUSED'), true)).toMatchObject({fault: true});
		expect(lossOf(withCode('ECONNREFUSED'), true)).not.toHaveProperty('code');
	});
});
