/** The dialog of `init`: what is understood, what is asked, and the answers. */
import {isIP} from 'node:net';
import type {Environment} from '../config/environment.ts';
import {Layers} from '../config/layers.ts';
import {filedLogins} from '../config/login.ts';
import {ConfigError} from '../config/origin.ts';
import {patronictlFiles} from '../config/patronictl-files.ts';
import {asWritten} from '../config/setting-kinds.ts';
import {yamlFile} from '../config/yaml-file.ts';
import {configFolder} from '../lib/files.ts';
import {type Answers, understoodRows} from './file-text.ts';
import type {Ask} from './questions.ts';
import type {Hints} from './store-access.ts';
import type {Understanding, Ways} from './types.ts';
import {understand} from './understand.ts';

/** Arguments and flags. */
export type Given = {
	/** `[USER@]HOST` */
	host: string | undefined;
	sshConfig: string | undefined;
	vip: string | undefined;
	probeUser: string | undefined;
	balancers: readonly string[] | undefined;
	etcdCa: string | undefined;
	restCa: string | undefined;
	/** The file is a profile, which names its cluster, whatever patronictl's file has. */
	isProfile: boolean;
};

export type Dialog = {
	/** Undefined without a terminal. */
	ask: Ask | undefined;
	/** Prints to standard output. */
	show: (text: string) => void;
	/** Prints progress to standard error. */
	say: (line: string) => void;
};

export type SshChoice = {user: string | undefined; configFile: string | undefined; isAsked: boolean};

export type Prepared = {host: string; known: Understanding; answers: Answers};

const hostShape = /^(?:([A-Za-z_][\w.-]{0,63})@)?((?!-)[\w.:-]{1,253})$/;

/** @throws UsageError-like ConfigError for a wrong argument, NotUnderstood, Ended */
export async function prepare(
	given: Given,
	dialog: Dialog,
	open: (ssh: SshChoice, say: (line: string) => void) => Ways,
	environment: Environment,
	table: (rows: readonly (readonly [string, string, string])[]) => Promise<string>,
): Promise<Prepared> {
	const {ask, show, say} = dialog;
	const typed =
		given.host ??
		(await ask?.question('Host with a member of Patroni, [USER@]HOST: ', text =>
			hostShape.test(text) ? undefined : 'must be HOST or USER@HOST',
		)) ??
		'';
	checkGiven(typed, given);
	const [, user, host = ''] = hostShape.exec(typed) ?? [];
	const ways = memorized(open({user, configFile: given.sshConfig, isAsked: ask !== undefined}, say));
	const hints: Hints = {balancers: given.balancers ?? [], etcdCa: given.etcdCa, restCa: given.restCa};
	const first = await understand(host, ways, hints);
	const balancers = given.balancers === undefined ? await askBalancers(first, ask) : [];
	const known = balancers.length === 0 ? first : await understand(host, ways, {...hints, balancers});
	const fixed = {
		ssh: {user, configFile: given.sshConfig},
		...(given.isProfile ? {remarks: []} : patronictlOf(known.scope.value, environment)),
		secretsFile: given.isProfile
			? 'the section patroni of this file'
			: `${configFolder(environment)}/patroni/patronictl.yaml`,
	};
	show(`\n${await table(understoodRows(known, {...fixed, vip: given.vip}))}\n`);
	for (const remark of known.remarks) {
		show(`  note: ${remark}\n`);
	}

	const vip = given.vip ?? (await askVip(known, ask));
	const probe = await probeLogin(known, {vip, given: given.probeUser, ask, environment});
	if (probe !== undefined) {
		show(`  probe: user ${probe.value.user}, ${probe.from}\n`);
	}

	return {
		host,
		known: {...known, remarks: [...known.remarks, ...missingRemarks(known, vip), ...fixed.remarks]},
		answers: {...fixed, vip, probe},
	};
}

function checkGiven(host: string, {vip, balancers = []}: Given): void {
	if (!hostShape.test(host)) {
		throw new ConfigError('HOST must be a host name, an address, or USER@HOST');
	}

	if (vip !== undefined && isIP(vip) === 0) {
		throw new ConfigError('--vip must be an IPv4 or IPv6 address');
	}

	if (balancers.some(one => !hostShape.test(one) || one.includes('@'))) {
		throw new ConfigError('--balancers must be host names, separated by commas');
	}
}

function hasVip({values}: Understanding): boolean {
	return values.some(({path}) => path[1] === 'vip');
}

