/** A watch without a cluster: a session of given facts, recorded as `pgha-top watch` records. */
import {mkdirSync} from 'node:fs';
import type {Event} from '../../source/domain/events.ts';
import {privateModes} from '../../source/recording/watch-files.ts';
import {RotatingRecorder, type RotationOptions} from '../../source/recording/write/rotating-recorder.ts';
import {initialState, type State} from '../../source/state/state.ts';
import {update} from '../../source/state/update.ts';
import {start, target} from './session.ts';

export type Report = {text: string; tone: 'lost' | 'back'};

export class Watched {
	readonly reports: Report[] = [];
	now: number;
	state: State;
	/** The state before each recorded event. */
	readonly befores: State[] = [];
	#recorder: RotatingRecorder | undefined;

	private constructor(from: number) {
		this.now = from;
		this.state = initialState(target, from);
	}

	static async begin(folder: string, options: Partial<RotationOptions> = {}, from = start): Promise<Watched> {
		mkdirSync(folder, {recursive: true});
		const one = new Watched(from);
		one.#recorder = await RotatingRecorder.begin({
			folder,
			modes: privateModes,
			retention: {keepBytes: 1024 ** 3, keepMs: 7 * 86_400_000},
			program: '0.1.0',
			config: () => 'scope: postgres-cluster\n',
			who: {user: 'pgha-top', host: 'ops'},
			reason: undefined,
			logs: false,
			state: () => one.state,
			now: () => one.now,
			report: (text, tone) => one.reports.push({text, tone}),
			...options,
		});
		return one;
	}

	get recorder(): RotatingRecorder {
		if (this.#recorder === undefined) {
			throw new Error('not begun');
		}

		return this.#recorder;
	}

	/** Events of one moment, and a tick; then lets files be opened and closed. */
	async at(seconds: number, ...events: readonly Event[]): Promise<void> {
		this.now += seconds * 1000;
		for (const event of [...events, {type: 'tick'} as const]) {
			const stamped = {at: this.now, event};
			this.befores.push(this.state);
			this.recorder.take(stamped, this.state);
			[this.state] = update(this.state, stamped);
		}

		await this.recorder.settled();
	}
}
