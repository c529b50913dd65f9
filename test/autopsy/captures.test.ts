/** The incidents whose journals were saved in a real lab: what the logs alone say of each, on three releases. */
import {globSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {logsOfFolder} from '../../source/autopsy/folder.ts';
import {gather} from '../../source/autopsy/gather.ts';
import {describeEvent} from '../../source/domain/history/kinds.ts';
import {findIncidents} from '../../source/domain/history/story.ts';

const captures = path.join(import.meta.dirname, '../captures/logs');

/** What the first cause, or where no line says one the title, is about. */
const expected: Readonly<Record<string, RegExp>> = {
	'cable-cut': /the link of eth0 is down/,
	'disk-full': /disk of PostgreSQL on pgdb\d is full/,
	'etcd-no-space': /has no space/,
	'haproxy-stopped': /haproxy is being stopped/,
	'keepalived-killed': /keepalived (?:was sent a signal|failed)|process of keepalived ended/,
	'keepalived-stopped': /keepalived is being stopped/,
	'no-quorum': /etcd (?:is being stopped|of \S+ stopped|has stopped)/,
	'postgres-oom': /out of memory|crashed/,
	'postmaster-killed': /crashed: unexpected postmaster exit/,
	'power-cut': /the link of eth0 is down|lost its peer/,
	shutdown: /is being shut down/,
	switchover: /a switchover was asked for from pgdb\d to pgdb\d/,
	'two-vip-holders': /several nodes held the VIP|is MASTER/,
	'wal-gone': /no longer has the WAL/,
};

describe.each(['trixie', 'bookworm', 'forky'])('%s', suite => {
	it.each(Object.keys(expected))('%s', async name => {
		const folder = path.join(captures, suite, name);
		expect(globSync('*.json.gz', {cwd: folder}).length).toBeGreaterThan(2);
		const all = await logsOfFolder(folder, {since: 0, until: Number.MAX_SAFE_INTEGER});
		const gathered = await gather(
			all.filter(({node}) => node !== 'kernel'),
			() => undefined,
		);
		await gathered.lines.remove();
		const outcome = findIncidents(gathered.events);
		expect(gathered.problems).toEqual([]);
		expect(
			outcome
				.map(({title, cause}) => `${title}; ${cause === undefined ? 'not said' : describeEvent(cause)}`)
				.join('\n'),
		).toMatch(expected[name] ?? /never/);
		for (const {outages, chain} of outcome) {
			expect(chain.map(({at}) => at)).toEqual(chain.map(({at}) => at).toSorted((a, b) => a - b));
			for (const {from, to, leastMs} of outages) {
				expect(from[0]).toBeLessThanOrEqual(from[1]);
				expect(to === undefined || (to[0] <= to[1] && leastMs <= to[1] - from[0])).toBe(true);
			}
		}
	});
});
