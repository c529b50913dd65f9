/** Keys do not depend on how the terminal's bytes are split into chunks, and one burst confirms nothing. */
import fc from 'fast-check';
import {describe, expect, it, vi} from 'vitest';
import {dynamicConfig} from '../../source/domain/cluster/keys.ts';
import type {Intent} from '../../source/domain/events.ts';
import {hintsOf, whyUnbound} from '../../source/keymap/keymap.ts';
import type {Effect} from '../../source/state/effects.ts';
import {logOverlay} from '../../source/state/overlays.ts';
import {hasOperations, mode, type State, topOverlay} from '../../source/state/state.ts';
import {canSend, enterHint, isTyping} from '../../source/state/update/dialog.ts';
import {update} from '../../source/state/update.ts';
import {dialogPane} from '../../source/state/view/dialog.ts';
import {Keyboard} from '../../source/ui/input.ts';
import {type Key, KeyParser, pasteMaxLength} from '../../source/ui/key-parser.ts';
import {readBy} from '../../source/ui/terminal.ts';
import {Operator} from '../support/operator.ts';
import {healthySession, start} from '../support/session.ts';

const esc = '\u001B';
const paste = (text: string) => `${esc}[200~${text}${esc}[201~`;

/** The state of a console, and the keyboard that changes it. `drawn` is what the test says is on the screen. */
class Console {
	state: State;
	drawn: State | undefined;
	readonly intents: Intent[] = [];
	readonly effects: Effect[] = [];
	readonly keyboard = new Keyboard({
		current: () => this.state,
		drawn: () => this.drawn,
		bounds: () => ({page: 10}),
		onIntent: intent => {
			this.intents.push(intent);
			const [next, effects] = update(this.state, {at: start + 1000, event: intent});
			this.state = next;
			this.effects.push(...effects);
		},
	});

	constructor(state = healthySession('trixie').state) {
		this.state = state;
		this.drawn = state;
	}

	/** Each chunk arrives before anything is drawn. */
	burst(...chunks: readonly string[]): this {
		chunks.forEach(this.keyboard.read);
		return this;
	}

	draw(): this {
		this.drawn = this.state;
		return this;
	}

	/** Each chunk arrives after the screen has shown what the one before did. */
	slowly(...chunks: readonly string[]): this {
		for (const chunk of chunks) {
			this.draw().burst(chunk);
		}

		return this.draw();
	}

	get sent(): Effect[] {
		return this.effects.filter(({type}) => type === 'operation.send' || type === 'quit');
	}
}

function namesOf(...chunks: readonly string[]): string[] {
	const parser = new KeyParser();
	return [...chunks.flatMap(chunk => parser.push(chunk)), ...parser.flush()].map(key =>
		'pasted' in key
			? `paste ${key.pasted}`
			: 'problem' in key
				? key.problem
				: 'name' in key
					? key.name
					: 'mouse',
	);
}

/** Parts of one paste count as one. */
function joined(keys: readonly Key[]): string {
	return JSON.stringify(keys).replaceAll('"},{"pasted":"', '');
}

const keyBytes = [
	...'?hjkgGfmSFRLIPEoDXrlTpavwsntbcNq/ 1',
	'\t',
	'\r',
	'\u007F',
	'\u0015',
	'\u0006',
	esc,
	`${esc}[A`,
	`${esc}[B`,
	`${esc}[C`,
	`${esc}[Z`,
	`${esc}[5~`,
	`${esc}OH`,
	`${esc}[15~`,
	'é',
	paste('pg y\rq'),
];

function cut(text: string, places: readonly number[]): string[] {
	const all = [...new Set(places.map(place => place % (text.length + 1)))].toSorted((a, b) => a - b);
	return [0, ...all].map((from, index) => text.slice(from, all[index])).filter(chunk => chunk !== '');
}

