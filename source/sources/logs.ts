/**
 * A node's logs over its SSH connection: clock, units, journal and files; resumed at the last position after a break.
 */
import {lossOf, reasonOf} from '../connections/error-reason.ts';
import {SshError} from '../connections/ssh/prompts.ts';
import type {Ssh} from '../connections/ssh/ssh.ts';
import type {Problem} from '../domain/facts.ts';
import type {NodeClock} from '../domain/logs/journal.ts';
import type {NodeLogs} from '../domain/logs/logs.ts';
import {noticeableOffsetMs} from '../domain/logs/logs.ts';
import {effectiveSettings} from '../domain/logs/settings.ts';
import {justStalled, ownTime} from '../lib/own-time.ts';
import {sanitize} from '../lib/sanitize.ts';
import {sessionClock} from '../lib/steady-clock.ts';
import {unitsCommand} from './logs/command.ts';
import {followFile, type LogFile} from './logs/file-stream.ts';
import {followJournal, type StreamContext} from './logs/journal-stream.ts';
import {LineBatcher} from './logs/line-batcher.ts';
import {askClock, patroniLogFiles, readPatroniFile} from './logs/node.ts';
import type {ReadPositions} from './logs/streams.ts';
import type {Source, SourceContext} from './source.ts';

/** ms between attempts: the first interval, and the maximum. A refused login is retried rarely; `r` retries at once. */
const retries = {lost: [500, 8000], refused: [5000, 60_000]} as const;
/** ms before a stream that ended on a live connection is restarted. */
const restartAfterMs = 2000;
/** ms before a missing log is tried again. */
const retryMissingMs = 10_000;
const clockIntervalMs = 60_000;
/** sshd allows ten sessions per connection, of which addresses and systemd use three, and commands some. */
const filesMax = 3;

export function logsSource(ssh: Ssh, plan: NodeLogs, system: boolean, places: ReadPositions): Source {
	return async context => {
		const {emit, signal, pause} = context;
		const source = `logs:${plan.node}` as const;
		const batches = new LineBatcher((lines, skipped) => {
			emit({type: 'logs.lines', source, node: plan.node, lines, skipped});
		});
		emit({type: 'source.connecting', source});
		let failures = 0;
		let wasExcused = false;
		while (!signal.aborted) {
			try {
				await followNode({ssh, plan, system, places, batches, context}, () => {
					failures = 0;
				});
			} catch (error) {
				batches.flush();
				if (!wasExcused && ownTime.hasStalledWithin(justStalled)) {
					// It broke during a stall of this program, or shortly after: restarted once before the loss is
					// reported.
					wasExcused = true;
					await ssh.drop(plan.host, error);
					continue;
				}

				wasExcused = false;
				if (!signal.aborted) {
					const remedy = error instanceof SshError ? error.remedy : undefined;
					emit({
						type: 'source.lost',
						source,
						...lossOf(error),
						...(remedy === undefined ? {} : {remedy}),
					});
					await ssh.drop(plan.host, error);
					const [firstMs, maxMs] = remedy === undefined ? retries.lost : retries.refused;
					await pause(Math.min(maxMs, firstMs * 2 ** failures), signal);
					failures++;
				}
			}
		}

		batches.flush();
		batches.close();
	};
}

type Following = {
	ssh: Ssh;
	plan: NodeLogs;
	system: boolean;
	places: ReadPositions;
	batches: LineBatcher;
	context: SourceContext;
};

/** Rejects when the node is lost, or when the signal aborts. */
async function followNode(
	{ssh, plan, system, places, batches, context: {emit, signal, pause}}: Following,
	onSight: () => void,
): Promise<void> {
	const source = `logs:${plan.node}` as const;
	const {offset, zone, user} = await askClock(ssh, plan.host);
	const problems = new Map<string, Problem>();
	const reportProblem: StreamContext['reportProblem'] = (stream, problem) => {
		if (problems.get(stream)?.text !== problem?.text) {
			if (problem === undefined) {
				problems.delete(stream);
			} else {
				problems.set(stream, {node: plan.node, ...problem});
			}

			emit({type: 'logs.problems', source, problems: [...problems.values()]});
		}
	};
	const mark: StreamContext['mark'] = text => {
		const lasting = [...problems.values()];
		// Reported, then removed: a new problem becomes a line of the stream, but this one does not last.
		emit({
			type: 'logs.problems',
			source,
			problems: [...lasting, {node: plan.node, text, remedy: undefined}],
		});
		emit({type: 'logs.problems', source, problems: lasting});
	};
	onSight();
	const clock: NodeClock = {correction: 0, zone};
	const correct = (ahead: number) => {
		clock.correction = Math.abs(ahead) > noticeableOffsetMs ? Math.round(ahead * 1000) : 0;
		emit({type: 'logs.clock', source, node: plan.node, offset: ahead + sessionClock.aheadMs});
	};
	correct(offset);
	const broken = new AbortController();
	const either = AbortSignal.any([signal, broken.signal]);
	const own = await readPatroniFile(ssh, plan);
	if (own !== undefined) {
		emit({type: 'logs.settings', source, node: plan.node, ...own});
	}

	const stream: StreamContext = {
		ssh,
		plan,
		settings: effectiveSettings(plan.settings ?? {}, own?.settings),
		clock,
		user,
		batches,
		places,
		signal: either,
		reportProblem,
		mark,
	};
	const files = [...plan.files, ...patroniLogFiles(plan, own)];
	await missingUnits(ssh, plan, reportProblem);
	const forEver = async (follow: () => Promise<number>) => {
		while (!either.aborted) {
			const again = await follow();
			if (again > 0) {
				await pause(again, either);
			}
		}
	};
	const all = [
		forEver(async () => {
			await followJournal(stream, system);
			return restartAfterMs;
		}),
		...files
			.slice(0, filesMax)
			.map(async (file: LogFile) =>
				forEver(async () => ((await followFile(stream, file)) === 'moved' ? 0 : retryMissingMs)),
			),
		forEver(async () => {
			await pause(clockIntervalMs, either);
			if (!either.aborted) {
				const now = await askClock(ssh, plan.host);
				// Either clock may have been set.
				correct(now.offset);
			}

			return 0;
		}),
	];
	for (const {name} of files.slice(filesMax)) {
		reportProblem(name, {text: `${name} is not read: at most ${filesMax} files a node`, remedy: undefined});
	}

	try {
		await Promise.all(all);
	} finally {
		broken.abort(new SshError('connection lost'));
		await Promise.allSettled(all);
	}
}

async function missingUnits(
	ssh: Ssh,
	plan: NodeLogs,
	reportProblem: StreamContext['reportProblem'],
): Promise<void> {
	if (plan.units.length === 0) {
		return;
	}

	let text: string;
	try {
		text = await ssh.run(plan.host, unitsCommand(plan.units.map(({unit}) => unit)));
	} catch (error) {
		// Perhaps the node has no systemd, and so no journal: this is reported.
		reportProblem('units', {text: `cannot list its units: ${reasonOf(error)}`, remedy: undefined});
		return;
	}

	// One block per unit; each problem is reported with all others.
	for (const block of text.split('\n\n', plan.units.length)) {
		const id = /^Id=(.+)$/m.exec(block)?.[1];
		if (id !== undefined) {
			const missing = /^LoadState=not-found$/m.test(block);
			reportProblem(
				`unit ${id}`,
				missing
					? {
							text: `there is no unit ${sanitize(id)}`,
							remedy:
								'find its name: systemctl list-unit-files --type=service; then name it in your configuration, below logs',
						}
					: undefined,
			);
		}
	}
}
