/** `pgha-top init`: from one host to a configuration. Its flags, its dialog, the file, and doctor at the end. */
import {closeSync, mkdirSync, openSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {type Done, exitCodes} from '../cli/command-line.ts';
import {definition, flags} from '../cli/commands/init.ts';
import {helpText} from '../cli/help-text.ts';
import {parseFlags, shownArgument, UsageError} from '../cli/parse-flags.ts';
import {ConfigError} from '../config/origin.ts';
import {fileOfProfile, profileFolder, profileName, userFile} from '../config/own-files.ts';
import {readSettings} from '../config/settings.ts';
import {runDoctor} from '../doctor/command.ts';
import {errnoWords} from '../lib/faults.ts';
import {configFolder, expandHome, findUnreadable} from '../lib/files.ts';
import {sanitize} from '../lib/sanitize.ts';
import {withoutKnownSecrets} from '../lib/secrets.ts';
import {cell} from '../state/view/cells.ts';
import {printableTable} from '../ui/table-layout.ts';
import {type Dialog, type Given, loginAtVip, type Prepared, prepare} from './dialog.ts';
import {fileText} from './file-text.ts';
import {type Ask, Ended, terminalAsk} from './questions.ts';
import {NotUnderstood} from './understand.ts';
import {closeWays, openWays} from './ways.ts';

const here = 'pgha-top init --help';
const doctorTimeoutMs = 10_000;

/** @throws UsageError, ConfigError */
export async function initCommand(args: readonly string[]): Promise<Done> {
	const {flags: typed, input} = parseFlags(flags, args, here);
	if (typed.help) {
		return {text: helpText(definition), exitCode: exitCodes.done};
	}

	const [host, more] = input;
	if (more !== undefined) {
		throw new UsageError(`unexpected argument ${shownArgument(more)}; see ${here}`);
	}

	const given = givenBy(typed, host);
	const {profile} = typed;
	const file = fileOf(typed);
	const ask = terminalAsk(process.stdin, process.stdout);
	if (host === undefined && ask === undefined) {
		throw new UsageError(`HOST is missing: a host with a member of Patroni, to begin with; see ${here}`);
	}

	const taken = typed.print ? undefined : takenBy(file, profile);
	if (taken !== undefined) {
		return existing(taken);
	}

	const dialog: Dialog = {
		ask,
		show:
			typed.print && !process.stdout.isTTY
				? () => undefined
				: text => void process.stdout.write(withoutKnownSecrets(text)),
		say: line => void process.stderr.write(`pgha-top: ${withoutKnownSecrets(line)}\n`),
	};
	try {
		const prepared = await prepare(given, dialog, openWays, process.env, async rows => printableRows(rows));
		const text = fileText(prepared.known, prepared.answers, {
			command: `pgha-top init${profile === undefined ? '' : ` --profile ${profile}`} ${prepared.host}`,
			date: new Date().toISOString().slice(0, 10),
		});
		if (typed.print) {
			return {text, exitCode: exitCodes.done};
		}

		if (!(await isConfirmed(file, prepared, ask))) {
			return {text: 'nothing is written\n', exitCode: exitCodes.done};
		}

		return await writeAndExamine(file, text, {isOther: typed.output !== undefined, profile});
	} catch (error) {
		return doneWith(error);
	} finally {
		await closeWays();
	}
}

/**
 * Whether the file is to be written. The environment's password goes only where the operator says so: to a VIP that a
 * node's file names by the answer, and without a terminal not at all.
 */
async function isConfirmed(file: string, {known, answers}: Prepared, ask: Ask | undefined): Promise<boolean> {
	const login = loginAtVip(known, answers, process.env);
	if (ask === undefined) {
		if (login !== undefined && process.env.PGPASSWORD) {
			delete process.env.PGPASSWORD;
			process.stderr.write(
				`pgha-top: PGPASSWORD is not sent to ${login.host}, which a node names: pass --vip ${login.host}\n`,
			);
		}

		return true;
	}

	const where =
		login === undefined
			? ''
			: `, and log in to PostgreSQL at ${sanitize(login.host)} as ${sanitize(login.user)}`;
	const answer = await ask.question(
		`Write ${file}, ask every source${where}? (Enter: yes, n: write nothing) `,
		text => (/^(?:y|yes|n|no)?$/i.test(text) ? undefined : 'must be y or n'),
	);
	return !/^n/i.test(answer);
}

function givenBy(typed: {[key in keyof typeof flags]?: unknown}, host: string | undefined): Given {
	const text = (key: keyof typeof flags) => typed[key] as string | undefined;
	/** The configuration is read from any folder. */
	const fullPath = (key: keyof typeof flags) => {
		const file = text(key);
		return file === undefined ? undefined : path.resolve(expandHome(file));
	};
	const sshConfig = fullPath('sshConfig');
	for (const [flag, file] of [
		['--ssh-config', sshConfig],
		['--etcd-ca', fullPath('etcdCa')],
		['--rest-ca', fullPath('restCa')],
	] as const) {
		const problem = file === undefined ? undefined : findUnreadable(file);
		if (problem !== undefined) {
			throw new UsageError(`${flag}: ${file} cannot be read: ${problem.why}`);
		}
	}

	return {
		host,
		...{sshConfig, vip: text('vip'), probeUser: text('probeUser')},
		balancers: text('balancers')
			?.split(',')
			.map(one => one.trim())
			.filter(Boolean),
		...{etcdCa: fullPath('etcdCa'), restCa: fullPath('restCa')},
		isProfile: text('profile') !== undefined,
	};
}

async function printableRows(rows: readonly (readonly [string, string, string])[]): Promise<string> {
	return printableTable({
		columns: [
			{title: 'Setting', align: 'left', rank: 0},
			{title: 'Value', align: 'left', rank: 0},
			{title: 'Why', align: 'left', rank: 0},
		],
		rows: rows.map(([setting, value, from]) => ({
			id: setting,
			cells: [cell(setting, 'strong'), cell(value), cell(from, 'dim')],
		})),
	});
}

/** @throws UsageError for a profile that cannot be a file of its own */
function fileOf({output, profile}: {output?: string | undefined; profile?: string | undefined}): string {
	if (profile === undefined) {
		return expandHome(output ?? path.join(configFolder(), 'pgha-top', 'config.yaml'));
	}

	if (output !== undefined) {
		throw new UsageError(`--output cannot be used with --profile, which has its file; see ${here}`);
	}

	if (!profileName.test(profile)) {
		throw new UsageError(`--profile must be a name of letters, digits and . _ + @ -; see ${here}`);
	}

	return path.join(profileFolder(userFile(process.env)), `${profile}.yaml`);
}

/** The file that exists already, or that has the profile; undefined if the name is free. */
function takenBy(file: string, profile: string | undefined): string | undefined {
	return findUnreadable(file)?.isMissing === true
		? profile === undefined
			? undefined
			: fileOfProfile(profile, process.env)
		: file;
}

function existing(file: string): Done {
	return {
		text: '',
		exitCode: exitCodes.cannotCreate,
		complaint: `${file} exists: nothing is written over it; --print prints a configuration, --output FILE writes another file, --profile NAME a profile`,
	};
}

async function writeAndExamine(
	file: string,
	text: string,
	{isOther, profile}: {isOther: boolean; profile: string | undefined},
): Promise<Done> {
	try {
		create(file, text);
	} catch (error) {
		return error instanceof Error && 'code' in error && error.code === 'EEXIST'
			? existing(file)
			: {
					text: '',
					exitCode: exitCodes.cannotCreate,
					complaint: `${file} cannot be written: ${errnoWords(error)}`,
				};
	}

	const quoted = /^[\w@%+=:,./-]+$/.test(file) ? file : `'${file.replaceAll("'", `'\\''`)}'`;
	const start =
		profile !== undefined
			? `pgha-top -p ${profile}`
			: isOther || process.env.PGHA_TOP_CONFIG_FILE
				? `PGHA_TOP_CONFIG_FILE=${quoted} pgha-top`
				: 'pgha-top';
	process.stdout.write(`\nwrote ${file}; doctor asks every source now\n\n`);
	const settings =
		profile === undefined
			? readSettings({}, {...process.env, PGHA_TOP_CONFIG_FILE: file})
			: readSettings({profile}, process.env);
	const done = await runDoctor(settings, {json: false, timeoutMs: doctorTimeoutMs});
	return {...done, text: `${done.text}\nstart the console: ${start}\n`};
}

/** Leaves no half of a file behind. */
function create(file: string, text: string): void {
	mkdirSync(path.dirname(file), {recursive: true, mode: 0o700});
	// Fails if the file exists, also as a link.
	const descriptor = openSync(file, 'wx', 0o600);
	try {
		writeFileSync(descriptor, text);
	} catch (error) {
		rmSync(file);
		throw error;
	} finally {
		closeSync(descriptor);
	}
}

function doneWith(error: unknown): Done {
	if (error instanceof Ended) {
		return {text: '\n', exitCode: exitCodes.interrupted};
	}

	if (error instanceof NotUnderstood) {
		return {text: '', exitCode: exitCodes.unavailable, complaint: error.message};
	}

	if (error instanceof ConfigError) {
		return {text: '', exitCode: exitCodes.usage, complaint: error.message};
	}

	throw error;
}
