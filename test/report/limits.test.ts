/** What a report keeps of a recording with too many episodes, findings and outages. */
import {describe, expect, it} from 'vitest';
import type {Finding, FindingHistory} from '../../source/domain/findings/finding.ts';
import {
	FindingSpans,
	limitEpisodes,
	limitFindings,
	limitOutages,
	nearbyEpisodes,
} from '../../source/report/limits.ts';

/** One every ten seconds; the number is its length, in mixed order. */
const spans = Array.from({length: 1000}, (_, index) => ({
	from: index * 10_000,
	to: index * 10_000 + ((index * 7919) % 1000),
}));

function episode(span: {from: number; to: number}, cause: 'drill' | 'operation' | 'unasked' = 'unasked') {
	return {
		episode: {...span, cause, exact: false, what: 'write outage'},
		outageMs: span.to - span.from,
	};
}

describe('limits', () => {
	it('keep the longest episodes, and all that were asked for, in order', () => {
		const all = spans.map(span => episode(span));
		const drill = episode({from: 5_000_001, to: 5_000_002}, 'drill');
		const kept = limitEpisodes([...all.slice(0, 500), drill, ...all.slice(500)]);
		expect(kept).toHaveLength(30);
		expect(kept).toContain(drill);
		expect(Math.min(...kept.filter(one => one !== drill).map(({outageMs}) => outageMs))).toBe(971);
		expect(kept.map(({episode: {from}}) => from)).toEqual(
			kept.map(({episode: {from}}) => from).toSorted((a, b) => a - b),
		);
		const near = nearbyEpisodes(kept);
		expect(near).toHaveLength(8);
		expect(near).toContain(drill);
	});

	it('keep the most severe findings, and of those the longest', () => {
		const finding = (severity: Finding['severity']) => ({severity, id: severity}) as unknown as Finding;
		const all = spans.map((span, index) => ({
			...span,
			last: span.to,
			finding: finding(index % 10 === 0 ? 'critical' : 'degraded'),
		}));
		const kept = limitFindings(all);
		expect(kept).toHaveLength(200);
		expect(kept.filter(one => one.finding.severity === 'critical')).toHaveLength(100);
	});

	it('keep the longest outages of a chart', () => {
		const kept = limitOutages(spans);
		expect(kept).toHaveLength(200);
		expect(Math.min(...kept.map(({from, to}) => to - from))).toBe(800);
	});

	it('keep all of a few', () => {
		expect(limitOutages(spans.slice(0, 5))).toEqual(spans.slice(0, 5));
	});
});

describe('a finding over time', () => {
	const take = (...seen: readonly (readonly [at: number, id: Finding['id'], text: string])[]) => {
		const all = new FindingSpans();
		for (const [at, id, text] of seen) {
			const finding: Finding = {id, severity: 'degraded', text, about: 'pgdb1', evidence: []};
			all.take({at, known: new Map([['one', {finding, at, since: at}]])} as unknown as FindingHistory, at);
		}

		return all.all.map(({finding: {text}, from, to}) => ({text, from, to}));
	};

	it('has the words of a service at each time', () => {
		expect(
			take(
				[1000, 'haproxy.down', 'pgdb1: HAProxy is inactive'],
				[9000, 'haproxy.down', 'pgdb1: HAProxy is inactive'],
				[90_000, 'haproxy.down', 'pgdb1: HAProxy is activating'],
			),
		).toEqual([
			{text: 'pgdb1: HAProxy is inactive', from: undefined, to: 90_000},
			{text: 'pgdb1: HAProxy is activating', from: 90_000, to: undefined},
		]);
	});

	it('has its last words, where only an age in them differs', () => {
		expect(
			take([1000, 'path.failing', 'writes fail for 1 s'], [9000, 'path.failing', 'writes fail for 9 s']),
		).toEqual([{text: 'writes fail for 9 s', from: undefined, to: undefined}]);
	});
});
