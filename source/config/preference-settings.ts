/** Settings of the screen: keys, theme, mouse. They say nothing about a cluster, and hold for recordings, too. */
import * as z from 'zod';
import {asWritten, yesOrNo} from './setting-kinds.ts';

const key = z.preprocess(asWritten, z.string('must be a key').min(1, 'must be a key'));
const keysMessage = 'must be a key, or a list of keys';

/** The first one is the default. */
export const themeNames = ['16-colors', 'dark', 'light', 'high-contrast', 'color-blind'] as const;

export type ThemeName = (typeof themeNames)[number];

/** The settings by their names in the file. */
export const preferenceShape = {
	theme: z
		.preprocess(
			asWritten,
			z.enum(themeNames, `must be ${themeNames.slice(0, -1).join(', ')} or ${themeNames.at(-1)}`),
		)
		.optional()
		.describe(
			"colours of the screen: `16-colors` (the terminal's own, the default), `dark`, `light`, `high-contrast` or `color-blind`",
		),
	mouse: yesOrNo
		.default(false)
		.describe(
			'a click selects a row or a pane, the wheel scrolls; the terminal selects text with Shift then',
		),
	keys: z
		.record(
			z.string(),
			z.union([key.transform(one => [one]), z.array(key, keysMessage)], keysMessage),
			'must be a mapping: COMMAND: KEY, or a list of keys',
		)
		.optional()
		.describe(
			"keys of commands: `COMMAND: KEY`, or a list of keys, which replace the command's own; `[]`: none. The names of the commands are in docs/keys.md",
		),
};
