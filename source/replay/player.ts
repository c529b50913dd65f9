/** Plays a recording: handles the keys and computes the state on the screen. Sends nothing. */
import {type Command, type CommandOf, isCommandOf} from '../domain/commands.ts';
import type {Event, Intent} from '../domain/events.ts';
import type {Target} from '../domain/target.ts';
import type {Playable} from '../recording/read/reader.ts';
import {RecordingError} from '../recording/schema.ts';
import type {Effect} from '../state/effects.ts';
import {initialState, type State, topOverlay, type View} from '../state/state.ts';
import {selectedTimelineRow} from '../state/timeline-rows.ts';
import {update} from '../state/update.ts';
import type {LiveEnd} from './live.ts';
import {
	emptyPrompt,
	PlaybackReporter,
	parsePromptTime,
	type TimePrompt,
	typeIntoPrompt,
} from './playback-status.ts';
import {Playhead} from './playhead.ts';

/** Whether an effect of a key is performed where the recording is played. */
const localEffects = {
	copy: true,
	'screen.copy': true,
	'screen.write': true,
	'logs.write': true,
	'logs.seek': true,
	quit: false,
	suspend: false,
	redraw: false,
	refresh: false,
	record: false,
	audit: false,
	acknowledgement: false,
	'operation.send': false,
	'config.edit': false,
	'drill.prepare': false,
	'drill.begin': false,
	'drill.stop': false,
} as const satisfies Readonly<Record<Effect['type'], boolean>>;

type LocalType = {
	[T in Effect['type']]: (typeof localEffects)[T] extends true ? T : never;
}[Effect['type']];

/** Effects that a replay performs; operations are not among them. */
export type LocalEffect = Extract<Effect, {type: LocalType | 'quit' | 'suspend' | 'redraw'}>;

export type PlayerOptions = {
	/** Begins with the view that the operator had. */
	asOperator: boolean;
	perform: (effect: LocalEffect) => void;
	/** Of a recording that a watch is writing: it is followed at its end. */
	live?: LiveEnd | undefined;
};

const speeds: readonly number[] = [1, 2, 5, 10, 30, 60];

export class Player {
	readonly #recording: Playable;
	readonly #head: Playhead;
	readonly #perform: (effect: LocalEffect) => void;
	readonly #listeners = new Set<(state: State) => void>();
	readonly #reporter: PlaybackReporter;
	#playing = true;
	#speed = 1;
	#asOperator: boolean;
	/** The view that the viewer chose. */
	#view: View;
	#prompt: TimePrompt | undefined;
	#problem: string | undefined;
	#shown: State | undefined;
	#target: {of: Target; target: Target} | undefined;
	readonly #live: LiveEnd | undefined;
	/** At the end of a recording that grows. */
	#isFollowing: boolean;

	/** @throws RecordingError if the recording is empty */
	constructor(recording: Playable, {asOperator, perform, live}: PlayerOptions) {
		if (recording.events === 0) {
			throw new RecordingError(`${recording.file}: no events: it was cut short before the first one`);
		}

		this.#recording = recording;
		this.#head = new Playhead(recording);
		this.#perform = perform;
		this.#asOperator = asOperator;
		this.#live = live;
		this.#isFollowing = live !== undefined;
		if (this.#isFollowing) {
			this.#head.toPosition(recording.events);
		}

		this.#view = firstView(this.#head.state);
		this.#reporter = new PlaybackReporter(recording, this.#head);
	}

	/** The state that the screen shows. */
	get state(): State {
		this.#shown ??= this.#compose();
		return this.#shown;
	}

	get playing(): boolean {
		return this.#playing;
	}

	/** @returns a function that stops it */
	readonly subscribe = (listener: (state: State) => void): (() => void) => {
		this.#listeners.add(listener);
		return () => {
			this.#listeners.delete(listener);
		};
	};