describe('the bytes of keys', () => {
	it.each([
		[`${esc}f`, ['Esc', 'f']],
		[`${esc}T`, ['Esc', 'T']],
		[`${esc}\r`, ['Esc', 'Enter']],
		[`${esc}${esc}`, ['Esc', 'Esc']],
		[`${esc}${esc}[A`, ['Esc', 'Up']],
		[`${esc}Py`, ['Esc', 'P', 'y']],
		[`${esc}[A${esc}[1;5B${esc}OC${esc}[d`, ['Up', 'Down', 'Right', 'Left']],
		[
			`${esc}[5~${esc}[6~${esc}[1~${esc}OF${esc}[3~${esc}[2~`,
			['PgUp', 'PgDn', 'Home', 'End', 'Delete', 'Insert'],
		],
		[`${esc}OP${esc}[15~${esc}[24;2~${esc}[[E`, ['F1', 'F5', 'F12', 'F5']],
		['\u0001\u001A\t\b\u007F\0', ['Ctrl-A', 'Ctrl-Z', 'Tab', 'Backspace', 'Backspace', 'Ctrl-Space']],
		// Focus, the cursor's position, a mouse, the terminal's kind: replies, which no one has typed.
		[`${esc}[I${esc}[12;40R${esc}[<0;3;4M${esc}[?62;4cq`, ['q']],
		[`${esc}[`, ['Esc', '[']],
		[`a${paste('b\rc')}d`, ['a', 'paste b\rc', 'd']],
	])('%j are %j', (bytes, names) => {
		expect(namesOf(bytes)).toEqual(names);
	});

	it('are the same keys in any chunks', () => {
		const any = fc.array(fc.constantFrom(...keyBytes, `${esc}[`, '~', '[', 'O', '201~'), {maxLength: 12});
		fc.assert(
			fc.property(any, fc.array(fc.nat(60), {maxLength: 8}), (keys, places) => {
				const whole = new KeyParser();
				const parts = new KeyParser();
				const expected = joined([...whole.push(keys.join('')), ...whole.flush()]);
				const chunks = cut(keys.join(''), places);
				expect(joined([...chunks.flatMap(chunk => parts.push(chunk)), ...parts.flush()])).toBe(expected);
			}),
		);
	});

	it('of a paste are text until its end mark, however long it is silent within', () => {
		const parser = new KeyParser();
		expect(parser.push(`${esc}[200~ab`)).toEqual([{pasted: 'ab'}]);
		expect(parser.waitMs).toBe(2000);
		expect(parser.flush()).toEqual([{problem: 'the paste has no end yet: Esc ends it'}]);
		// Reported once.
		expect(parser.waitMs).toBeUndefined();
		expect(parser.push('y\r')).toEqual([{pasted: 'y\r'}]);
		expect(parser.flush()).toHaveLength(1);
		expect(parser.push(`c${esc}`)).toEqual([{pasted: 'c'}]);
		parser.flush();
		expect(parser.push('[201')).toEqual([]);
		parser.flush();
		expect(parser.push('~q')).toEqual([{name: 'q', text: 'q'}]);
	});

	it.each([
		[esc, []],
		['\u0003', [{name: 'Ctrl-C'}]],
		[`${esc}${esc}`, []],
	])('of a paste whose end was lost: %j alone ends it, so that keys count again', (bytes, keys) => {
		const parser = new KeyParser();
		parser.push(`${esc}[200~ab`);
		for (const byte of bytes) {
			expect(parser.push(byte)).toEqual([]);
		}

		expect(parser.waitMs).toBe(1000);
		expect(parser.flush()).toEqual([
			{problem: 'the paste had no end, and is ended; keys count again'},
			...keys,
		]);
		expect(parser.push('y')).toEqual([{name: 'y', text: 'y'}]);
		expect(parser.push(`${esc}[201~q`)).toEqual([{name: 'q', text: 'q'}]);
	});

	it('of a paste may have Esc and Ctrl-C in it', () => {
		const parser = new KeyParser();
		const keys = [`${esc}[200~a`, esc, 'y', '\u0003', 'b', esc, '[201~', 'q'].flatMap(chunk =>
			parser.push(chunk),
		);
		expect(joined(keys)).toBe(joined([{pasted: `a${esc}y\u0003b`}, {name: 'q', text: 'q'}]));
	});

	it('of a paste are bounded: the rest of a longer one is dropped, and the keys after it count', () => {
		const parser = new KeyParser();
		const keys = [
			`${esc}[200~`,
			...Array.from({length: 20}, () => 'x'.repeat(10_000)),
			`${esc}[201~q`,
		].flatMap(chunk => parser.push(chunk));
		const pasted = keys.flatMap(key => ('pasted' in key ? key.pasted : []));
		expect(pasted.join('')).toHaveLength(pasteMaxLength);
		expect(keys.slice(pasted.length)).toEqual([
			{problem: 'the paste is longer than 64 KiB: the rest is dropped'},
			{name: 'q', text: 'q'},
		]);
		expect(parser.push(paste('again'))).toEqual([{pasted: 'again'}]);
	});

	it('go to the keyboard, and Ink gets none of them', () => {
		const chunks = ['ab', `${esc}[`, null];
		const stream = {isTTY: true, read: () => chunks.shift() ?? null} as unknown as NodeJS.ReadStream;
		const read: string[] = [];
		const clean = readBy(stream, chunk => read.push(chunk));
		expect(clean.isTTY).toBe(true);
		expect([clean.read(), clean.read(), clean.read()]).toEqual(['', '', null]);
		expect(read).toEqual(['ab', `${esc}[`]);
	});
});

