/** Plays a recording: what keys mean to it, and the state that the screen shows. Nothing that it does reaches beyond this machine. */
import type {Command, Event, Intent} from '../domain/events.ts';
import {parseMoment} from '../domain/logs/moment.ts';
import type {Effect} from '../state/effect.ts';
import {erase, type} from '../state/input.ts';
import type {Playback} from '../state/playback.ts';
import {initialState, type State, topLayer, type View} from '../state/state.ts';
import {update} from '../state/update.ts';
import {RecordingError} from './error.ts';
import {Playhead} from './playhead.ts';
import type {Recording} from './reader.ts';

/** What a look at a recording can ask for; operations are none of it. */
export type LocalEffect = Extract<
	Effect,
	{type: 'quit' | 'suspend' | 'redraw' | 'copy' | 'logs.write' | 'logs.seek'}
>;

export type PlayerOptions = {
	/** Begins with what the operator looked at. */
	asOperator: boolean;
	perform: (effect: LocalEffect) => void;
};

const speeds: readonly number[] = [1, 2, 5, 10, 30, 60];

export class Player {
	readonly #recording: Recording;
	readonly #head: Playhead;
	readonly #perform: (effect: LocalEffect) => void;
	readonly #listeners = new Set<(state: State) => void>();
	readonly #zone: string;
	#playing = true;
	#speed = 1;
	#asOperator: boolean;
	/** What who looks at the recording chose to see. */
	#view: View;
	#prompt: Playback['prompt'];
	#problem: string | undefined;
	#playback: Playback | undefined;
	#shown: State | undefined;

	/** @throws RecordingError where there is nothing to play */
	constructor(recording: Recording, {asOperator, perform}: PlayerOptions) {
		if (recording.events === 0) {
			throw new RecordingError(
				`${recording.file}: nothing happens in it: it was cut short before its first event`,
			);
		}

		this.#recording = recording;
		this.#head = new Playhead(recording);
		this.#perform = perform;
		this.#asOperator = asOperator;
		this.#view = firstView(this.#head.state);
		this.#zone = zoneAt(recording.header.startedAt);
	}

	/** What the screen is a function of. */
	get state(): State {
		this.#shown ??= this.#compose();
		return this.#shown;
	}

	get playing(): boolean {
		return this.#playing;
	}

	/** @returns the way to stop listening. */
	readonly subscribe = (listener: (state: State) => void): (() => void) => {
		this.#listeners.add(listener);
		return () => {
			this.#listeners.delete(listener);
		};
	};

