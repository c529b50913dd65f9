/** The screen as text: for the clipboard, and for a file. */
import {stripVTControlCharacters} from 'node:util';
import {renderToString} from 'ink';
import {copyToClipboard, writeScreen} from '../effects/audit-log.ts';
import type {Effect} from '../state/effects.ts';
import type {State} from '../state/state.ts';
import {copiedText} from '../state/view/copied.ts';
import {App} from './app.tsx';
import {themeFor} from './components/theme.ts';

export type TextEffect = Extract<Effect, {type: 'screen.copy' | 'screen.write'}>;

type Size = {width: number; height: number};

export function screenText(state: State, size: Size): string {
	const drawn = renderToString(<App state={state} {...size} theme={themeFor({NO_COLOR: '1'})} />, {
		columns: size.width,
	});
	const lines = stripVTControlCharacters(drawn).split('\n');
	return `${lines
		.map(line => line.trimEnd())
		.join('\n')
		.trimEnd()}\n`;
}

type Notice = {text: string; tone: 'dim' | 'warn'};

/** Characters of what was copied, in the notice. */
const noticeMaxLength = 60;

/** Copies or writes what the screen shows. @returns what to report */
export async function performText(effect: TextEffect, state: State): Promise<Notice> {
	const size = {width: process.stdout.columns, height: process.stdout.rows};
	if (effect.type === 'screen.write') {
		return writeScreen(screenText(state, size));
	}

	const text = effect.what === 'screen' ? screenText(state, size) : copiedText(state);
	if (text === undefined) {
		return {text: 'nothing is selected', tone: 'warn'};
	}

	copyToClipboard(text);
	const [first = ''] = text.split('\n');
	const what = effect.what === 'screen' ? 'the screen' : first.slice(0, noticeMaxLength);
	return {text: `copied into the terminal's clipboard (OSC 52): ${what}`, tone: 'dim'};
}
