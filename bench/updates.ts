/** Events per second through `update`, with the mix of a healthy cluster. */
import type {Event} from '../source/domain/events.ts';
import {update} from '../source/state/update.ts';
import {healthyFacts, snapshotFact} from '../test/support/captures.ts';
import {healthySession, start} from '../test/support/session.ts';
import type {Figure} from './report.ts';

const milliseconds = 3000;

export function updates(): Figure[] {
	let {state} = healthySession('trixie');
	const seconds = Array.from({length: 60}, (_, second) => eventsOfSecond(second));
	const perSecond = seconds[0]?.length ?? 0;
	let count = 0;
	const began = performance.now();
	for (let round = 1; performance.now() - began < milliseconds; round++) {
		for (const event of seconds[round % seconds.length] ?? []) {
			[state] = update(state, {at: start + round * 1000, event});
			count++;
		}
	}

	return [
		{
			what: 'update: events of a healthy cluster',
			unit: 'events/s',
			ours: count / ((performance.now() - began) / 1000),
			note: `a live console gets about ${perSecond} a second`,
		},
	];
}

/** All events of one second: polls, a put of `status` (Patroni writes it in each loop), the clock. */
export function eventsOfSecond(second: number): Event[] {
	const snapshot = snapshotFact('trixie');
	const status = snapshot.entries.find(({path}) => path === 'status');
	return [
		{type: 'tick'},
		...healthyFacts('trixie').map(fact =>
			fact.type === 'lease.read' ? {...fact, ttl: fact.grantedTtl - (second % 10)} : fact,
		),
		...(status === undefined
			? []
			: [
					{
						type: 'dcs.put' as const,
						source: 'watch:http://10.73.0.160:2379' as const,
						entry: {...status, modRevision: snapshot.revision + second},
					},
				]),
	];
}
