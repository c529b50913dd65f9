/** Settings of the screen: keys, theme, mouse. They say nothing about a cluster, and hold for recordings, too. */
import * as z from 'zod';
import {refuseMistakes} from './check-files.ts';
import {type Environment, environmentLayer} from './environment.ts';
import {isMapping, isNothing, type Layer, Layers} from './layers.ts';
import {ownSettings} from './own-files.ts';
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

export type Preferences = {
	theme: ThemeName | undefined;
	mouse: boolean;
	keys: KeySettings;
	/** The same of each file by itself, profiles that are not chosen included. */
	keysOfFiles: readonly {keys: KeySettings; originOf: Layer['originOf']}[];
	layers: Layers;
};

type KeySettings = Readonly<Record<string, readonly string[]>>;

export function preferencesOf({
	content,
	layers,
	ownLayers,
}: {
	content: z.infer<typeof schema>;
	layers: Layers;
	ownLayers: readonly Layer[];
}): Preferences {
	const {keys = {}, theme, mouse} = content['pgha-top'];
	const keysOfFiles = ownLayers.map(layer => ({keys: keysIn(layer), originOf: layer.originOf}));
	return {keys, keysOfFiles, theme, mouse, layers};
}

/** None for a value of nothing: the command's name counts, too. */
function keysIn(layer: Layer): KeySettings {
	const own = layer.content['pgha-top'];
	const keys = isMapping(own) && isMapping(own.keys) ? own.keys : {};
	return Object.fromEntries(
		Object.entries(keys).map(([name, value]) => [
			name,
			isNothing(value) || value === '' ? [] : (preferenceShape.keys.parse({[name]: value})?.[name] ?? []),
		]),
	);
}

const schema = z.object({'pgha-top': z.object(preferenceShape).prefault({})});

/**
 * The settings of the screen alone, where no cluster is configured: for recordings.
 * @param etc `/etc`, except in tests
 * @throws ConfigError
 */
export function readPreferences(environment: Environment, etc = '/etc'): Preferences {
	const {parts} = ownSettings(undefined, environment, etc);
	const ownLayers = parts.map(({own}) => own);
	refuseMistakes(ownLayers, schema);
	const layers = new Layers([...ownLayers, environmentLayer(environment)]);
	return preferencesOf({content: layers.validate(schema), layers, ownLayers});
}
