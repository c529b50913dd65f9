/** Content longer than the screen can be scrolled to its end by lines, pages and jumps, and is not cut. */
import {describe, expect, it} from 'vitest';
import type {Command} from '../../source/domain/commands.ts';
import {findingRoots, selectedRow} from '../../source/state/selection.ts';
import {type State, shownSnapshot, topOverlay} from '../../source/state/state.ts';
import {scrollBoundsOf} from '../../source/ui/main.tsx';
import {Operator} from '../support/operator.ts';
import {frameOf} from '../support/screen.tsx';
import {healthySession, Session, start} from '../support/session.ts';
import {madeFacts} from '../support/synthetic-cluster.ts';

const size = {width: 80, height: 24};

/** Scroll commands with the page size and the end that the screen adds. */
function press(session: Session, ...commands: readonly Command[]): Session {
	for (const command of commands) {
		session.at((session.state.now - start) / 1000, {
			type: 'command',
			command,
			...scrollBoundsOf(session.state, size.width, size.height - 3),
		});
	}

	return session;
}

const scroll = ({view}: State) => topOverlay(view)?.scroll ?? 0;
const unwell = () => {
	const operator = new Operator('trixie').after(10);
	operator.after(11, operator.configured({pause: true}), operator.member('pgdb2', {state: 'stopped'}));
	return operator.blind('patroni:pgdb1', 'vip:pgdb2', 'etcd:http://10.73.0.171:2379').after(12);
};

/** A switchover with its consequences. */
const unwellRoot = () => {
	const operator = new Operator('trixie')
		.after(1)
		.select('pgdb2')
		.press('operation.switchover', 'dialog.yes');
	return operator
		.after(3, operator.gone('leader'), operator.says('pgdb1', {state: 'stopped', replication: []}))
		.press('dismiss');
};

describe.each<[Command, () => Session]>([
	['help.toggle', () => healthySession('trixie')],
	['details.open', () => healthySession('trixie')],
	['findings.toggle', unwell],
])('%s', (open, session) => {
	it('scrolls by pages to its end, without skipping a line, and not further', () => {
		const shown = press(session(), open);
		const seen = new Set<string>();
		const look = () => {
			for (const line of frameOf(shown.state, size).split('\n')) {
				seen.add(line);
			}
		};
		look();
		for (let before = -1; before !== scroll(shown.state); ) {
			before = scroll(shown.state);
			press(shown, 'page.down');
			look();
		}

		const all = frameOf(press(session(), open).state, {...size, height: 200}).split('\n');
		expect(all.filter(line => /^┃ +[^ ┃]/.test(line) && !seen.has(line))).toEqual([]);
		expect(scroll(shown.state)).toBeGreaterThan(0);
	});

	// In the findings the next key selects another one, see below.
	it.skipIf(open === 'findings.toggle')('jumps to both ends, and the next key has an effect', () => {
		const shown = press(session(), open, 'go.last');
		const end = scroll(shown.state);
		expect(frameOf(shown.state, size)).toContain('more above');
		expect(frameOf(shown.state, size)).not.toContain('more below');
		expect(scroll(press(shown, 'select.down', 'page.down').state)).toBe(end);
		expect(scroll(press(shown, 'select.up').state)).toBe(end - 1);
		expect(scroll(press(shown, 'go.first').state)).toBe(0);
	});
});

describe('rows', () => {
	it('of the menu and of a pane are scrolled in the same way', () => {
		const menu = press(healthySession('trixie'), 'menu.open', 'go.last');
		expect(topOverlay(menu.state.view)).toMatchObject({selected: 'drill power-cut'});
		expect(topOverlay(press(menu, 'go.first').state.view)).toMatchObject({selected: 'switchover'});
		const many = Array.from({length: 30}, (_, index) => ({name: `m${String(index).padStart(2, '0')}`}));
		const session = new Session().at(1, ...madeFacts({members: many}));
		const at = (...commands: readonly Command[]) => selectedRow(press(session, ...commands).state);
		expect(at('go.last')).toBe('m29');
		expect(at('page.up')).toBe('m19');
		expect(at('go.first', 'page.down')).toBe('m10');
	});

	it('of the timeline are all reachable at the smallest size', () => {
		const session = healthySession('trixie');
		for (let second = 1; second <= 40; second++) {
			const type = second % 2 === 1 ? 'source.lost' : 'source.alive';
			session.at(second, {type, source: 'patroni:pgdb2', reason: `reason ${second}`} as never);
		}

		press(session, 'log.entries', 'timeline.view', 'go.first');
		expect(frameOf(session.state, {width: 60, height: 16})).toContain('REST lost: reason 1');
		expect(topOverlay(press(session, 'go.last', 'page.up').state.view)).not.toMatchObject({selected: '0'});
	});
});

describe('findings at 80 columns', () => {
	const marked = (session: Session) => /▸(\w+ +.*?) *┃/.exec(frameOf(session.state, size))?.[1] ?? '';
	const roots = (session: Session) => findingRoots(shownSnapshot(session.state)).length;

	it('are selected one by one, each in view', () => {
		const session = press(unwell(), 'findings.toggle');
		const seen = [marked(session)];
		for (let step = 1; step < roots(session); step++) {
			seen.push(marked(press(session, 'select.down')));
		}

		expect(roots(session)).toBeGreaterThan(2);
		expect(new Set(seen).size).toBe(roots(session));
		expect(marked(press(session, 'go.first'))).toBe(seen[0]);
		expect(marked(press(session, 'go.last'))).toBe(seen.at(-1));
		expect(marked(press(session, 'select.up'))).toBe(seen.at(-2));
	});

	it('show their consequences by Enter, fold them by Enter, and keep both while the list is open', () => {
		const session = unwellRoot();
		const frame = () => frameOf(session.state, {width: 80, height: 60});
		press(session, 'findings.toggle');
		expect(frame()).toMatch(/└ \d+ consequences: /);
		press(session, 'findings.expand');
		const all = frame();
		expect(all).not.toMatch(/└ \d+ consequences/);
		expect(all.match(/└ /g)?.length).toBe(2);
		press(session, 'help.toggle', 'dismiss');
		session.at(4);
		expect(frame().match(/└ /g)?.length).toBe(2);
		press(session, 'findings.expand');
		expect(frame()).toMatch(/└ \d+ consequences: /);
		press(session, 'findings.expand', 'dismiss', 'findings.toggle');
		expect(frame()).toMatch(/└ \d+ consequences: /);
	});

	it('are wrapped, and not cut', () => {
		const frame = frameOf(press(unwell(), 'findings.toggle').state, {width: 80, height: 120});
		const lines = frame.split('\n').filter(line => line.startsWith('┃'));
		expect(lines.length).toBeGreaterThan(20);
		expect(lines.filter(line => line.includes('…'))).toEqual([]);
	});
});
