/** Reads patroni.yml and vip-manager.yml of a node. Passwords are not kept. */
import {isIP} from 'node:net';
import {isMapping, type Layer, type Mapping, type Path} from '../config/layers.ts';
import {ConfigError, hostList} from '../config/origin.ts';
import {yamlText} from '../config/yaml-file.ts';
import {YamlScalar} from '../config/yaml-scalar.ts';
import {storeKinds} from '../domain/target.ts';
import {
	type Located,
	linesMax,
	type NodeFile,
	type PatroniFacts,
	type Place,
	type VipManagerFacts,
} from './types.ts';

/** Characters of a value. */
const textMaxLength = 1024;

/** A file that is not valid, with the place of the error; its text may hold a password and is not in it. */
export type Invalid = {problem: string};

/** @returns what is wrong, if it is not valid YAML */
export function readPatroni({path: file, text}: NodeFile): PatroniFacts | Invalid {
	const layer = layerOf(file, text);
	if ('problem' in layer) {
		return layer;
	}

	const {content} = layer;
	const placeOf = (path: Path): Place => placeIn(layer, file, path);
	const text_ = (...path: string[]): Located<{text: string}> | undefined => {
		const value = textAt(content, path);
		return value === undefined ? undefined : {text: value, ...placeOf(path)};
	};
	const folder = (...path: string[]): Located<{path: string}> | undefined => {
		const value = text_(...path);
		return value && {path: value.text, file: value.file, line: value.line};
	};
	const rest = text_('restapi', 'connect_address');
	const restUser = [
		['restapi', 'authentication'],
		['restapi', 'auth'],
	].find(path => valueAt(content, path) !== undefined);
	const postgresql = text_('postgresql', 'connect_address');
	return withoutUndefined({
		file,
		scope: text_('scope'),
		namespace: text_('namespace'),
		name: text_('name'),
		store: storeIn(content, placeOf),
		rest: rest && {
			address: rest.text,
			isTls: textAt(content, ['restapi', 'certfile']) !== undefined,
			file,
			line: rest.line,
		},
		restUser: restUser && placeOf(restUser),
		restCa: folder('restapi', 'cafile') ?? folder('ctl', 'cacert'),
		postgresql: postgresql && {address: postgresql.text, file, line: postgresql.line},
		dataDir: folder('postgresql', 'data_dir'),
		logDirectory: folder('postgresql', 'parameters', 'log_directory'),
		logDir: folder('log', 'dir'),
	});
}

function storeIn(content: Mapping, placeOf: (path: Path) => Place): PatroniFacts['store'] {
	const kind = storeKinds.find(one => isMapping(content[one]) && Object.keys(content[one]).length > 0);
	if (kind === undefined) {
		return undefined;
	}

	const at = (key: string) => textAt(content, [kind, key]);
	const key = ['proxy', 'url', 'hosts', 'host'].find(one => valueAt(content, [kind, one]) !== undefined);
	const given = key === undefined ? undefined : valueAt(content, [kind, key]);
	const list = Array.isArray(given) ? given.map(textOf) : [textOf(given)];
	const port = at('port');
	const isList = key === 'hosts';
	const hosts = hostList(list.flatMap(one => (isList ? one?.split(',') : [one ?? '']) ?? [])).flatMap(
		host => {
			const plain = host
				.replace(/^[a-z]+:\/\//, '')
				.replace(/^.*@/, '')
				.replace(/\/.*$/, '');
			// A password that is part of a URL may have any character.
			if (!/^(?:(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?|(?=.*:.*:)[0-9a-f:.]+)$/i.test(plain))
				return [];
			return [port !== undefined && !/:\d+$/.test(plain) ? `${plain}:${port}` : plain];
		},
	);
	const isHttps = at('protocol') === 'https' || list.some(one => one?.startsWith('https://'));
	return withoutUndefined({
		kind,
		hosts,
		protocol: isHttps ? ('https' as const) : ('http' as const),
		cacert: at('cacert'),
		cert: at('cert'),
		key: at('key'),
		hasUser: at('username') !== undefined || list.some(one => one?.includes('@')),
		...placeOf(key === undefined ? [kind] : [kind, key]),
	});
}

/** Keys of vip-manager 1 and later, then of its first versions; and the variables of its first service file. */
const vipKeys = ['ip', 'vip', 'VIP_IP'];

export function readVipManager({path: file, text}: NodeFile): VipManagerFacts | Invalid {
	const variable = text.split('\n', linesMax).flatMap((line, index) => {
		const [, address = ''] = /^\s*(?:export\s+)?VIP_IP\s*=\s*["']?([^"'\s#]+)/.exec(line) ?? [];
		return isIP(address) === 0 ? [] : [{address, file, line: index + 1}];
	});
	if (variable.length > 0) {
		return {vips: variable};
	}

	const layer = layerOf(file, text);
	if ('problem' in layer) {
		return layer;
	}

	return {
		vips: vipKeys.slice(0, 2).flatMap(key => {
			const [address = ''] = textAt(layer.content, [key])?.split('/', 1) ?? [];
			return isIP(address) === 0 ? [] : [{address, ...placeIn(layer, file, [key])}];
		}),
	};
}

function layerOf(file: string, text: string): Layer | Invalid {
	try {
		return yamlText(file, text);
	} catch (error) {
		if (error instanceof ConfigError) {
			// The words after the place may quote the file.
			const [, line] = /, line (\d+):/.exec(error.message) ?? [];
			return {problem: line === undefined ? 'not valid YAML' : `not valid YAML, line ${line}`};
		}

		throw error;
	}
}

function placeIn(layer: Layer, file: string, path: Path): Place {
	const origin = layer.originOf(path);
	return {file, line: ('line' in origin ? origin.line : undefined) ?? 1};
}

function valueAt(content: Mapping, path: Path): unknown {
	const value = path.reduce<unknown>(
		(below, key) => (isMapping(below) && Object.hasOwn(below, key) ? below[key] : undefined),
		content,
	);
	return value === null || value === '' ? undefined : value;
}

function textAt(content: Mapping, path: Path): string | undefined {
	return textOf(valueAt(content, path));
}

function textOf(value: unknown): string | undefined {
	const text = value instanceof YamlScalar ? (value.value === null ? undefined : value.source) : value;
	return typeof text === 'string' && text !== '' && text.length <= textMaxLength ? text : undefined;
}

function withoutUndefined<T extends object>(value: T): {[K in keyof T]: Exclude<T[K], undefined>} {
	return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
		[K in keyof T]: Exclude<T[K], undefined>;
	};
}
