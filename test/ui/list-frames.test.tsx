/** `/` in overlays with lists, by keys: whole frames while the text is typed, and after Enter. */
import {describe, expect, it} from 'vitest';
import type {Command} from '../../source/domain/commands.ts';
import {Operator} from '../support/operator.ts';
import {frameOf, type Size, screen, themeFor} from '../support/screen.tsx';
import {pressAt, type Session} from '../support/session.ts';

const sizes: readonly Size[] = [
	{width: 80, height: 24},
	{width: 120, height: 40},
];

const unwell = () => {
	const operator = new Operator('trixie').after(10);
	operator.after(11, operator.configured({pause: true}), operator.member('pgdb2', {state: 'stopped'}));
	return operator.blind('patroni:pgdb1', 'vip:pgdb2', 'etcd:http://10.73.0.171:2379').after(12);
};

/** Presses keys on the screen, one by one. */
function keys(session: Session, size: Size, ...pressed: readonly string[]): Session {
	const shown = screen(session.state, size, intent => {
		session.at(12, intent);
	});
	for (const key of pressed) {
		shown.press(key);
		shown.show(session.state);
	}

	shown.close();
	return session;
}

const lists: readonly [string, readonly Command[], string][] = [
	['findings', ['findings.toggle'], 'pause'],
	['menu', ['menu.open'], 'switch'],
	['picker', ['log.open', 'log.pick'], 'pg'],
	['timeline', ['log.entries'], 'lost'],
	['help', ['help.toggle'], 'restart'],
	['menu without a match', ['menu.open'], 'a text that is in no row of the list, and long'],
];

describe.each(sizes)('at $width x $height', size => {
	it.each(lists)('%s', (_, commands, text) => {
		const session = pressAt(unwell(), 12, ...commands);
		keys(session, size, '/', ...text);
		expect(frameOf(session.state, size)).toMatchSnapshot('while it is typed');
		keys(session, size, '\r');
		expect(frameOf(session.state, size)).toMatchSnapshot('after Enter');
		const before = session.state.view.overlays.length;
		keys(session, size, 'q');
		expect(session.state.view.overlays).toHaveLength(before);
		expect(frameOf(session.state, size)).not.toContain(`/${text}`);
	});
});

it('marks the matches in the rows', () => {
	const size = {width: 120, height: 40};
	const session = pressAt(unwell(), 12, 'log.entries', 'timeline.view');
	keys(session, size, '/', ...'LOST', '\r', 'N');
	const theme = {...themeFor({NO_COLOR: '1'}), match: (text: string) => `«${text}»`};
	const shown = screen(session.state, {width: 140, height: 40}, () => undefined, theme);
	try {
		expect(shown.frame().match(/«.*?»/g)).toEqual(['«lost»', '«lost»']);
	} finally {
		shown.close();
	}
});
