/** Each theme is readable on the background that it is for, and its states differ also without red and green cones. */
import {Chalk} from 'chalk';
import {describe, expect, it} from 'vitest';
import {themeNames} from '../../source/config/preference-settings.ts';
import {type Color, coloured, palettes, themeFor} from '../../source/ui/components/theme.ts';

/** xterm's palette. */
const xterm: Readonly<Record<string, string>> = {
	black: '#000000',
	red: '#cd0000',
	green: '#00cd00',
	yellow: '#cdcd00',
	blue: '#0000ee',
	magenta: '#cd00cd',
	cyan: '#00cdcd',
	white: '#e5e5e5',
	redBright: '#ff0000',
	greenBright: '#00ff00',
	yellowBright: '#ffff00',
	blueBright: '#5c5cff',
	magentaBright: '#ff00ff',
	cyanBright: '#00ffff',
	whiteBright: '#ffffff',
};

type Rgb = readonly [number, number, number];

function rgb(color: Color, isBold = false): Rgb {
	// xterm draws bold text in the bright colour (boldColors).
	const name = isBold && xterm[`${color}Bright`] !== undefined ? `${color}Bright` : color;
	const hex = xterm[name] ?? color;
	expect(hex).toMatch(/^#[0-9a-f]{6}$/);
	const part = (at: number) => Number.parseInt(hex.slice(at, at + 2), 16);
	return [part(1), part(3), part(5)];
}

const linear = (value: number) =>
	value <= 10 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;

/** WCAG 2: relative luminance. */
function luminance([red, green, blue]: Rgb): number {
	return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

function contrast(one: Rgb, other: Rgb): number {
	const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
	return (light + 0.05) / (dark + 0.05);
}

const least = {'16-colors': 4.5, dark: 4.5, light: 4.5, 'high-contrast': 7, 'color-blind': 4.5} as const;

describe.each(themeNames)('the theme %s', name => {
	const {assumed, looks} = palettes[name];

	it.each(Object.entries(looks))(
		`has text of enough contrast for %s`,
		(_, {color, background, bold, dim}) => {
			if (dim) {
				// The terminal decides how much dimmer; only its own colours leave that to it.
				expect(name).toBe('16-colors');
				return;
			}

			expect(color).toBeDefined();
			const text = rgb(color ?? 'black', bold);
			expect(contrast(text, rgb(background ?? assumed))).toBeGreaterThanOrEqual(
				background === undefined ? least[name] : 4.5,
			);
		},
	);

	it('is of the 256 colours that are the same on each terminal', () => {
		const levels = [0x00, 0x5f, 0x87, 0xaf, 0xd7, 0xff];
		for (const {color, background} of Object.values(looks)) {
			for (const one of [color, background]) {
				if (one?.startsWith('#')) {
					const parts = rgb(one);
					const isGrey = parts.every(part => part === parts[0]) && ((parts[0] ?? 0) - 8) % 10 === 0;
					expect(isGrey || parts.every(part => levels.includes(part)), one).toBe(true);
				}
			}
		}
	});

	it('marks every tone, and none of good, warn and bad as another', () => {
		const theme = coloured(name, new Chalk({level: 2}));
		const drawn = [theme.good, theme.warn, theme.bad, theme.dim].map(style => style('x'));
		expect(new Set(drawn).size).toBe(4);
	});

	it('is that of 16 colours where the terminal has no more, and none with NO_COLOR', () => {
		const few = coloured(name, new Chalk({level: 1}));
		expect(few.bad('x')).toBe(coloured('16-colors', new Chalk({level: 1})).bad('x'));
		const theme = themeFor({NO_COLOR: '1'}, name);
		for (const style of Object.values(theme)) {
			// Bold, dim, underlined and inverse are not colours.
			expect(style('x')).not.toMatch(/\u001B\[(?:[34]8;|3[0-7]|4[0-7]|9\d|10\d)/);
		}
	});
});

/** How a dichromat sees a colour (Viénot, Brettel and Mollon 1999), linear. */
const dichromats: Readonly<Record<string, readonly Rgb[]>> = {
	protanope: [
		[0.112_38, 0.887_62, 0],
		[0.112_38, 0.887_62, 0],
		[0.004_01, -0.004_01, 1],
	],
	deuteranope: [
		[0.292_75, 0.707_25, 0],
		[0.292_75, 0.707_25, 0],
		[-0.022_34, 0.022_34, 1],
	],
};

describe.each(Object.entries(dichromats))('for a %s', (_, matrix) => {
	it.each([
		['good', 'warn'],
		['good', 'bad'],
		['warn', 'bad'],
	] as const)('%s and %s of the theme color-blind differ in lightness or in blue', (one, other) => {
		const seen = [one, other].map(tone => {
			const [red, green, blue] = rgb(palettes['color-blind'].looks[tone].color ?? 'black').map(linear);
			return matrix.map(([r, g, b]) => r * (red ?? 0) + g * (green ?? 0) + b * (blue ?? 0));
		});
		const away = Math.hypot(...(seen[0] ?? []).map((value, index) => value - (seen[1]?.[index] ?? 0)));
		expect(away).toBeGreaterThan(0.3);
	});
});
