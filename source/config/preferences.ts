/** The settings of the screen in effect: of a console's configuration, or alone, for recordings. */
import * as z from 'zod';
import {refuseMistakes} from './check-files.ts';
import {type Environment, environmentLayer} from './environment.ts';
import {isMapping, isNothing, type Layer, Layers} from './layers.ts';
import {ownSettings} from './own-files.ts';
import {preferenceShape, type ThemeName} from './preference-settings.ts';

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
	const ownLayers = parts.map(({own}) => ({...own, place: 'file' as const}));
	refuseMistakes(ownLayers, schema);
	const layers = new Layers([...ownLayers, environmentLayer(environment)]);
	return preferencesOf({content: layers.validate(schema), layers, ownLayers});
}
