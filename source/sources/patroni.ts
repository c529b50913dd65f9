/** A member's own REST API: GET /patroni (Patroni 4.1 serves few requests at once, so at most one a second). */
import {lossOf} from '../connections/error-reason.ts';
import type {Rest} from '../connections/rest.ts';
import {askFairly} from '../lib/own-time.ts';
import {patroniStatus} from './patroni-status.ts';
import {poll, type Source} from './source.ts';

export function patroniSource(rest: Rest, member: string, url: string): Source {
	return async context => {
		const {emit, signal} = context;
		const source = `patroni:${member}` as const;
		emit({type: 'source.connecting', source});
		await poll(context, async () => {
			try {
				const {body, date} = await askFairly(async () => rest.get(url, signal), signal);
				emit({type: 'patroni.status', source, member, status: patroniStatus(body, date)});
			} catch (error) {
				if (!signal.aborted) {
					emit({type: 'source.lost', source, ...lossOf(error)});
				}
			}
		});
	};
}
