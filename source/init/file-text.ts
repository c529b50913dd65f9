/** The configuration that `init` writes: YAML with the place of each value in a comment; no secret. Pure. */
import {isDeepStrictEqual} from 'node:util';
import {stringify} from 'yaml';
import {vipsIn} from '../config/vips.ts';
import {foundText} from '../discovery/discover.ts';
import {placeText} from '../discovery/read-node.ts';
import type {FoundValue} from '../discovery/types.ts';
import type {Vip} from '../domain/target.ts';
import {sanitize} from '../lib/sanitize.ts';
import type {Known, KnownNode, Understanding} from './types.ts';

/** What the operator answered, or gave by flags. */
export type Answers = {
	/** Undefined: what was found, or none. */
	vip?: string | undefined;
	ssh: {user?: string | undefined; port?: number | undefined; configFile?: string | undefined};
	/** The probe's login, and where it comes from. */
	probe?: Known<{user: string; database: string | undefined}> | undefined;
	/** Undefined: patronictl's configuration on this machine is of this cluster, and has what the file would repeat. */
	patronictl?: readonly string[] | undefined;
	/** The file with patronictl's configuration for the user of the REST API, which `init` does not write. */
	secretsFile: string;
};

/** A setting with its value and a comment. */
export type Line = {key: string; value: unknown; from: string};

/** What was understood, in the order of the file; `section`: below which key it is written. */
export function linesOf(known: Understanding, answers: Answers): {section: string; lines: Line[]}[] {
	return [
		{section: 'patroni', lines: answers.patronictl === undefined ? patroniLines(known) : []},
		{section: '', lines: ownLines(known, answers)},
		{section: 'nodes', lines: known.nodes.filter(isWritable).map(nodeLine)},
		{section: 'haproxy', lines: known.hasHaproxy ? haproxyLines(known.values) : []},
		{section: 'units', lines: valueLines(known.values, 'units')},
		{section: 'probe', lines: probeLines(known, answers)},
	].filter(({lines}) => lines.length > 0);
}

export function fileText(
	known: Understanding,
	answers: Answers,
	{command, date}: {command: string; date: string},
): string {
	const text = [
		comment(
			`The cluster ${known.scope.value}, as "${command}" found it on ${date}. Each value has its place beside it.`,
		),
		comment('What is in effect: pgha-top --print-config. All settings: docs/configuration.md.'),
		...(answers.patronictl ?? []).map(file => comment(`The settings of patronictl are in ${file}.`)),
		'',
		...linesOf(known, answers).flatMap(({section, lines}) => [
			...commentsOf(section).map(comment),
			...(section === '' ? [] : [`${section}:`]),
			...lines.map(line => `${section === '' ? '' : '  '}${settingText(line)}`),
			...(section === 'patroni' ? secretComments(known, answers) : []),
			'',
		]),
		...(answers.patronictl === undefined ? [] : secretComments(known, answers)),
		...known.nodes
			.filter(node => !isWritable(node))
			.map(({name, host}) =>
				comment(`NOTE: ${name.slice(0, nameMaxLength)} (${host}) is left out: its name cannot be a key`),
			),
		...known.remarks.map(remark => comment(`NOTE: ${remark}`)),
	];
	return `${text.join('\n').trimEnd()}\n`;
}

function commentsOf(section: string): string[] {
	return section === 'patroni'
		? ['What patronictl reads from its own file. -c FILE and PATRONICTL_CONFIG_FILE replace it.']
		: [];
}

/** Passwords stay where they are. */
function secretComments({restUser, etcd}: Understanding, {secretsFile}: Answers): string[] {
	return [
		...(restUser === undefined
			? []
			: [
					`Operations need the user of Patroni's REST API, restapi.authentication in ${restUser}.`,
					`No password is copied: write ${secretsFile} (mode 0600) with`,
					'  ctl: {authentication: {username: …, password: …}}',
					'or set PATRONI_CTL_USERNAME and PATRONI_CTL_PASSWORD.',
				]),
		...(etcd?.value.hasUser
			? [
					`etcd needs a user, beside ${etcd.from}. No password is copied: write it into ${secretsFile}:`,
					'  etcd3: {username: …, password: …}',
				]
			: []),
	].map(comment);
}

function patroniLines({scope, namespace, etcd, restCa}: Understanding): Line[] {
	return [
		line('scope', scope),
		...(namespace === undefined ? [] : [line('namespace', namespace)]),
		...(etcd === undefined
			? []
			: [
					{
						key: 'etcd3',
						value: {
							hosts: etcd.value.hosts,
							...(etcd.value.isHttps ? {protocol: 'https'} : {}),
							...(etcd.value.cacert === undefined ? {} : {cacert: etcd.value.cacert}),
							...(etcd.value.cert === undefined ? {} : {cert: etcd.value.cert}),
							...(etcd.value.key === undefined ? {} : {key: etcd.value.key}),
						},
						from: etcd.from,
					},
				]),
		...(restCa === undefined ? [] : [{key: 'ctl', value: {cacert: restCa.value}, from: restCa.from}]),
	];
}

