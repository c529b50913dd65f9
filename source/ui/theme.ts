/** Tones made into what a terminal can do; colour is only ever an addition to the words. */
import chalk, {type ChalkInstance} from 'chalk';
import type {Tone} from '../state/rows.ts';

export type Theme = Readonly<Record<Tone | 'selected', (text: string) => string>>;

/** The sixteen colours' names: they follow the operator's own palette and work everywhere. */
function colours(style: ChalkInstance): Theme {
	return {
		plain: text => text,
		strong: style.bold,
		good: style.green,
		warn: style.yellow,
		bad: style.red.bold,
		dim: style.dim,
		selected: style.inverse,
	};
}

function monochrome(style: ChalkInstance): Theme {
	return {...colours(style), good: text => text, warn: style.bold, bad: style.bold};
}

/** https://no-color.org: any value but the empty one turns colours off; bold, dim and inverse stay. */
export function themeFor(environment: Readonly<Record<string, string | undefined>>): Theme {
	return environment.NO_COLOR ? monochrome(chalk) : colours(chalk);
}
