/** Findings begin and end once each, after the delay, whatever comes and goes. */
import fc from 'fast-check';
import {expect, it} from 'vitest';
import {keyOfFinding, type Severity} from '../../source/domain/findings/finding.ts';
import {type EpisodeOptions, Episodes} from '../../source/watch/episodes.ts';

type Small = {id: 'leader.none'; about: string; severity: Severity; cause?: string};

const finding = (about: string, severity: Severity = 'degraded', cause?: string): Small => ({
	id: 'leader.none',
	about,
	severity,
	...(cause === undefined ? {} : {cause}),
});

const episodes = (options: Partial<EpisodeOptions> = {}) =>
	new Episodes<Small>({severity: 'unknown', afterMs: 5000, consequences: false, ...options});

const phases = (all: readonly {phase: string}[]) => all.map(({phase}) => phase);

it('begin after they have held for the delay, and end after they were gone for it', () => {
	const seen = episodes();
	expect(seen.take([finding('a')], 0)).toEqual([]);
	expect(seen.take([finding('a')], 4999)).toEqual([]);
	expect(seen.take([finding('a')], 5000)).toMatchObject([{phase: 'began', since: 0, until: 5000}]);
	expect(seen.take([], 6000)).toEqual([]);
	// Back within the delay: it never ended.
	expect(seen.take([finding('a')], 9000)).toEqual([]);
	expect(seen.take([], 10_000)).toEqual([]);
	expect(seen.take([], 14_000)).toMatchObject([{phase: 'ended', since: 0, until: 9000}]);
	expect(seen.take([], 20_000)).toEqual([]);
});

it('a flap shorter than the delay is nothing', () => {
	const seen = episodes();
	for (let at = 0; at < 60_000; at += 3000) {
		expect(seen.take([finding('a')], at)).toEqual([]);
		expect(seen.take([], at + 1000)).toEqual([]);
	}
});

it('get worse, but not better, and count from their severity on', () => {
	const seen = episodes({afterMs: 0});
	expect(seen.take([finding('a', 'notice')], 0)).toEqual([]);
	expect(phases(seen.take([finding('a', 'degraded')], 1))).toEqual(['began']);
	expect(phases(seen.take([finding('a', 'critical')], 2))).toEqual(['worsened']);
	expect(seen.take([finding('a', 'degraded')], 3)).toEqual([]);
	expect(seen.take([finding('a', 'critical')], 4)).toEqual([]);
	expect(phases(seen.take([finding('a', 'notice')], 5))).toEqual(['ended']);
});

it('what follows from another one that counts is not told by itself, but ends only when it is gone', () => {
	const seen = episodes({afterMs: 0});
	const root = finding('root', 'critical');
	const consequence = finding('b', 'degraded', keyOfFinding(root));
	expect(seen.take([root, consequence], 0)).toMatchObject([{finding: root}]);
	expect(seen.take([root, consequence], 1)).toEqual([]);
	// Of a root that no longer holds it is news.
	expect(phases(seen.take([consequence], 2))).toEqual(['ended', 'began']);
	// Once begun, a root that appears does not end it.
	expect(phases(seen.take([root, consequence], 3))).toEqual(['began']);
	expect(phases(episodes({afterMs: 0, consequences: true}).take([root, consequence], 0))).toEqual([
		'began',
		'began',
	]);
});

it('of any history: begin and end take turns, the delay is kept, and nothing stays open that is gone', () => {
	const moment = fc.record({
		ms: fc.integer({min: 1, max: 4000}),
		held: fc.uniqueArray(
			fc.record({
				about: fc.constantFrom('a', 'b', 'c'),
				severity: fc.constantFrom<Severity>('notice', 'unknown', 'degraded', 'critical'),
			}),
			{selector: ({about}) => about},
		),
	});
	fc.assert(
		fc.property(fc.array(moment, {maxLength: 60}), fc.integer({min: 0, max: 6000}), (history, afterMs) => {
			const seen = episodes({afterMs, consequences: true});
			const open = new Map<string, number>();
			let now = 0;
			const take = (held: readonly Small[]) => {
				for (const {phase, key, since, until} of seen.take(held, now)) {
					expect(since).toBeLessThanOrEqual(until);
					expect(until).toBeLessThanOrEqual(now);
					expect(open.has(key)).toBe(phase !== 'began');
					if (phase === 'began') {
						expect(now - since).toBeGreaterThanOrEqual(afterMs);
						open.set(key, now);
					} else if (phase === 'ended') {
						expect(now - until).toBeGreaterThanOrEqual(afterMs);
						open.delete(key);
					}
				}
			};
			for (const {ms, held} of history) {
				now += ms;
				take(held.map(({about, severity}) => finding(about, severity)));
			}

			now += afterMs + 1;
			take([]);
			now += afterMs + 1;
			take([]);
			expect(open.size).toBe(0);
		}),
	);
});
