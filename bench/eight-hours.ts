/** Events of an eight-hour watch of a cluster, made from real answers. */
import type {Stamped} from '../source/domain/events.ts';
import type {State} from '../source/state/state.ts';
import {update} from '../source/state/update.ts';
import {healthySession, start} from '../test/support/session.ts';
import {eventsOfSecond} from './updates.ts';

export const seconds = 8 * 3600;
/** Facts that a console with one probe receives in a second. */
const probes = 10;

export type Moment = {stamped: Stamped; before: State};

/** Runs through the night second by second. @returns the state at its end */
export async function night(
	take: (moments: readonly Moment[], end: State) => Promise<unknown>,
): Promise<State> {
	let {state} = healthySession('trixie');
	const minute = Array.from({length: 60}, (_, second) => eventsOfSecond(second));
	for (let second = 0; second < seconds; second++) {
		const at = start + second * 1000;
		const [tick, ...facts] = minute[second % 60] ?? [];
		const moments: Moment[] = [];
		const events = [
			...(tick === undefined ? [] : [tick]),
			// Polled every two seconds.
			...(second % 2 === 0 ? facts : []),
			...Array.from({length: probes}, (_, probe): Stamped['event'] => ({
				type: 'probe.answered',
				source: 'probe:5000',
				port: 5000,
				purpose: 'write',
				startedAt: at + probe * 100,
				latency: 2 + ((second * 7 + probe * 3) % 5) / 3,
				server: '10.73.0.160:5432',
				inRecovery: false,
				write: true,
			})),
			// One lost source every five minutes.
			...(second % 300 === 299
				? [{type: 'source.lost' as const, source: 'patroni:pgdb2' as const, reason: 'no answer in time'}]
				: []),
		];
		for (const event of events) {
			const stamped = {at, event};
			moments.push({stamped, before: state});
			[state] = update(state, stamped);
		}

		await take(moments, state);
	}

	return state;
}
