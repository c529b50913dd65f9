/** A node's HAProxy: its statistics as CSV. */

import type {Credentials} from '../config/access.ts';
import {lossOf} from '../connections/error-reason.ts';
import type {Rest} from '../connections/rest.ts';
import {askFairly} from '../lib/own-time.ts';
import {haproxyStats} from './haproxy-csv.ts';
import {poll, type Source} from './source.ts';

const asksForUser = 'asks for a user (stats auth): give haproxy.user and haproxy.password';
const refusesUser = 'refuses haproxy.user and haproxy.password (stats auth)';

export function haproxySource(http: Rest, node: string, url: string, user?: Credentials): Source {
	return async context => {
		const {emit, signal} = context;
		const source = `haproxy:${node}` as const;
		emit({type: 'source.connecting', source});
		await poll(context, async () => {
			try {
				const {status, body} = await askFairly(async () => http.get(url, signal, user), signal);
				if (status === 401) {
					throw new Error(user === undefined ? asksForUser : refusesUser);
				}

				if (status !== 200) {
					throw new Error(`HAProxy answers ${status}: check haproxy.path`);
				}

				emit({type: 'haproxy.stats', source, node, ...haproxyStats(body)});
			} catch (error) {
				if (!signal.aborted) {
					emit({type: 'source.lost', source, ...lossOf(error)});
				}
			}
		});
	};
}
