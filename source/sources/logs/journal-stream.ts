/** A node's journal, followed: lines to the batches, the cursor to the places, and what keeps it from telling all. */
import type {Ssh} from '../../connections/ssh.ts';
import {cursorOf, JournalReader, type NodeClock} from '../../domain/logs/journal.ts';
import type {Problem} from '../../domain/logs/logs.ts';
import type {NodeLogs} from '../../domain/logs/plan.ts';
import type {Batches} from './batches.ts';
import {fullUnit, journalCommand} from './command.ts';
import type {NodePlaces} from './places.ts';
import {readLines} from './streams.ts';

/** Bytes of a line of JSON; beyond that the line is no log line that anybody reads. */
const longestJson = 1024 * 1024;

export type StreamContext = {
	ssh: Ssh;
	plan: NodeLogs;
	clock: NodeClock;
	/** Who we are on the node. */
	user: string;
	batches: Batches;
	places: NodePlaces;
	signal: AbortSignal;
	/** Tells what is amiss with one stream of the node. */
	amiss: (stream: string, problem: Omit<Problem, 'node'> | undefined) => void;
};

/** Resolves when journalctl has ended by itself; rejects when the connection went. */
export async function followJournal(context: StreamContext, system: boolean): Promise<void> {
	if (context.places.cursor !== undefined && !(await readJournal(context, system, 'end'))) {
		return;
	}

	await readJournal(context, system, 'stopped');
}

/** @returns whether it came to its end as it should. */
async function readJournal(
	{ssh, plan, clock, user, batches, places, signal, amiss}: StreamContext,
	system: boolean,
	until: 'stopped' | 'end',
): Promise<boolean> {
	const reader = new JournalReader(
		plan.node,
		clock,
		new Map(plan.units.map(({name, unit}) => [fullUnit(unit), name])),
	);
	const units = plan.units.map(({unit}) => unit);
	const channel = await ssh.stream(plan.host, journalCommand(units, {system, cursor: places.cursor, until}));
	let last: string | undefined;
	const {said, errors} = await readLines(channel, {
		batches,
		longest: longestJson,
		signal,
		take(text) {
			if (batches.leavesOut) {
				batches.skip();
				last = text;
				return;
			}

			last = undefined;
			const read = text === '' ? undefined : reader.read(text);
			if (read === undefined) {
				// "-- No entries --", "-- Boot … --"
				if (text !== '' && !text.startsWith('-- ')) {
					batches.skip();
				}

				return;
			}

			places.cursor = read.cursor ?? places.cursor;
			batches.add(read.line);
		},
		onErrors: text => {
			amiss('journal', permission(text, user));
		},
	}).finally(() => {
		// What was left out last is where the journal stands.
		places.cursor = (last && cursorOf(last)) ?? places.cursor;
	});
	if (until === 'end' && said === 'ended 0') {
		return true;
	}

	if (/Failed to seek to cursor/.test(errors)) {
		places.cursor = undefined;
		amiss('place', {
			text: 'the journal no longer has the place where it was left: lines may be missing',
			remedy: undefined,
		});
	} else if (said.endsWith(' 127')) {
		amiss('journal', {
			text: 'there is no journalctl',
			remedy: 'name its log files in your configuration, below logs',
		});
	} else if (said !== '' && permission(errors, user) === undefined) {
		const why = errors.split('\n').find(line => line !== '' && !line.startsWith('pgha-top:'));
		amiss('journal', {text: `journalctl ended: ${why ?? said}`, remedy: undefined});
	}

	return false;
}

function permission(errors: string, user: string): Omit<Problem, 'node'> | undefined {
	return /insufficient permissions|not seeing messages from other users/.test(errors)
		? {
				text: `${user} may not read the journal`,
				remedy: `on the node: sudo usermod -aG systemd-journal ${user}`,
			}
		: undefined;
}
