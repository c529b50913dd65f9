/** What must be known of a node before its logs are read: its clock, and how its Patroni writes its log. */
import {SshError} from '../../connections/ssh/prompts.ts';
import type {Ssh} from '../../connections/ssh/ssh.ts';
import type {NodeLogs} from '../../domain/logs/logs.ts';
import {sanitize} from '../../lib/sanitize.ts';
import {sessionClock} from '../../lib/steady-clock.ts';
import {clockCommand, isArgument} from './command.ts';
import type {LogFile} from './file-stream.ts';
import {type PatroniFile, parsePatroniFile, patroniFileCommand} from './patroni-file.ts';

/** `offset`: lead of the node's clock, ms, within half of `took`; `zone`: of its local time, minutes. */
export type AskedClock = {offset: number; took: number; zone: number; user: string};

/**
 * The lead of the node's clock over the session's time (ms), its zone, and the login's user. The fastest of three
 * answers is the most exact.
 */
export async function askClock(ssh: Pick<Ssh, 'run'>, host: string): Promise<AskedClock> {
	const answers: AskedClock[] = [];
	for (let round = 0; round < 3; round++) {
		const began = sessionClock.now();
		const text = await ssh.run(host, clockCommand);
		const ended = sessionClock.now();
		const match = /^(\d+)(?:\.(\d{1,9})\d*)? ([+-])(\d\d)(\d\d)\n(\S+)/.exec(text);
		if (!match) {
			throw new SshError('unexpected output of "date"');
		}

		const [, seconds, fraction = '', sign, hours, minutes, user = ''] = match;
		const theirs = Number(seconds) * 1000 + Number(`0.${fraction || '0'}`) * 1000;
		answers.push({
			offset: theirs - (began + ended) / 2,
			took: ended - began,
			zone: (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)),
			user: sanitize(user),
		});
	}

	const [quickest] = answers.sort((a, b) => a.took - b.took);
	if (quickest === undefined) {
		return {offset: 0, took: 0, zone: 0, user: ''};
	}

	// The node read its clock between request and answer: an offset below half of that time counts as none.
	const {offset, took, zone, user} = quickest;
	return {offset: Math.abs(offset) <= took / 2 ? 0 : offset, took, zone, user};
}

/** The log settings of the node's patroni.yml; undefined where Patroni does not run, or the node cannot be asked. */
export async function readPatroniFile(
	ssh: Pick<Ssh, 'run'>,
	plan: NodeLogs,
): Promise<PatroniFile | undefined> {
	const patroni = plan.units.find(({name}) => name === 'patroni');
	if (patroni === undefined) {
		return undefined;
	}

	try {
		return parsePatroniFile(await ssh.run(plan.host, patroniFileCommand(patroni.unit)));
	} catch (error) {
		if (error instanceof SshError) {
			// A lost connection fails the next command, too; without the settings, lines are parsed by guess.
			return undefined;
		}

		throw error;
	}
}

/** Patroni's own log file, if it does not log to the journal, and the operator has not named the logs. */
export function patroniLogFiles({files}: NodeLogs, own: PatroniFile | undefined): LogFile[] {
	const path = `${own?.settings.patroni?.directory?.replace(/\/+$/, '')}/patroni.log`;
	const isUsual = files.some(file => file.path === undefined);
	return isUsual && isArgument('path', path) ? [{name: 'patroni', path}] : [];
}
