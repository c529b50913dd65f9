import {describe, expect, it} from 'vitest';
import {lastJump} from '../../../source/connections/ssh/settings.ts';

describe('ProxyJump', () => {
	it.each([
		['gate', {host: 'gate'}],
		['eve@gate:2222', {host: 'gate', user: 'eve', port: 2222}],
		['eve@corp@gate', {host: 'gate', user: 'eve@corp'}],
		['ssh://eve@gate:2222', {host: 'gate', user: 'eve', port: 2222}],
		['[fd00::1]:2222', {host: 'fd00::1', port: 2222}],
		['eve@[fd00::1]', {host: 'fd00::1', user: 'eve'}],
		['fd00::1', {host: 'fd00::1'}],
		['eve@fd00::1', {host: 'fd00::1', user: 'eve'}],
		['a,b@c:23,d', {host: 'd', through: 'a,b@c:23'}],
		['a, d:24', {host: 'd', port: 24, through: 'a'}],
	])('%s', (text, jump) => {
		expect(lastJump(text)).toEqual(jump);
	});

	it.each(['', 'a,', ',a', 'gate:0', 'gate:70000', 'gate:port', '-oProxyCommand=x', 'a b', 'a:b:c', '[gate'])(
		'"%s" is refused',
		text => {
			expect(() => lastJump(text)).toThrow('cannot read ProxyJump');
		},
	);
});
