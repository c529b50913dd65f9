/** Follows a node's log file, or the newest one in a folder, over rotation and lost connections. */
import type {ClientChannel} from 'ssh2';
import {NotStartedError} from '../../connections/ssh/channel-slots.ts';
import type {Problem} from '../../domain/facts.ts';
import {FileReader, textMaxLength} from '../../domain/logs/journal.ts';
import {logExtensions, postgresLogFolder} from '../../domain/logs/settings.ts';
import {crypto} from '../../lib/builtin.ts';
import {sanitize} from '../../lib/sanitize.ts';
import {sessionClock} from '../../lib/steady-clock.ts';
import {type FilePlace, fileCommand} from './command.ts';
import type {StreamContext} from './journal-stream.ts';
import {readLines} from './streams.ts';

/** Bytes of a line that are kept, at least `textMaxLength` characters. */
const lineMaxBytes = textMaxLength * 2;

export type LogFile = {name: string; path: string | undefined};

/**
 * Resolves when the command ends, with whether another file has taken the name; rejects when the connection is lost.
 */
export async function followFile(
	{ssh, plan, settings, clock, user, batches, places, signal, reportProblem, mark, filter}: StreamContext,
	{name, path}: LogFile,
): Promise<'moved' | 'none'> {
	const where = path ?? 'usual';
	// An unpredictable mark, which no log line can imitate.
	const token = crypto().randomUUID().replaceAll('-', '');
	const grown = new RegExp(`^${token} (\\d{1,20}) (\\d{1,10}:\\d{1,3})(?=\n)`, 'gm');
	const reader = new FileReader(plan.node, name, clock, settings);
	const known = filter === undefined ? places.files(where) : [];
	const command = fileCommand(path, {
		token,
		places: known,
		...(filter === undefined ? {} : {filter}),
		folder: postgresLogFolder(settings),
		extensions: logExtensions(settings),
	});
	let channel: ClientChannel;
	try {
		channel = await ssh.stream(plan.host, command);
	} catch (error) {
		if (error instanceof NotStartedError) {
			// The node's journal may have a session nevertheless.
			reportProblem(where, {text: `${name} is not read: ${error.message}`, remedy: error.remedy});
			return 'none';
		}

		throw error;
	}

	/** Advances with each line. */
	let place: FilePlace | undefined;
	let partial = false;
	const {status} = await readLines(channel, {
		batches,
		lineMaxBytes,
		signal,
		take(line, bytes, isCut) {
			const head = mayBeHead(line) && line.includes(token) ? line.split(' ') : undefined;
			if (head?.length === 5 && head[0]?.endsWith(token)) {
				place = {inode: head[2] ?? '0', offset: Number(head[4]), head: head[3] ?? '0:0'};
				// History may begin within a line.
				partial = known.length === 0 && place.offset > 0;
				reportProblem(where, undefined);
				places.setFile(where, place);
				if (head[1] === 'replaced') {
					mark(
						`the log file of ${name} was truncated or replaced: it is read from its beginning, lines before may be missing`,
					);
				}

				return;
			}

			if (place !== undefined) {
				place.offset += bytes;
			}

			if (partial) {
				partial = false;
			} else if (batches.leavesOut) {
				batches.skip();
			} else if (line !== '') {
				const text = isCut ? `${line.slice(0, textMaxLength)}… (${bytes} bytes)` : line;
				batches.add(reader.read(text, sessionClock.now(), isCut));
			}
		},
		onErrors(errors) {
			for (const [, inode = '', head = ''] of errors.matchAll(grown)) {
				places.setHead(where, inode, head);
			}
		},
	});
	if (status === 'moved') {
		return 'moved';
	}

	if (status === '') {
		return 'none';
	}

	reportProblem(where, problemOf(status, path, user));
	return 'none';
}

/** A head is short and ends in a digit, so most lines need no further test. */
function mayBeHead(line: string): boolean {
	const last = line.charCodeAt(line.length - 1);
	return line.length < 120 && last >= 0x30 && last <= 0x39;
}

/** PostgreSQL's default folders may be empty: its lines are in Patroni's journal then. */
export function problemOf(
	status: string,
	path: string | undefined,
	user: string,
): Omit<Problem, 'node'> | undefined {
	const unreadable = /^none unreadable (\S+)/.exec(status)?.[1];
	if (unreadable !== undefined) {
		const name = sanitize(unreadable);
		const folder = name.slice(0, name.lastIndexOf('/'));
		return {
			text: `${user} may not read ${name.endsWith('/') ? folder : name}`,
			remedy:
				name === path
					? `on the node: sudo setfacl -m u:${user}:r ${name}`
					: // The file after the next rotation must be readable, too.
						`on the node: sudo setfacl -R -m u:${user}:rX -m d:u:${user}:rX ${folder}`,
		};
	}

	if (path === undefined) {
		return undefined;
	}

	return {
		text: status.startsWith('none empty') ? `there is no log in ${path}` : `there is no ${path}`,
		remedy: 'name the right file in your configuration, below logs',
	};
}