/** Where nothing on the nodes balances, other machines may. */
async function askBalancers(known: Understanding, ask: Ask | undefined): Promise<string[]> {
	if (ask === undefined || known.hasHaproxy || hasVip(known)) {
		return [];
	}

	const answer = await ask.question(
		'No HAProxy and no VIP on these nodes. Hosts of HAProxy, separated by commas (Enter: none): ',
		text =>
			text === '' || text.split(',').every(one => hostShape.test(one.trim()) && !one.includes('@'))
				? undefined
				: 'must be host names, separated by commas',
	);
	return answer
		.split(',')
		.map(one => one.trim())
		.filter(Boolean);
}

async function askVip(known: Understanding, ask: Ask | undefined): Promise<string | undefined> {
	if (ask === undefined || hasVip(known)) {
		return undefined;
	}

	const answer = await ask.question(
		'No file names a virtual address. The address where clients connect (Enter: none): ',
		text => (text === '' || isIP(text) !== 0 ? undefined : 'must be an IPv4 or IPv6 address'),
	);
	return answer === '' ? undefined : answer;
}

/** The user of ~/.pgpass for the VIP, else the answer; undefined where the environment already names one. */
async function probeLogin(
	known: Understanding,
	{
		vip,
		given,
		ask,
		environment,
	}: {vip: string | undefined; given: string | undefined; ask: Ask | undefined; environment: Environment},
): Promise<Answers['probe']> {
	const found = known.values.find(({path}) => path[1] === 'vip')?.value as
		| readonly {address: string}[]
		| undefined;
	const host = vip ?? found?.[0]?.address;
	if (given !== undefined) {
		return given === 'none' ? undefined : {value: {user: given, database: undefined}, from: 'named by you'};
	}

	if (host === undefined || environment.PGUSER || environment.PGSERVICE) {
		return undefined;
	}

	const filed = filedLogins(environment).find(one => one.host === host);
	if (filed !== undefined) {
		return {value: {user: filed.user, database: filed.database}, from: `${filed.file}:${filed.line}`};
	}

	const answer = await ask?.question(
		`PostgreSQL user of the probe, which measures what clients of ${host} notice (Enter: no probe): `,
		text => (/[\s\p{Cc}]/u.test(text) ? 'must be the name of a user' : undefined),
	);
	return answer === undefined || answer === ''
		? undefined
		: {value: {user: answer, database: undefined}, from: 'named by you; its password: ~/.pgpass'};
}

/** Where doctor logs in by the answers; undefined without a probe, and at a VIP that the operator named. */
export function loginAtVip(
	{values}: Understanding,
	{vip, probe}: Pick<Answers, 'vip' | 'probe'>,
	environment: Environment,
): {host: string; user: string} | undefined {
	const [found] = (values.find(({path}) => path[1] === 'vip')?.value ?? []) as {address: string}[];
	const user = probe?.value.user ?? environment.PGUSER;
	return vip !== undefined || found === undefined || user === undefined || environment.PGHOST
		? undefined
		: {host: found.address, user};
}

function missingRemarks(known: Understanding, vip: string | undefined): string[] {
	return vip === undefined && !hasVip(known) ? ['no virtual address is known: set vip, or pass --vip'] : [];
}

/** Patronictl's configuration on this machine, if it is of this cluster. */
function patronictlOf(
	scope: string,
	environment: Environment,
): {patronictl?: readonly string[]; remarks: string[]} {
	try {
		const {files} = patronictlFiles(undefined, environment, {etc: '/etc'});
		const its = asWritten(new Layers(files.map(file => yamlFile(file))).content.scope);
		if (its === scope) {
			return {patronictl: files, remarks: []};
		}

		const named = environment.PATRONICTL_CONFIG_FILE;
		return {
			remarks: named
				? [
						`PATRONICTL_CONFIG_FILE names ${named}, which is not of this cluster: unset it for this configuration`,
					]
				: [],
		};
	} catch (error) {
		if (error instanceof ConfigError) {
			return {remarks: []};
		}

		throw error;
	}
}

/** Each host is read once, also where the cluster is looked at again. */
function memorized(ways: Ways): Ways {
	const known = new Map<string, ReturnType<Ways['read']>>();
	return {
		...ways,
		async read(host) {
			const reading = known.get(host) ?? ways.read(host);
			known.set(host, reading);
			return reading;
		},
	};
}