	/** Advances by this much of the viewer's time. */
	advance(milliseconds: number): void {
		if (this.#playing) {
			this.#move(() => {
				this.#head.playTo(
					this.#isFollowing ? this.#recording.endedAt : this.#head.time + milliseconds * this.#speed,
				);
				this.#isFollowing = this.#live !== undefined && this.#head.atEnd;
				this.#playing = this.#isFollowing || !this.#head.atEnd;
			});
		} else if (this.#live !== undefined) {
			// The age of what is shown.
			this.#notify();
		}
	}

	/** Shows a problem of the recording. */
	report(problem: string | undefined): void {
		if (problem !== this.#problem) {
			this.#problem = problem;
			this.#notify();
		}
	}

	readonly dispatch = (intent: Intent): void => {
		if (this.#prompt !== undefined && this.#typeInto(this.#prompt, intent)) {
			this.#notify();
		} else if (intent.type !== 'command' || !this.#play(intent.command)) {
			this.look(intent);
		}
	};

	/** Events of the viewer change only the view. */
	look(event: Event): void {
		if (this.#asOperator) {
			this.#asOperator = false;
			const {pane, selected} = this.#head.state.view;
			this.#view = {...firstView(this.#head.state), pane, selected};
		}

		const state = this.#compose();
		const [{view}, effects] = update(state, {at: state.now, event});
		this.#view = {...view, frozen: undefined, leaving: false};
		for (const effect of effects) {
			if (isLocal(effect)) {
				this.#perform(effect);
			}
		}

		this.#notify();
	}

	/** @returns whether the player handled the command */
	#play(command: Command): boolean {
		if (isCommandOf(command, 'play')) {
			const move = this.#moves[command];
			this.#move(() => {
				this.#isFollowing &&= staysAtEnd.has(command);
				move();
			});
			return true;
		}

		// Of the view that is shown, also the operator's.
		if (command === 'copy.row' || command === 'copy.screen') {
			this.#perform({type: 'screen.copy', what: command === 'copy.row' ? 'row' : 'screen'});
			return true;
		}

		if (command === 'quit' || command === 'suspend' || command === 'redraw' || command === 'screen.write') {
			this.#perform({type: command});
			return true;
		}

		return false;
	}

	readonly #moves: Readonly<Record<CommandOf<'play'>, () => void>> = {
		'play.toggle': () => {
			if (!this.#playing && this.#head.atEnd && this.#live === undefined) {
				this.#head.toPosition(0);
			}

			this.#playing = !this.#playing;
		},
		'play.faster': () => {
			this.#speed = speeds[Math.min(speeds.length - 1, speeds.indexOf(this.#speed) + 1)] ?? 1;
		},
		'play.slower': () => {
			this.#speed = speeds[Math.max(0, speeds.indexOf(this.#speed) - 1)] ?? 1;
		},
		'play.forward': () => {
			this.#playing = false;
			this.#head.toPosition(this.#head.position + 1);
		},
		'play.back': () => {
			this.#playing = false;
			this.#head.toPosition(this.#head.position - 1);
		},
		'play.next': () => {
			const {time} = this.#head;
			this.#head.toTime(this.#recording.marks.find(({at}) => at > time)?.at ?? this.#recording.endedAt);
		},
		'play.previous': () => {
			const {time} = this.#head;
			this.#head.toTime(this.#recording.marks.findLast(({at}) => at < time)?.at ?? 0);
		},
		'play.entry': () => {
			const overlay = topOverlay(this.#view);
			const row = overlay?.kind === 'entries' ? selectedTimelineRow(this.#head.state, overlay) : undefined;
			if (row?.kind === 'incident') {
				this.look({type: 'command', command: 'log.entry'});
				return;
			}

			this.#head.toTime(row?.entry.at ?? this.#head.time);
			this.#view = {...this.#view, overlays: this.#view.overlays.slice(0, -1)};
		},
		'play.first': () => {
			this.#head.toPosition(0);
		},
		'play.last': () => {
			this.#isFollowing = this.#live !== undefined;
			this.#playing = this.#isFollowing;
			this.#head.toPosition(this.#recording.events);
		},
		'play.time': () => {
			this.#prompt = emptyPrompt;
		},
		'play.view': () => {
			this.#asOperator = !this.#asOperator;
		},
	};

	/** @returns whether the prompt handled the intent */
	#typeInto(prompt: TimePrompt, intent: Intent): boolean {
		const typed = typeIntoPrompt(prompt, intent);
		if (typed === undefined) {
			return false;
		}

		if ('taken' in typed) {
			this.#goTo(typed.taken);
		} else {
			this.#prompt = typed.prompt;
		}

		return true;
	}

	#goTo(text: string): void {
		const moment = parsePromptTime(text, {time: this.#head.time, endedAt: this.#recording.endedAt});
		if ('problem' in moment) {
			this.#prompt = {text, problem: moment.problem};
			return;
		}

		this.#prompt = undefined;
		this.#move(() => {
			this.#isFollowing = false;
			this.#head.toTime(moment.at);
		});
	}

	#move(move: () => void): void {
		try {
			this.#problem = undefined;
			move();
		} catch (error) {
			if (!(error instanceof RecordingError)) {
				throw error;
			}

			this.#playing = false;
			this.#problem = error.message;
		}

		this.#notify();
	}

	#notify(): void {
		this.#shown = undefined;
		for (const listener of this.#listeners) {
			listener(this.state);
		}
	}

	/** The same object as long as the target is the same: another one would draw the screen again. */
	#withoutOperations(of: Target): Target {
		if (this.#target?.of !== of) {
			this.#target = {of, target: {...of, operations: 'disabled'}};
		}

		return this.#target.target;
	}

	#compose(): State {
		const live = this.#live?.playback({
			shownAt: this.#head.time,
			endedAt: this.#recording.endedAt,
			isFollowing: this.#isFollowing,
		});
		const replay = this.#reporter.of(
			{
				playing: this.#playing,
				speed: this.#speed,
				asOperator: this.#asOperator,
				prompt: this.#prompt,
				problem: this.#problem,
			},
			live,
		);
		const {state: played} = this.#head;
		const state = live === undefined ? played : (this.#live?.stateFor(played, live) ?? played);
		return this.#asOperator
			? {...state, recording: undefined, replay}
			: {
					...state,
					recording: undefined,
					target: this.#withoutOperations(state.target),
					view: this.#view,
					replay,
				};
	}
}

/** Commands of the player that leave a recording that grows at its end. */
const staysAtEnd: ReadonlySet<Command> = new Set([
	'play.faster',
	'play.slower',
	'play.time',
	'play.view',
] satisfies Command[]);

function isLocal(effect: Effect): effect is LocalEffect {
	return localEffects[effect.type];
}

function firstView({target, now}: State): View {
	return initialState(target, now).view;
}
