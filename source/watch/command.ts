/** `pgha-top watch`: its flags, its signals and its exit code. */
import {constants} from 'node:os';
import packageJson from '../../package.json' with {type: 'json'};
import {type Done, exitCodes} from '../cli/command-line.ts';
import {definition, flags} from '../cli/commands/watch.ts';
import {helpText} from '../cli/help-text.ts';
import {parseFlags, shownArgument, UsageError} from '../cli/parse-flags.ts';
import {type Config, configOf} from '../config/config.ts';
import {ConfigError} from '../config/origin.ts';
import {readSettings, type Settings} from '../config/settings.ts';
import {targetOf} from '../config/target.ts';
import {keepAgeMessage, keepBytesOf, keepMsOf, keepSizeMessage} from '../config/watch-settings.ts';
import {catchFaults} from '../lib/faults.ts';
import {expandHome, findUnreadable} from '../lib/files.ts';
import {sanitize} from '../lib/sanitize.ts';
import {RecordingError} from '../recording/schema.ts';
import {groupModes, privateModes} from '../recording/watch-files.ts';
import {ownWatchFolder} from '../recording/watch-folders.ts';
import {initialState} from '../state/state.ts';
import {testMessage} from './message.ts';
import {channelsOf, Notifier} from './notifier.ts';
import {printerOf, writesToJournal} from './output.ts';
import {watchCluster} from './watch.ts';

const here = 'pgha-top watch --help';

/** Signals that end it. systemd stops a service with SIGTERM: that is its usual end. */
const endings = {
	SIGTERM: exitCodes.done,
	SIGINT: exitCodes.interrupted,
	SIGHUP: 128 + constants.signals.SIGHUP,
} as const;

/** @throws UsageError, ConfigError */
export async function watchCommand(args: readonly string[]): Promise<Done> {
	const {flags: typed, input} = parseFlags(flags, args, here);
	const {dir, keepSize, keepAge, testNotify, help, ...given} = typed;
	if (help) {
		return {text: helpText(definition), exitCode: exitCodes.done};
	}

	if (input.length > 0) {
		const [word = ''] = input;
		const isInterval = /^\d+$/.test(word);
		throw new UsageError(
			isInterval
				? `watch takes no interval; to print the state every ${word} s use pgha-top --watch ${word}`
				: `unexpected argument ${shownArgument(word)}; see ${here}`,
		);
	}

	const settings = readSettings(given, process.env);
	const config = withKept(configOf(settings), keepSize, keepAge);
	checkNotify(config, settings);
	if (testNotify) {
		return notifyOnce(config);
	}

	return run(config, settings, dir);
}

function withKept(config: Config, size: string | undefined, age: string | undefined): Config {
	const keepBytes = size === undefined ? config.watch.keepBytes : keepBytesOf(size);
	const keepMs = age === undefined ? config.watch.keepMs : keepMsOf(age);
	if (keepBytes === undefined) {
		throw new UsageError(`--keep-size ${keepSizeMessage}; see ${here}`);
	}

	if (keepMs === undefined) {
		throw new UsageError(`--keep-age ${keepAgeMessage}; see ${here}`);
	}

	return {...config, watch: {...config.watch, keepBytes, keepMs}};
}

/** Only here: another user's console need not be able to read these files. @throws ConfigError */
function checkNotify({notify: {webhook}}: Config, {layers}: Settings): void {
	const problems = [['token_file', webhook?.tokenFile] as const, ['cacert', webhook?.ca] as const].flatMap(
		([key, file]) => {
			const problem = file === undefined ? undefined : findUnreadable(file);
			return problem === undefined
				? []
				: [
						layers.complaint(
							['pgha-top', 'notify', 'webhook', key],
							`${file} cannot be read: ${problem.why}`,
						),
					];
		},
	);
	if (problems.length > 0) {
		throw new ConfigError(problems.join('\n'));
	}
}

async function run(config: Config, settings: Settings, dir: string | undefined): Promise<Done> {
	const {promise: fault, reject} = Promise.withResolvers<never>();
	fault.catch(() => undefined);
	catchFaults(reject);
	const ended = new AbortController();
	const hurry = new AbortController();
	let exitCode: number = exitCodes.done;
	for (const [name, code] of Object.entries(endings)) {
		process.on(name, () => {
			if (ended.signal.aborted) {
				hurry.abort();
				return;
			}

			exitCode = code;
			ended.abort(name);
		});
	}

	// A recorder does not end because its lines are not read.
	process.stdout.on('error', () => undefined);
	const isService = Boolean(process.env.STATE_DIRECTORY);
	const print = printerOf(
		line => {
			process.stdout.write(line);
		},
		writesToJournal(process.env),
		Date.now,
	);
	const chosen = dir ?? config.watch.dir;
	try {
		await Promise.race([
			watchCluster(config, {
				settings,
				program: packageJson.version,
				base: chosen === undefined ? ownWatchFolder() : expandHome(chosen),
				modes: isService ? groupModes : privateModes,
				print,
				signal: ended.signal,
				hurry: hurry.signal,
				environment: process.env,
			}),
			fault,
		]);
		return {text: '', exitCode};
	} catch (error) {
		if (error instanceof RecordingError) {
			return {text: '', exitCode: exitCodes.cannotCreate, complaint: error.message};
		}

		throw error;
	}
}

async function notifyOnce(config: Config): Promise<Done> {
	const channels = channelsOf(config.notify);
	if (channels.length === 0) {
		throw new UsageError('--test-notify needs notify.command or notify.webhook.url in the configuration');
	}

	const now = Date.now();
	const message = testMessage(initialState(targetOf(config), now), packageJson.version, now);
	const all = await new Notifier({channels, report: () => undefined}).send(message);
	const lines = all.map(({to, failed}) => `${to}: ${failed ?? 'delivered'}\n`);
	return {
		text: lines.map(line => `${sanitize(line.trimEnd())}\n`).join(''),
		exitCode: all.some(({failed}) => failed !== undefined) ? 1 : exitCodes.done,
	};
}