describe('keys that arrive together', () => {
	it('leave the same state in any chunks, and as one at a time with the screen drawn between', () => {
		fc.assert(
			fc.property(
				fc.array(fc.constantFrom(...keyBytes), {maxLength: 14}),
				fc.array(fc.nat(60), {maxLength: 6}),
				(keys, places) => {
					// A key that confirms is another matter: the tests below.
					const single = new Console();
					const withoutAnswers: string[] = [];
					for (const key of keys) {
						const before = single.intents.length;
						single.drawn = undefined;
						single.burst(...(key === esc ? [`${esc}${esc}[I`] : [key]));
						// Of the same key again nothing is said.
						const ignored = single.intents.slice(before).every(one => one.type === 'notice');
						withoutAnswers.push(...(ignored ? [] : [key === esc ? `${esc}${esc}[I` : key]));
					}

					const slow = new Console().slowly(...withoutAnswers);
					const fast = new Console().burst(...cut(withoutAnswers.join(''), places));
					expect(fast.state.view).toEqual(slow.state.view);
					expect(fast.effects).toEqual(slow.effects);
				},
			),
		);
	});

	it('type into the prompt that one of them opens, and apply it', () => {
		const filtered = new Console().burst('lf\u0015abc\r');
		expect(mode(filtered.state)).toBe('logs');
		expect(logOverlay(filtered.state.view)?.choice.filter).toBe('abc');
		const searched = new Console().burst('l/pgdb\r');
		expect(mode(searched.state)).toBe('logs');
		expect(logOverlay(searched.state.view)?.search).toBe('pgdb');
	});

	it('are literal text in a prompt if they are a paste, lines and all, and nothing elsewhere', () => {
		const prompt = new Console().burst('lf', paste('a b\rq y\u0015'));
		expect(topOverlay(prompt.state.view)).toMatchObject({kind: 'prompt', text: 'a bq y'});
		const panes = new Console().burst(paste('Sy\r'));
		expect(mode(panes.state)).toBe('panes');
		expect(panes.intents).toMatchObject([{type: 'notice', text: 'pasted text has no meaning here'}]);
	});

	it.each(['Py', 'P\t\r', 'Sy', `l${esc}Py`, 'P\ty'])('never confirm the question of %j', bytes => {
		const all = new Console().burst(bytes);
		expect(mode(all.state)).toBe('dialog');
		expect(all.sent).toEqual([]);
		expect(all.state.view.notice?.text).toMatch(/ is ignored: it came before the screen showed/);
		const each = new Console().burst(...bytes);
		expect(mode(each.state)).toBe('dialog');
		expect(each.sent).toEqual([]);
	});

	it('never confirm by pasted text or by keys with others, and confirm by the key alone', () => {
		const asked = new Console().slowly('P');
		asked.burst('yes I think so').draw();
		expect(asked.sent).toEqual([]);
		const pasted = new Console().slowly('P', paste('y'));
		expect(pasted.sent).toEqual([]);
		expect(new Console().slowly('P', 'y').sent).toHaveLength(1);
	});

	it('never confirm a question whose field changed since it was drawn', () => {
		const asked = new Console().slowly('R', '\t', '\t', '\t');
		asked.burst(`${esc}[C${esc}[C`);
		asked.burst('y');
		expect(asked.sent).toEqual([]);
		asked.draw().burst('y');
		expect(asked.sent).toHaveLength(1);
	});

	it('never confirm by a typed name with Enter in one chunk, drawn or not', () => {
		const replica = () => new Console().slowly('j');
		for (const chunk of ['Ipgdb2\r', 'Ipgdb2\r\r']) {
			const at = replica().burst(chunk);
			expect(mode(at.state)).toBe('dialog');
			expect(at.sent).toEqual([]);
		}

		const asked = replica().slowly('I');
		expect(mode(asked.state)).toBe('dialog');
		asked.burst('pgdb2\r');
		expect(asked.sent).toEqual([]);
		expect(asked.state.view.notice?.text).toMatch(/^Enter is ignored: it came before the screen showed/);
		asked.draw().burst('\r');
		expect(asked.sent).toHaveLength(1);
	});

	it('of a sequence without end are dropped, however long it is', () => {
		const parser = new KeyParser();
		for (let part = 0; part < 1000; part++) {
			expect(parser.push(part === 0 ? `${esc}[` : '1234567890').length).toBeLessThan(12);
		}

		parser.flush();
		expect(parser.push('q')).toEqual([{name: 'q', text: 'q'}]);
	});

	it('confirm nothing on a screen that is too small to show the question', () => {
		const asked = new Console().slowly('P');
		asked.drawn = undefined;
		asked.burst('y');
		expect(asked.sent).toEqual([]);
	});

	it('do not quit past the warning that an operation is running', () => {
		const running = new Console().slowly('P', 'y', esc, `${esc}[I`);
		running.burst('q', 'qq');
		expect(running.state.view.leaving).toBe(true);
		expect(running.sent.filter(({type}) => type === 'quit')).toEqual([]);
		running.draw().burst('q');
		expect(running.sent.filter(({type}) => type === 'quit')).toHaveLength(1);
	});

	it('wait after Escape for the rest of a sequence, but not for long', () => {
		vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'setImmediate']});
		try {
			const shown = new Console().slowly('?');
			shown.burst(esc);
			expect(mode(shown.state)).toBe('help');
			vi.runAllTimers();
			expect(mode(shown.state)).toBe('panes');
		} finally {
			vi.useRealTimers();
		}
	});
});