function ownLines({rest, values, hasHaproxy}: Understanding, {vip, ssh}: Answers): Line[] {
	const given = Object.fromEntries(
		Object.entries({user: ssh.user, port: ssh.port, config_file: ssh.configFile}).filter(
			([, value]) => value !== undefined,
		),
	);
	return [
		...(rest === undefined ? [] : [{key: 'rest', value: rest.value, from: `by REST alone: ${rest.from}`}]),
		...(Object.keys(given).length === 0
			? [{key: 'ssh', value: true, from: 'with the login of your ssh configuration'}]
			: [{key: 'ssh', value: given, from: 'named by you'}]),
		...(vip === undefined ? valueLines(values, 'vip') : [{key: 'vip', value: vip, from: 'named by you'}]),
		...valueLines(values, 'data_dir'),
		...(hasHaproxy ? [] : [{key: 'haproxy', value: false, from: 'no HAProxy on any of the nodes'}]),
	];
}

/** Of a member's name, characters; a key of YAML has at most 1024. */
const nameMaxLength = 200;

/** `<<` merges another mapping in YAML 1.1. */
function isWritable({name}: KnownNode): boolean {
	return name.length <= nameMaxLength && name !== '<<';
}

function nodeLine({name, host, roles, units, from, problem}: KnownNode): Line {
	return {
		key: name,
		value: {host, roles, ...(Object.keys(units).length === 0 ? {} : {units})},
		from: problem === undefined ? from : `${from}; NOT reached by SSH: ${problem}`,
	};
}

function haproxyLines(values: readonly FoundValue[]): Line[] {
	const own = values.filter(({path}) => path[1] === 'haproxy');
	const [first] = own.map(({path}) => path[2] ?? '');
	if (first === undefined) {
		return [];
	}

	return [...new Set(own.map(({path}) => path[2] ?? ''))].map(key => {
		const all = own.filter(({path}) => path[2] === key);
		const nested = all.every(({path}) => path.length > 3);
		return {
			key,
			value: nested ? Object.fromEntries(all.map(({path, value}) => [path[3], value])) : all[0]?.value,
			from: [...new Set(all.map(fromOf))].slice(0, 4).join(', '),
		};
	});
}

function probeLines({values}: Understanding, {probe, vip}: Answers): Line[] {
	const hasVip = vip !== undefined || values.some(({path}) => path[1] === 'vip');
	return probe === undefined || !hasVip
		? []
		: [
				{key: 'user', value: probe.value.user, from: probe.from},
				...(probe.value.database === undefined
					? []
					: [{key: 'database', value: probe.value.database, from: probe.from}]),
				// PgBouncer was found beside the VIP that was found.
				...(vip === undefined ? valueLines(values, 'probe') : []),
			];
}

/** The found values of a section, or of a setting without one. */
function valueLines(values: readonly FoundValue[], section: string): Line[] {
	return values
		.filter(({path}) => path[1] === section)
		.map(value => ({
			key: value.path.at(-1) ?? '',
			value: simple(value.value),
			from: `${fromOf(value)}: ${value.why}`,
		}));
}

/** One VIP with the default manager is its address. */
function simple(value: unknown): unknown {
	const [first, ...more] = Array.isArray(value) ? (value as Vip[]) : [];
	return first === undefined || more.length > 0
		? value
		: isDeepStrictEqual(vipsIn(first.address)[0], first)
			? first.address
			: first;
}

function fromOf({node, file, line: at}: FoundValue): string {
	return at === 0 ? `${node}: ${file}` : placeText(node, {file, line: at});
}

function line(key: string, {value, from}: Known<unknown>): Line {
	return {key, value, from};
}

/** `key: value  # from`, on one line. */
function settingText({key, value, from}: Line): string {
	const pair = stringify(
		{[key]: value},
		{version: '1.1', lineWidth: 0, collectionStyle: 'flow', flowCollectionPadding: false},
	)
		.trim()
		.replace(/^\{(.*)\}$/s, '$1');
	return `${pair}  ${comment(from)}`;
}

function comment(text: string): string {
	return `# ${sanitize(text)}`;
}

/** What was understood, for the screen: setting, value, place. */
export function understoodRows(known: Understanding, answers: Answers): readonly [string, string, string][] {
	return linesOf(known, answers).flatMap(({section, lines}) =>
		lines.map(({key, value, from}): [string, string, string] => [
			section === '' ? key : `${section}.${key}`,
			foundText(value),
			sanitize(from),
		]),
	);
}
