/** The console a moment after its start, with what it read of the time before: the line between that and what it has seen. */
import {describe, expect, it} from 'vitest';
import type {EarlierRead} from '../../source/domain/events.ts';
import type {Entry} from '../../source/domain/facts.ts';
import {frameOf, sizes} from '../support/screen.tsx';
import {healthySession, pressAt, type Session, start} from '../support/session.ts';

const log = {from: 'journal of pgdb2', uncertainMs: 10};

function entry(secondsAgo: number, more: Pick<Entry, 'kind' | 'turn' | 'text'> & Partial<Entry>): Entry {
	return {at: start - secondsAgo * 1000, log, ...more};
}

const entries: readonly Entry[] = [
	entry(1803, {
		kind: 'leader',
		turn: 'worse',
		text: 'leader: pgdb2 → none (journal of pgdb2)',
		about: {of: 'leader', from: 'pgdb2', to: undefined, isWatched: false},
	}),
	entry(1800, {
		kind: 'leader',
		turn: 'news',
		text: 'leader: pgdb1 (journal of pgdb1)',
		about: {of: 'leader', from: undefined, to: 'pgdb1', isWatched: false},
	}),
	entry(600, {kind: 'vip', turn: 'news', text: 'keepalived of pgdb1 is MASTER of VI_1 (journal of pgdb1)'}),
];

function read(more: Partial<EarlierRead> = {}): EarlierRead {
	return {
		type: 'history.read',
		by: ['logs'],
		since: start - 3_600_000,
		until: start + 2000,
		entries,
		holds: {vips: []},
		missing: [],
		...more,
	};
}

/** The lines of the frame between the line and the bottom of its pane. */
function below(frame: string): string[] {
	const lines = frame.split('\n');
	const from = lines.findIndex(line => line.includes('— this console started'));
	return lines.slice(
		from + 1,
		lines.findIndex((line, index) => index > from && line.startsWith('└')),
	);
}

const seen = (session: Session) =>
	session.at(4, {
		type: 'source.lost',
		source: 'patroni:pgdb2',
		reason: 'connection refused',
		code: 'refused',
	});

describe.each(sizes)('at $width x $height', size => {
	it.each<[string, () => Session]>([
		['nothing seen yet', () => healthySession('trixie').at(3, read())],
		['something seen since', () => seen(healthySession('trixie').at(3, read()))],
		['something seen before it was read', () => seen(healthySession('trixie')).at(5, read())],
		['nothing in the logs', () => healthySession('trixie').at(3, read({entries: []}))],
		[
			'a node that could not be read',
			() =>
				healthySession('trixie').at(
					3,
					read({
						missing: [
							'pgdb2: dba may not read the journal; on the node: sudo usermod -aG systemd-journal dba',
						],
					}),
				),
		],
		['all of it in the list', () => pressAt(seen(healthySession('trixie').at(3, read())), 5, 'log.entries')],
	])('shows %s', (_, scene) => {
		const frame = frameOf(scene().state, size);
		expect(frame.split('\n')).toHaveLength(size.height);
		expect(frame).toContain('— this console started');
		expect(frame).toMatchSnapshot();
	});

	it('has what was seen below the line, whenever the logs are read', () => {
		const first = frameOf(seen(healthySession('trixie').at(3, read())).at(6).state, size);
		const last = frameOf(seen(healthySession('trixie')).at(6, read()).state, size);
		expect(below(first)).toEqual(below(last));
		expect(below(first).join('\n')).toContain('REST lost');
	});
});

describe('the row that is selected in the list', () => {
	it('stays the same entry when others are put before it', () => {
		const before = pressAt(seen(healthySession('trixie')), 5, 'log.entries');
		const after = seen(pressAt(seen(healthySession('trixie')), 5, 'log.entries')).at(6, read());
		const rowOf = ({state}: Session) => {
			const [list] = state.view.overlays;
			return list?.kind === 'entries' ? state.timeline[Number(list.selected)]?.text : undefined;
		};
		expect(rowOf(before)).toMatch(/REST lost/);
		expect(rowOf(after)).toBe(rowOf(before));
	});
});
