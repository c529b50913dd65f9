/** `pgha-top watch`: a session without a screen, which records and notifies until a signal ends it. */
import type {Config} from '../config/config.ts';
import {printConfig} from '../config/print.ts';
import type {Settings} from '../config/settings.ts';
import {identityOf} from '../config/target.ts';
import {lastingConnections} from '../connections/connections.ts';
import type {ShownFinding} from '../domain/findings/finding.ts';
import {bytes} from '../lib/format.ts';
import {keepHeapSmall} from '../lib/heap.ts';
import {RecordingError} from '../recording/schema.ts';
import {
	makeWatchFolder,
	type WatchDescription,
	type WatchModes,
	writeDescription,
} from '../recording/watch-files.ts';
import {clusterFolder} from '../recording/watch-folders.ts';
import {WatchLock} from '../recording/watch-lock.ts';
import {RotatingRecorder} from '../recording/write/rotating-recorder.ts';
import {recordedBy, Session} from '../session.ts';
import type {State} from '../state/state.ts';
import {isSettled} from '../state/subscriptions.ts';
import {judgeCluster} from '../state/view/verdict.ts';
import {Episodes} from './episodes.ts';
import {messageOf} from './message.ts';
import {channelsOf, Notifier} from './notifier.ts';
import {changeLine, type Print} from './output.ts';
import {serviceManager} from './service-manager.ts';

/** At first, what is only not known yet is no finding, ms. */
const settleMaxMs = 10_000;
/** For notifications that are under way at the end, ms. */
const drainMs = 5000;
/** ms between two looks at the socket. */
const lockEveryMs = 10_000;

export type WatchOptions = {
	settings: Settings;
	program: string;
	/** Folder of all clusters. */
	base: string;
	modes: WatchModes;
	print: Print;
	/** Ends it; the reason is a word for the description. */
	signal: AbortSignal;
	/** Ends the wait for notifications, too. */
	hurry: AbortSignal;
	environment: Readonly<Record<string, string | undefined>>;
};

/** Resolves when everything is written. @throws RecordingError if it cannot record, and faults */
export async function watchCluster(config: Config, options: WatchOptions): Promise<void> {
	const {base, modes, program, print, signal} = options;
	const identity = identityOf(config);
	const folder = clusterFolder(base, identity);
	makeWatchFolder(folder, modes);
	const lock = await WatchLock.take(folder, modes);
	const description: WatchDescription = {
		version: 1,
		program,
		pid: process.pid,
		cluster: identity,
		startedAt: Date.now(),
		ended: null,
	};
	writeDescription(folder, description, modes);
	let why = 'it failed';
	try {
		await recordUntil(config, folder, lock, options);
		why = String(signal.reason);
		print(`ended (${why})`, 'info');
	} finally {
		writeDescription(folder, {...description, ended: {at: Date.now(), why}}, modes);
		await lock.release();
	}
}

async function recordUntil(
	config: Config,
	folder: string,
	lock: WatchLock,
	{settings, program, modes, print, signal, hurry, environment}: WatchOptions,
): Promise<void> {
	const {promise: failed, reject} = Promise.withResolvers<never>();
	failed.catch(() => undefined);
	const session = new Session({config: {...config, operations: 'disabled'}, settings, onFault: reject});
	const {runtime} = session;
	const recorder = await RotatingRecorder.begin({
		folder,
		modes,
		retention: config.watch,
		program,
		config: () => printConfig(session.config, settings),
		who: recordedBy(),
		reason: 'pgha-top watch',
		logs: false,
		state: () => runtime.state,
		now: Date.now,
		report: (text, tone) => print(text, tone === 'lost' ? 'error' : 'info'),
	});
	const manager = serviceManager(environment, text => print(text, 'warning'));
	const notifier = new Notifier({
		channels: channelsOf(config.notify),
		report: text => print(text, 'warning'),
	});
	const findings = new FindingReporter(config, notifier, print, program);
	let lookedAt = performance.now();
	runtime.observe(({stamped, before, after}) => {
		recorder.take(stamped, before);
		if (stamped.event.type !== 'tick') {
			return;
		}

		findings.take(after);
		manager.alive(Date.now());
		if (performance.now() - lookedAt >= lockEveryMs) {
			lookedAt = performance.now();
			if (!lock.isHeld()) {
				reject(new RecordingError(`${folder}: another watch took the folder, or it was removed`));
			}
		}
	});
	const {keepBytes, keepMs} = config.watch;
	print(
		`recording ${config.scope} to ${folder}, at most ${bytes(keepBytes)} and ${keepMs / 3_600_000} h`,
		'info',
	);
	const stopKeeping = keepHeapSmall({mayPause: () => true, isCalm: () => session.isCalm});
	try {
		// Without an operator ssh's questions are skipped.
		await session.look(lastingConnections(config, async () => undefined));
		manager.ready(`recording ${config.scope}`);
		await Promise.race([aborted(signal), failed]);
	} finally {
		stopKeeping();
		manager.stopping();
		try {
			await recorder.end();
		} finally {
			hurry.addEventListener('abort', () => notifier.hurry(), {once: true});
			await notifier.close(hurry.aborted ? 0 : drainMs);
		}
	}
}

/** Prints and notifies findings that begin and end. */
class FindingReporter {
	readonly #notifier: Notifier;
	readonly #print: Print;
	readonly #program: string;
	readonly #printed = new Episodes<ShownFinding>({severity: 'notice', afterMs: 0, consequences: true});
	readonly #notified: Episodes<ShownFinding>;
	#isSettled = false;

	constructor({notify}: Config, notifier: Notifier, print: Print, program: string) {
		this.#notifier = notifier;
		this.#print = print;
		this.#program = program;
		const {severity, afterMs} = notify;
		this.#notified = new Episodes({severity, afterMs, consequences: false});
	}

	take(state: State): void {
		const {now, startedAt} = state;
		this.#isSettled ||= now - startedAt >= settleMaxMs || isSettled(state);
		if (!this.#isSettled) {
			return;
		}

		const {findings, verdict} = judgeCluster(state);
		for (const change of this.#printed.take(findings, now)) {
			const {text, priority} = changeLine(change, verdict);
			this.#print(text, priority);
		}

		for (const change of this.#notified.take(findings, now)) {
			void this.#notifier.send(messageOf(change, state, this.#program));
		}
	}
}

async function aborted(signal: AbortSignal): Promise<void> {
	if (!signal.aborted) {
		await new Promise<void>(resolve => {
			signal.addEventListener('abort', () => resolve(), {once: true});
		});
	}
}
