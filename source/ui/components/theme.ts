/** Colour themes: what each tone looks like, and for which background of the terminal. */
import chalk, {Chalk, type ChalkInstance, type ColorName} from 'chalk';
import type {ThemeName} from '../../config/preference-settings.ts';
import type {TitleColor} from '../../domain/target.ts';
import {titleColors} from '../../domain/target.ts';
import {type Tone, tagTones} from '../../state/view/cells.ts';

export type Bar = `bar.${TitleColor}`;

export type Theme = Readonly<Record<Tone | 'selected' | Bar, (text: string) => string>>;

/** A colour of the terminal's palette by its name, or `#rrggbb`: one of the 256 colours, which all such terminals share. */
export type Color = ColorName | `#${string}`;

export type Look = {color?: Color; background?: Color; bold?: true; underline?: true; dim?: true};

export type Palette = {
	/** The terminal's background that the contrasts are for: the one that is worst for them. */
	assumed: Color;
	looks: Readonly<Record<Exclude<Tone, 'plain' | 'strong'> | Bar, Look>>;
};

const namedBars: Readonly<Record<Bar, Look>> = {
	'bar.red': {color: 'whiteBright', background: 'red'},
	'bar.yellow': {color: 'black', background: 'yellow'},
	'bar.green': {color: 'black', background: 'green'},
	'bar.cyan': {color: 'black', background: 'cyan'},
	'bar.blue': {color: 'whiteBright', background: 'blue'},
	'bar.magenta': {color: 'whiteBright', background: 'magenta'},
	'bar.white': {color: 'black', background: 'white'},
};

const bars: Readonly<Record<Bar, Look>> = {
	'bar.red': {color: '#ffffff', background: '#af0000'},
	'bar.yellow': {color: '#000000', background: '#ffd700'},
	'bar.green': {color: '#000000', background: '#5faf5f'},
	'bar.cyan': {color: '#000000', background: '#5fd7d7'},
	'bar.blue': {color: '#ffffff', background: '#005faf'},
	'bar.magenta': {color: '#ffffff', background: '#870087'},
	'bar.white': {color: '#000000', background: '#d0d0d0'},
};

function tags(...colors: readonly Color[]): Record<(typeof tagTones)[number], Look> {
	return Object.fromEntries(
		tagTones.map((tone, index) => [tone, {color: colors[index] ?? 'white'}]),
	) as Record<(typeof tagTones)[number], Look>;
}

export const palettes: Readonly<Record<ThemeName, Palette>> = {
	'16-colors': {
		assumed: 'black',
		looks: {
			good: {color: 'green'},
			warn: {color: 'yellow'},
			bad: {color: 'red', bold: true},
			dim: {dim: true},
			match: {color: 'black', background: 'yellow'},
			...tags('cyan', 'magentaBright', 'greenBright', 'cyanBright', 'yellowBright'),
			...{tag5: {color: 'whiteBright'}, tag6: {color: 'white'}},
			...{tag7: {color: 'green'}, tag8: {color: 'yellow'}},
			...namedBars,
		},
	},
	dark: {
		assumed: '#303030',
		looks: {
			good: {color: '#87d787'},
			warn: {color: '#ffd75f'},
			bad: {color: '#ff8787', bold: true},
			dim: {color: '#a8a8a8'},
			match: {color: '#000000', background: '#ffd75f'},
			...tags(
				'#87d7ff',
				'#d787ff',
				'#ffaf5f',
				'#afff87',
				'#87ffff',
				'#ffafff',
				'#ffff87',
				'#afafff',
				'#ffffff',
			),
			...bars,
		},
	},
	light: {
		assumed: '#eeeeee',
		looks: {
			good: {color: '#005f00'},
			warn: {color: '#875f00'},
			bad: {color: '#af0000', bold: true},
			dim: {color: '#5f5f5f'},
			match: {color: '#000000', background: '#ffd75f'},
			...tags(
				'#005f87',
				'#870087',
				'#0000af',
				'#005f5f',
				'#5f00af',
				'#87005f',
				'#5f5f00',
				'#00005f',
				'#000000',
			),
			...bars,
		},
	},
	'high-contrast': {
		assumed: '#1c1c1c',
		looks: {
			good: {color: '#5fff5f', bold: true},
			warn: {color: '#ffff00', bold: true},
			bad: {color: '#ffafaf', bold: true, underline: true},
			dim: {color: '#d0d0d0'},
			match: {color: '#000000', background: '#ffff00', bold: true},
			...tags(
				'#5fffff',
				'#ffafff',
				'#87d7ff',
				'#afff87',
				'#ffffff',
				'#ffd787',
				'#d7ffff',
				'#ffd7ff',
				'#ffffaf',
			),
			...(Object.fromEntries(
				titleColors.map(color => [`bar.${color}`, {...bars[`bar.${color}`], bold: true}] as const),
			) as Record<Bar, Look>),
		},
	},
	// Blue, yellow and orange stay apart without red or green cones (Okabe and Ito).
	'color-blind': {
		assumed: '#303030',
		looks: {
			good: {color: '#5fafff'},
			warn: {color: '#ffff87'},
			bad: {color: '#ff875f', bold: true},
			dim: {color: '#a8a8a8'},
			match: {color: '#000000', background: '#ffd75f'},
			...tags(
				'#87d7ff',
				'#ffd7af',
				'#d7afd7',
				'#d7d787',
				'#afd7d7',
				'#ffafd7',
				'#ffffff',
				'#afafff',
				'#d0d0d0',
			),
			...bars,
		},
	},
};

