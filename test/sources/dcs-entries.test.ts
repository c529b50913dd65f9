import {describe, expect, it} from 'vitest';
import type {RawKey} from '../../source/connections/etcd-grpc.ts';
import {DcsEntries, dcsEntry} from '../../source/sources/dcs-values.ts';

const prefix = '/service/main/';
const key = (changed: Partial<RawKey> = {}): RawKey => ({
	key: `${prefix}members/pgdb1`,
	value: '{"state":"running","role":"primary"}',
	createRevision: 3,
	modRevision: 9,
	lease: '7',
	...changed,
});

describe('an entry of the DCS', () => {
	it('is the identical object from each endpoint and each read', () => {
		const entries = new DcsEntries();
		const first = entries.read(key(), prefix);
		expect(first).toEqual(dcsEntry(key(), prefix));
		entries.read(key({key: `${prefix}leader`, value: 'pgdb1'}), prefix);
		expect(entries.read(key(), prefix)).toBe(first);
	});

	it.each([
		['modRevision', {modRevision: 10}],
		['createRevision', {createRevision: 4}],
		['lease', {lease: undefined}],
		['value', {value: '{"state":"stopped","role":"replica"}'}],
		['key', {key: `${prefix}members/pgdb2`}],
	])('is parsed again with another %s, as in another store', (_, changed) => {
		const entries = new DcsEntries();
		const first = entries.read(key(), prefix);
		const second = entries.read(key(changed), prefix);
		expect(second).toEqual(dcsEntry(key(changed), prefix));
		expect(second).not.toEqual(first);
	});

	it('is not kept beside more than a mebi of others', () => {
		const entries = new DcsEntries();
		const first = entries.read(key(), prefix);
		const value = JSON.stringify({state: 'x'.repeat(400_000)});
		for (const name of ['a', 'b']) {
			entries.read(key({key: `${prefix}members/${name}`, value}), prefix);
			// The one in place of another takes its room.
			entries.read(key({key: `${prefix}members/${name}`, value, modRevision: 10}), prefix);
		}

		expect(entries.read(key(), prefix)).toBe(first);
		entries.read(key({key: `${prefix}members/c`, value}), prefix);
		const again = entries.read(key(), prefix);
		expect(again).not.toBe(first);
		expect(again).toEqual(first);
		const huge = key({value: 'x'.repeat(2_000_000)});
		expect(entries.read(huge, prefix)).not.toBe(entries.read(huge, prefix));
	});
});