	/** So many ms have passed for who looks at it. */
	advance(milliseconds: number): void {
		if (this.#playing) {
			this.#move(() => {
				this.#head.playTo(this.#head.time + milliseconds * this.#speed);
				this.#playing = !this.#head.atEnd;
			});
		}
	}

	readonly dispatch = (intent: Intent): void => {
		if (this.#prompt !== undefined && this.#typeInto(this.#prompt, intent)) {
			this.#tell();
		} else if (intent.type !== 'command' || !this.#play(intent.command)) {
			this.look(intent);
		}
	};

	/** To look around is a matter of the view alone. */
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

		this.#tell();
	}

	/** True where the command was one of the player's. */
	#play(command: Command): boolean {
		const move = this.#moves[command];
		if (move !== undefined) {
			this.#move(() => {
				move();
			});
			return true;
		}

		if (command === 'quit' || command === 'suspend' || command === 'redraw') {
			this.#perform({type: command});
			return true;
		}

		return false;
	}

	readonly #moves: Partial<Record<Command, () => void>> = {
		'play.toggle': () => {
			if (!this.#playing && this.#head.atEnd) {
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
			const layer = topLayer(this.#view);
			const entry = layer?.kind === 'entries' ? this.#head.state.timeline[Number(layer.selected)] : undefined;
			this.#head.toTime(entry?.at ?? this.#head.time);
			this.#view = {...this.#view, layers: this.#view.layers.slice(0, -1)};
		},
		'play.first': () => {
			this.#head.toPosition(0);
		},
		'play.last': () => {
			this.#playing = false;
			this.#head.toPosition(this.#recording.events);
		},
		'play.time': () => {
			this.#prompt = {text: '', problem: undefined};
		},
		'play.view': () => {
			this.#asOperator = !this.#asOperator;
		},
	};

	/** True where the line that asks for a time took it. */
	#typeInto(prompt: {text: string}, intent: Intent): boolean {
		if (intent.type === 'typed') {
			this.#prompt = {text: type(prompt.text, intent.text), problem: undefined};
			return true;
		}

		switch (intent.command) {
			case 'text.erase':
			case 'text.clear': {
				const text = intent.command === 'text.clear' ? '' : erase(prompt.text);
				this.#prompt = {text, problem: undefined};
				return true;
			}

			case 'dismiss': {
				this.#prompt = undefined;
				return true;
			}

			case 'prompt.take': {
				this.#goTo(prompt.text);
				return true;
			}

			default: {
				return false;
			}
		}
	}

	#goTo(text: string): void {
		const {time} = this.#head;
		const onwards = /^\+\s*(?=\d)/.test(text.trim());
		// A time of the day is the last such one of the recording; -5m and +5m count from where it is.
		const isStep = /^[+-]/.test(text.trim());
		const moment = parseMoment(text.trim().replace(/^\+\s*/, '-'), isStep ? time : this.#recording.endedAt);
		if ('problem' in moment) {
			this.#prompt = {text, problem: moment.problem};
			return;
		}

		this.#prompt = undefined;
		this.#move(() => {
			this.#head.toTime(onwards ? 2 * time - moment.at : moment.at);
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

		this.#tell();
	}

	#tell(): void {
		this.#shown = undefined;
		for (const listener of this.#listeners) {
			listener(this.state);
		}
	}

	#compose(): State {
		const replay = this.#told();
		const {state} = this.#head;
		return this.#asOperator
			? {...state, recording: undefined, replay}
			: {
					...state,
					recording: undefined,
					target: {...state.target, hands: 'off'},
					view: this.#view,
					replay,
				};
	}

	/** The same object as long as all that is seen of it is the same. */
	#told(): Playback {
		const {places, endedAt, events, cutShort} = this.#recording;
		const head = this.#head;
		const time = this.#playing ? Math.floor(head.time / 1000) * 1000 : head.time;
		const next: Playback = {
			playing: this.#playing,
			speed: this.#speed,
			time,
			from: places[0]?.at ?? time,
			to: endedAt,
			zone: this.#zone,
			marks: this.#recording.marks,
			events,
			step: this.#playing ? undefined : {position: head.position, event: inWords(head.last?.event)},
			end: head.atEnd
				? cutShort
					? 'cut short here: the console was killed, or could not write on'
					: 'the recording ends here'
				: undefined,
			asOperator: this.#asOperator,
			prompt: this.#prompt,
			problem: this.#problem,
		};
		const known = this.#playback;
		if (known === undefined || !isSame(known, next)) {
			this.#playback = next;
		}

		return this.#playback ?? next;
	}
}

function isLocal(effect: Effect): effect is LocalEffect {
	return ['copy', 'logs.write', 'logs.seek'].includes(effect.type);
}

function firstView({target, now}: State): View {
	return initialState(target, now).view;
}

function isSame(a: Playback, b: Playback): boolean {
	return (Object.keys(b) as (keyof Playback)[]).every(
		key => a[key] === b[key] || (key === 'step' && a.step?.position === b.step?.position),
	);
}

function inWords(event: Event | undefined): string {
	if (event === undefined) {
		return '';
	}

	const about = 'source' in event ? event.source : event.type === 'command' ? event.command : '';
	return [event.type, about].filter(Boolean).join(' ');
}

function zoneAt(at: number): string {
	const parts = new Intl.DateTimeFormat('en', {timeZoneName: 'short'}).formatToParts(at);
	return parts.find(part => part.type === 'timeZoneName')?.value ?? '';
}