function styleOf(
	{color, background, bold, underline, dim}: Look,
	style: ChalkInstance,
): (text: string) => string {
	let all = style;
	if (color !== undefined) {
		all = isHex(color) ? all.hex(color) : all[color];
	}

	if (background !== undefined) {
		all = isHex(background)
			? all.bgHex(background)
			: all[`bg${background.slice(0, 1).toUpperCase()}${background.slice(1)}` as 'bgRed'];
	}

	return [...(bold ? ['bold'] : []), ...(underline ? ['underline'] : []), ...(dim ? ['dim'] : [])].reduce(
		(made, name) => made[name as 'bold' | 'underline' | 'dim'],
		all,
	);
}

function isHex(color: Color): color is `#${string}` {
	return color.startsWith('#');
}

/** The theme in a style of chalk, which knows how many colours the terminal has. */
export function coloured(name: ThemeName, style: ChalkInstance): Theme {
	// Fewer colours would be chosen by nearness, not by contrast.
	const {looks} = palettes[style.level < 2 ? '16-colors' : name];
	const styles = Object.fromEntries(
		Object.entries(looks).map(([tone, look]) => [tone, styleOf(look, style)]),
	);
	return {...(styles as Theme), plain: text => text, strong: style.bold, selected: style.inverse};
}

/** Bold, dim and inverse remain. */
function monochrome(style: ChalkInstance): Theme {
	const plain = (text: string) => text;
	const inverse = (text: string) => style.inverse(text);
	return {
		...coloured('16-colors', style),
		...(Object.fromEntries(titleColors.map(color => [`bar.${color}`, inverse])) as Record<Bar, typeof plain>),
		...(Object.fromEntries(tagTones.map(tone => [tone, plain])) as Record<
			(typeof tagTones)[number],
			typeof plain
		>),
		good: plain,
		warn: style.bold,
		bad: style.bold,
		match: style.bold.underline,
	};
}

type Environment = Readonly<Record<string, string | undefined>>;

/** https://no-color.org: any non-empty value disables colours, whatever theme is set. */
export function themeFor(environment: Environment, name: ThemeName = '16-colors'): Theme {
	return environment.NO_COLOR ? monochrome(chalk) : coloured(name, chalk);
}

/** For the full screen: even without known colours it can show the selected row. */
export function screenTheme(environment: Environment, name?: ThemeName): Theme {
	return chalk.level === 0 ? monochrome(new Chalk({level: 1})) : themeFor(environment, name);
}