/** The footer's words by key. */
function footer({state}: Console): Record<string, string> {
	const context = {
		operations: hasOperations(state),
		typing: isTyping(state),
		canSend: canSend(state),
		frozen: state.view.frozen !== undefined,
		paused: dynamicConfig(state.cluster)?.pause ?? false,
		enter: enterHint(state),
	};
	return Object.fromEntries(hintsOf(mode(state), context).map(({key, text}) => [key, text]));
}

describe('the footer says what a key does now', () => {
	it('to a paused cluster and to a frozen screen', () => {
		const live = new Console();
		expect(footer(live)).toMatchObject({P: 'pause', Space: 'freeze', S: 'switchover'});
		live.slowly(' ');
		expect(footer(live)).toMatchObject({Space: 'unfreeze'});
		expect(Object.keys(footer(live))).not.toEqual(expect.arrayContaining(['S']));
		const operator = new Operator();
		const paused = new Console(operator.after(11, operator.configured({pause: true})).state);
		expect(footer(paused)).toMatchObject({P: 'resume'});
	});

	it('in each field of a question', () => {
		const asked = new Console().slowly('R');
		expect(footer(asked)).toMatchObject({Enter: 'go back', y: 'yes'});
		asked.slowly('\t');
		expect(footer(asked)).toMatchObject({Enter: 'confirm'});
		asked.slowly('\t');
		expect(footer(asked)).toMatchObject({Enter: 'next field'});
		expect(footer(asked)).not.toHaveProperty('y');
		const dialog = topOverlay(asked.state.view);
		const lines = dialog?.kind === 'dialog' ? dialogPane(asked.state, dialog).lines : [];
		expect(
			lines
				.flat()
				.map(({text}) => text)
				.join(''),
		).toContain('send it: Tab out of the text, then y');
	});
});

describe('a key without an effect says why', () => {
	it.each([
		['~', /^~ has no meaning here/],
		[`${esc}[15~`, /^F5 has no meaning here/],
		['P\u001B[C', /^no values to choose from here/],
		['ls', /^a split needs the logs of two nodes/],
	])('%j', (bytes, words) => {
		expect(new Console().burst(bytes).state.view.notice?.text).toMatch(words);
	});

	it('once, while it is shown', () => {
		expect(new Console().burst('~', '~').intents).toHaveLength(1);
	});

	it('in a recording and with --read-only', () => {
		expect(whyUnbound('S', 'panes', {operations: false})).toBe(
			'(switchover) does nothing here: --read-only offers no operations',
		);
		expect(whyUnbound('S', 'panes', {operations: false, replay: true})).toBe(
			'(switchover) does nothing here: a recording is played, and no cluster is connected',
		);
	});
});
