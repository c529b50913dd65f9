/** Wires a session: runtime, recorder, sources and effects; for the console, a drill by command and a snapshot. */
import path from 'node:path';
import {isDeepStrictEqual} from 'node:util';
import type {Config} from './config/config.ts';
import type {Settings} from './config/settings.ts';
import {identityOf, targetOf} from './config/target.ts';
import type {Connections} from './connections/connections.ts';
import type {Lend} from './connections/ssh/prompts.ts';
import type {Ssh} from './connections/ssh/ssh.ts';
import type {NodeReadings, Readable} from './discovery/node-readings.ts';
import {kindOf} from './domain/cluster/source-kinds.ts';
import type {Subscription} from './domain/subscription.ts';
import type {Target} from './domain/target.ts';
import type {DrillController} from './drill/controller.ts';
import {whoIsThere} from './effects/audit-log.ts';
import type {Performer} from './effects/performer.ts';
import {stateFolder} from './lib/files.ts';
import {sessionClock} from './lib/steady-clock.ts';
import type {RecordedBy} from './recording/schema.ts';
import type {RecordingsOptions, SessionRecorder} from './recording/write/session-recorder.ts';
import {Runtime} from './runtime.ts';
import {followCalm} from './session-calm.ts';
import type {Sources} from './sources/manager.ts';
import type {Effect} from './state/effects.ts';
import {initialState, type State} from './state/state.ts';
import {hasSameSubscriptions, subscriptions} from './state/subscriptions.ts';

/** Effects that require a screen. */
export type ScreenEffect = Extract<
	Effect,
	{type: 'quit' | 'redraw' | 'suspend' | 'screen.copy' | 'screen.write'}
>;

export type SessionOptions = {
	config: Config;
	/** Where the configuration comes from: what it lacks is then looked for on the nodes. */
	settings?: Settings | undefined;
	/** Whether `sudo -n` reads files of the nodes that the login may not read; default true. */
	readsWithSudo?: boolean;
	onFault: (error: unknown) => void;
	onScreen?: (effect: ScreenEffect) => void;
	/** Limit of a drill's stage, ms. */
	stageMaxMs?: number;
	/** Whether what happened before the start is read, as the configuration has it; default false. */
	readsEarlier?: boolean;
};

export type RecordingOptions = Pick<RecordingsOptions, 'program' | 'config' | 'logs' | 'reason'>;

/** ms until what the nodes say is used, if no member is known. */
const membersMs = 2000;

/** Begins with the runtime only: the screen is drawn before other modules are loaded. */
export class Session {
	readonly runtime: Runtime;
	readonly #options: SessionOptions;
	/** With what was found on the nodes. */
	#config: Config;
	#isCalm = false;
	/** Resolves when the nodes' own files are read, or are not to be read. */
	#discovered: Promise<void> = Promise.resolve();
	#readings: NodeReadings | undefined;
	#recorder: SessionRecorder | undefined;
	#sources: Sources | undefined;
	#performer: Performer | undefined;
	#drills: DrillController | undefined;
	/** Ends what is read of the time before the start. */
	readonly #ended = new AbortController();

	constructor(options: SessionOptions) {
		this.#options = options;
		this.#config = options.config;
		this.runtime = new Runtime({
			state: initialState(this.#target(), sessionClock.now()),
			now: sessionClock.now,
			takeSet: sessionClock.takeSet,
			perform: effect => {
				this.perform(effect);
			},
		});
	}

	/** Whether nothing has happened for a while, and sources are asked less often. */
	get isCalm(): boolean {
		return this.#isCalm;
	}

	get config(): Config {
		return this.#config;
	}

	/** Resolves when the configuration has what the nodes' own files add. */
	async untilDiscovered(): Promise<void> {
		await this.#discovered;
	}

	/** Enables recordings, by default in the given folder. */
	async prepareRecorder(options: RecordingOptions): Promise<SessionRecorder> {
		const {SessionRecorder: Recorder} = await import('./recording/write/session-recorder.ts');
		const {runtime} = this;
		const recorder = new Recorder({
			...options,
			who: recordedBy(),
			folder: recordingsFolder(),
			state: () => runtime.state,
			dispatch: runtime.dispatch,
			now: Date.now,
		});
		runtime.observe(({stamped, before}) => {
			recorder.take(stamped, before);
		});
		this.#recorder = recorder;
		return recorder;
	}

	/**
	 * Starts the sources, and performs effects.
	 * @param lend lends the terminal, to ask the operator about host keys and passphrases, and for an editor
	 */
	async connect(lend: Lend): Promise<void> {
		const {config, onFault, stageMaxMs} = this.#options;
		const {runtime} = this;
		const [{lastingConnections}, {Performer: Effects}, {DrillController: Drills}] = await Promise.all([
			import('./connections/connections.ts'),
			import('./effects/performer.ts'),
			import('./drill/controller.ts'),
			import('./sources/manager.ts'),
		]);
		const connections = lastingConnections(config, lend);
		const {ssh} = connections;
		this.#performer = new Effects({config, ssh, dispatch: runtime.dispatch, lend, onFault});
		if (this.#recorder !== undefined) {
			const current = () => this.#config;
			this.#drills = new Drills({
				get config() {
					return current();
				},
				runtime,
				recorder: this.#recorder,
				folder: recordingsFolder(),
				onFault,
				stageMaxMs,
			});
		}

