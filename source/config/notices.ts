/** What Patroni reads in another way than it is written, or cannot use: the place, the problem and the fix. */
import {isMapping, type Path} from './layers.ts';
import {hostList} from './origin.ts';
import {settingsSchema} from './schema.ts';
import type {Settings} from './settings.ts';
import {YamlScalar} from './yaml-scalar.ts';

/** Text to Patroni, which fails or is refused where YAML makes a number, a date or a word of it. */
const textSettings: readonly Path[] = [
	['scope'],
	['namespace'],
	['name'],
	['etcd3', 'username'],
	['etcd3', 'password'],
	['ctl', 'keyfile_password'],
	['ctl', 'auth'],
	['restapi', 'auth'],
	['restapi', 'listen'],
	['restapi', 'connect_address'],
	['postgresql', 'connect_address'],
];

/** Formatted by Patroni: anything is text then. */
const formattedSettings: readonly Path[] = ['ctl', 'restapi'].flatMap(section =>
	['username', 'password'].map(key => [section, 'authentication', key]),
);

/** Notices that are listed; a file with more has one problem many times. */
const noticesMax = 20;

export function notices(settings: Settings): string[] {
	const {layers, content} = settings;
	const scalarAt = (path: Path) => {
		const value = valueAt(layers.content, path);
		return value instanceof YamlScalar ? value : undefined;
	};
	const all = [
		...layers.layers.flatMap(({ignored = []}) => ignored),
		...textSettings.flatMap(path => {
			const scalar = scalarAt(path);
			return scalar === undefined
				? []
				: [
						layers.complaint(
							path,
							`Patroni reads ${scalar.kind} here, not text, and fails: put the value in quotes`,
						),
					];
		}),
		...formattedSettings.flatMap(path => {
			const scalar = scalarAt(path);
			return scalar === undefined || scalar.text === scalar.source
				? []
				: [
						layers.complaint(
							path,
							`Patroni reads ${scalar.kind} here, which pgha-top does, too: put the value in quotes`,
						),
					];
		}),
		...(['ctl', 'restapi'] as const).flatMap(section => {
			const {authentication} = content[section];
			const missing = (['username', 'password'] as const).find(key => authentication?.[key] === undefined);
			return authentication === undefined || missing === undefined
				? []
				: [
						layers.complaint(
							[section, 'authentication'],
							`there is no ${missing}, without which Patroni fails: no user is sent`,
						),
					];
		}),
		...hostsNotice(settings),
		...insecureNotice(settings),
		...citusNotice(settings),
		...repeatedNotices(settings),
	];
	return all.length > noticesMax
		? [...all.slice(0, noticesMax), `${all.length - noticesMax} more of these`]
		: all;
}

function hostsNotice({layers, content: {etcd3}}: Settings): string[] {
	return hostList(etcd3?.hosts ?? '').some(host => host.includes('://'))
		? [
				layers.complaint(
					['etcd3', 'hosts'],
					'Patroni reads no URLs here, and fails: write HOST:PORT, and etcd3.protocol',
				),
			]
		: [];
}

function insecureNotice({layers, content: {ctl}}: Settings): string[] {
	const origin = layers.given(['ctl', 'insecure']);
	const isText = typeof valueAt(layers.content, ['ctl', 'insecure']) === 'string';
	return isText && origin !== undefined && 'file' in origin && !ctl.insecure
		? [layers.complaint(['ctl', 'insecure'], 'Patroni takes any text in quotes for true: remove the quotes')]
		: [];
}

/** As in Patroni, a group counts only as a number, and with a database; the flag counts alone, as patronictl's does. */
export function citusGroup({layers, content: {citus}}: Settings): number | undefined {
	const origin = layers.given(['citus', 'group']);
	const raw = valueAt(layers.content, ['citus', 'group']);
	const isFlag = origin !== undefined && 'name' in origin && origin.name.startsWith('--');
	const isNumber = raw instanceof YamlScalar || (origin !== undefined && 'name' in origin);
	return isFlag || (isNumber && typeof citus?.database === 'string') ? citus?.group : undefined;
}

function citusNotice(settings: Settings): string[] {
	const {citus} = settings.content;
	if (citus?.group === undefined || citusGroup(settings) !== undefined) {
		return [];
	}

	const problem =
		typeof citus.database === 'string'
			? 'Patroni ignores a group in quotes: remove the quotes'
			: 'ignored, as in Patroni, without the name of a database in citus.database';
	return [settings.layers.complaint(['citus', 'group'], problem)];
}

/** Only where pgha-top reads: of a section that occurs twice only the last one counts. */
function repeatedNotices({layers}: Settings): string[] {
	return layers.layers.flatMap(({repeated = [], originOf}) =>
		repeated
			.filter(({path: [section = '', ...rest]}) => rest.length < 3 && section in settingsSchema.shape)
			.map(({path, first, last}) => {
				const origin = originOf(path);
				const file = 'file' in origin ? origin.file : origin.name;
				return `${file}, line ${last}: ${path.join('.')} stands twice, also in line ${first}: the last one counts`;
			}),
	);
}

function valueAt(value: unknown, path: Path): unknown {
	return path.reduce<unknown>((below, key) => (isMapping(below) ? below[key] : undefined), value);
}
