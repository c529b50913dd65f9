/** Tones made into what a terminal can do; colour is only ever an addition to the words. */
import type {Tone} from '../state/rows.ts';

export type Look = {color?: string; bold?: boolean; dimColor?: boolean};

/** The sixteen colours' names: they follow the operator's own palette and work everywhere. */
const colours: Record<Tone, Look> = {
	plain: {},
	strong: {bold: true},
	good: {color: 'green'},
	warn: {color: 'yellow'},
	bad: {color: 'red', bold: true},
	dim: {dimColor: true},
};

const monochrome: Record<Tone, Look> = {
	plain: {},
	strong: {bold: true},
	good: {},
	warn: {bold: true},
	bad: {bold: true},
	dim: {dimColor: true},
};

export type Theme = Record<Tone, Look>;

/** https://no-color.org: any value but the empty one turns colours off. */
export function themeFor(environment: Readonly<Record<string, string | undefined>>): Theme {
	return environment.NO_COLOR ? monochrome : colours;
}
