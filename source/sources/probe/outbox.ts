/**
 * What the probes' thread says to the screen's. Answers that say nothing new wait for each other: each message wakes a thread, which
 * cost an idle console more than the answer itself.
 */
import type {Event} from '../../domain/events.ts';

/** ms that an answer waits at most. */
export const waitMaxMs = 500;

/** ms: a slower answer is shown at once if it is the slowest for a while. */
const longMs = 20;
const longerBy = 1.5;
/** With each answer; after a few seconds a slow one is news again. */
const longestFades = 0.98;

export class Outbox<Report> {
	readonly #post: (reports: readonly Report[]) => void;
	#waiting: Report[] = [];
	#timer: NodeJS.Timeout | undefined;

	constructor(post: (reports: readonly Report[]) => void) {
		this.#post = post;
	}

	/** In the order of the calls. @param canWait for later ones, up to half a second */
	add(report: Report, canWait: boolean): void {
		this.#waiting.push(report);
		if (canWait) {
			this.#timer ??= setTimeout(this.#send, waitMaxMs);
		} else {
			this.#send();
		}
	}

	readonly #send = () => {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		const reports = this.#waiting;
		this.#waiting = [];
		this.#post(reports);
	};
}

type Answered = Event & {type: 'probe.answered'};

/** A probe's answers after each other. */
export class Answers {
	#last: Answered | undefined;
	/** ms, of the answers that the screen has got without waiting, and of those that waited since. */
	#longest = 0;

	/** Whether the event is an answer of the same server in the same role as the one right before it, and no slower. */
	isRoutine(event: Event): boolean {
		const last = this.#last;
		if (event.type !== 'probe.answered') {
			this.#last = undefined;
			return false;
		}

		this.#last = event;
		const isLonger = event.latency >= longMs && event.latency > this.#longest * longerBy;
		this.#longest = isLonger ? event.latency : Math.max(event.latency, this.#longest * longestFades);
		return (
			!isLonger &&
			last !== undefined &&
			event.first !== true &&
			last.server === event.server &&
			last.serverStartedAt === event.serverStartedAt &&
			last.inRecovery === event.inRecovery &&
			last.write === event.write
		);
	}
}