		await this.look(connections);
		if (this.#options.readsEarlier === true && config.historyMs > 0) {
			this.#readEarlier(ssh).catch((error: unknown) => {
				if (!this.#ended.signal.aborted) {
					onFault(error);
				}
			});
		}
	}

	async #readEarlier(ssh: Ssh): Promise<void> {
		await this.#discovered;
		const [{readEarlier}, {recentHistory}] = await Promise.all([
			import('./session-history.ts'),
			import('./recording/read/watch-history.ts'),
		]);
		const {runtime} = this;
		const {historyMs} = this.#config;
		const cluster = identityOf(this.#config);
		const recorded = async (sinceMs: number) => recentHistory(cluster, {sinceMs});
		await readEarlier({runtime, ssh, historyMs, recorded, signal: this.#ended.signal});
	}

	/** Starts the sources on these connections; performs no operations. */
	async look(
		connections: Connections,
		isWanted: (subscription: Subscription) => boolean = () => true,
	): Promise<void> {
		const {Sources: Manager} = await import('./sources/manager.ts');
		const {config, onFault} = this.#options;
		const sources = new Manager(config, this.runtime.dispatch, onFault, connections);
		let followed = this.runtime.state;
		const follow = (state: State) => {
			followed = state;
			const wanted = subscriptions(state).filter(isWanted);
			sources.follow(wanted, state.cluster.store);
			this.#readings?.take(nodesOf(wanted, state));
		};
		this.#sources = sources;
		this.runtime.subscribe(state => {
			if (!hasSameSubscriptions(followed, state)) {
				follow(state);
			}
		});
		follow(this.runtime.state);
		followCalm(this.runtime, isCalm => {
			this.#isCalm = isCalm;
			sources.setCalm(isCalm);
		});
		this.#discovered = this.#discover(connections, sources, follow).catch(onFault);
	}

	/** Reads the nodes' own files as soon as each can be reached, and continues with what they add. */
	async #discover(connections: Connections, sources: Sources, follow: (state: State) => void): Promise<void> {
		const {config, settings, readsWithSudo = true, onFault} = this.#options;
		if (settings === undefined || !config.discovers) {
			return;
		}

		const [{completed, lacksNames}, {readNode, runOver}, {NodeReadings: Readings}] = await Promise.all([
			import('./discovery/discover.ts'),
			import('./discovery/read-node.ts'),
			import('./discovery/node-readings.ts'),
		]);
		const {runtime} = this;
		const run = runOver(connections.ssh);
		const maySudo = readsWithSudo && lacksNames(settings);
		let isBegun = false;
		const complete = () => {
			if (!isBegun) {
				return;
			}

			const {read, problems} = readings.get();
			const next = completed({settings, environment: process.env}, read, problems);
			if (!isDeepStrictEqual(next, this.#config)) {
				this.#config = next;
				sources.configure(next);
				runtime.dispatch({type: 'target.found', target: this.#target()});
				follow(runtime.state);
			}
		};
		const readings = new Readings(async host => readNode(run, host, maySudo), complete, onFault);
		this.#readings = readings;
		follow(runtime.state);
		await this.#untilMembersAreKnown();
		await readings.untilMostAreRead();
		isBegun = true;
		complete();
	}

	/** Resolves once the members are known, or after a while without them. */
	async #untilMembersAreKnown(): Promise<void> {
		const {promise, resolve} = Promise.withResolvers<void>();
		const timer = setTimeout(resolve, membersMs);
		const look = ({cluster}: State) => {
			const isRead = [...cluster.sourceStatuses].some(
				([source, status]) => ['dcs', 'view'].includes(kindOf(source)) && status?.state === 'seen',
			);
			if (isRead) {
				resolve();
			}
		};
		const stop = this.runtime.subscribe(look);
		look(this.runtime.state);
		await promise;
		clearTimeout(timer);
		stop();
	}

	#target(): Target {
		return {...targetOf(this.#config), operator: operatorName()};
	}

	/** Performs an effect; until the session is connected, ignores those that need a connection. */
	perform(effect: Effect): void {
		const {onFault, onScreen} = this.#options;
		switch (effect.type) {
			case 'quit':
			case 'redraw':
			case 'suspend':
			case 'screen.copy':
			case 'screen.write': {
				onScreen?.(effect);
				break;
			}

			case 'record': {
				this.#recorder?.setRecording(effect.on).catch(onFault);
				break;
			}

			case 'refresh': {
				this.#sources?.refresh();
				break;
			}

			case 'drill.prepare':
			case 'drill.begin':
			case 'drill.stop': {
				this.#drills?.perform(effect);
				break;
			}

			case 'operation.send':
			case 'acknowledgement':
			case 'audit':
			case 'config.edit':
			case 'logs.seek':
			case 'logs.write':
			case 'copy': {
				this.#performer?.perform(effect);
				break;
			}

			default: {
				effect satisfies never;
			}
		}
	}

	/** Resolves when everything is written, with the file of the recording that ended with the session. */
	async close(): Promise<string | undefined> {
		this.#ended.abort();
		await this.#drills?.close();
		await this.#performer?.close();
		return this.#recorder?.end();
	}
}

/** The nodes that are read over SSH. */
function nodesOf(wanted: readonly Subscription[], {cluster}: State): Readable[] {
	return wanted.flatMap(one =>
		one.kind === 'units'
			? [
					{
						name: one.node,
						host: one.host,
						isSeen: cluster.sourceStatuses.get(`units:${one.node}`)?.state === 'seen',
					},
				]
			: [],
	);
}

export function recordingsFolder(): string {
	return path.join(stateFolder(), 'recordings');
}

/** Who records, for the header of a recording. */
export function recordedBy(): RecordedBy {
	return whoIsThere();
}

/** The user who called sudo, if root by sudo. */
function operatorName(): string {
	const {user, sudo_user: before} = whoIsThere();
	return before ?? user;
}
