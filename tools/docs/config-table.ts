/** Generates the tables of configuration keys with default, variable and flag, from the code that reads them. */
import * as z from 'zod';
import {settingFlags} from '../../source/cli/commands/settings.ts';
import {variables} from '../../source/config/environment.ts';
import {dcsUrlLayers, flagLayers, isMapping, type Layer, type Path} from '../../source/config/layers.ts';
import {settingsSchema} from '../../source/config/schema.ts';
import {code, table} from './table.ts';

export type ConfigKey = {
	path: Path;
	meaning: string;
	default: unknown;
	variable: string | undefined;
	flag: string | undefined;
};

type Schema = {
	description?: string;
	properties?: Record<string, Schema>;
	additionalProperties?: Schema | boolean;
	anyOf?: Schema[];
};

/** Keys of pgha-top's own file, without `pgha-top.`, or those of patronictl's. */
export function configTable(file: 'patronictl' | 'pgha-top'): string {
	const own = file === 'pgha-top';
	const keys = configKeys().filter(({path}) => (path[0] === 'pgha-top') === own);
	return table(
		['key', 'meaning', 'default', 'environment', 'flag'],
		keys.map(key => [
			code(key.path.slice(own ? 1 : 0).join('.')),
			key.meaning,
			key.default === undefined ? '' : code(String(key.default)),
			key.variable === undefined ? '' : code(key.variable),
			key.flag === undefined ? '' : code(key.flag),
		]),
	);
}

export function configKeys(): ConfigKey[] {
	const schema = z.toJSONSchema(settingsSchema, {io: 'input', unrepresentable: 'any'}) as Schema;
	const defaults = settingsSchema.parse({etcd3: {}, citus: {}});
	const byPath = new Map(Object.entries(variables).map(([name, path]) => [path.join('.'), name]));
	const flags = flagsByPath();
	return leaves(schema, []).map(({path, description}) => ({
		path,
		meaning: description ?? '',
		default: valueAt(defaults, path),
		variable: byPath.get(path.join('.')),
		flag: flags.get(path.join('.')),
	}));
}

/** Every key with a value; `NAME` stands for a name that the operator chooses. */
function leaves(
	{description, properties, additionalProperties, anyOf = []}: Schema,
	path: Path,
): {path: Path; description: string | undefined}[] {
	const section = anyOf.find(one => one.properties !== undefined && description === undefined);
	const inner = Object.entries(properties ?? section?.properties ?? {});
	const named =
		typeof additionalProperties === 'object' && additionalProperties.properties !== undefined
			? leaves(additionalProperties, [...path, 'NAME'])
			: [];
	return inner.length > 0
		? inner.flatMap(([key, below]) => leaves(below, [...path, key]))
		: [{path, description}, ...named];
}

/** Passes each flag to the code that makes settings of it. */
function flagsByPath(): Map<string, string> {
	const layers = [
		...Object.entries(settingFlags).flatMap(([name, {type}]) =>
			flagLayers({[name]: type === 'boolean' ? true : 'value'}),
		),
		...dcsUrlLayers('--dcs-url', 'etcd3://HOST:2379/NAMESPACE'),
	];
	return new Map(layers.flatMap(layer => pathsIn(layer, layer.content, [])));
}

function pathsIn(layer: Layer, value: unknown, path: Path): [string, string][] {
	if (isMapping(value)) {
		return Object.entries(value).flatMap(([key, below]) => pathsIn(layer, below, [...path, key]));
	}

	const origin = layer.originOf(path);
	return value === null || !('name' in origin) ? [] : [[path.join('.'), origin.name]];
}

function valueAt(value: unknown, path: Path): unknown {
	return path.reduce<unknown>((below, key) => (isMapping(below) ? below[key] : undefined), value);
}
