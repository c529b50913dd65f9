/** A node's HAProxy: its statistics as CSV. */
import {reasonOf} from '../connections/reason.ts';
import type {Rest} from '../connections/rest.ts';
import {haproxyStats} from './haproxy-csv.ts';
import {poll, type Source} from './source.ts';

export function haproxySource(http: Rest, node: string, url: string): Source {
	return async context => {
		const {emit, signal} = context;
		const source = `haproxy:${node}` as const;
		emit({type: 'source.connecting', source});
		await poll(context, async () => {
			try {
				const {status, body} = await http.get(url, signal);
				if (status === 401) {
					throw new Error('HAProxy asks for a user (stats auth), which pgha-top has none for');
				}

				if (status !== 200) {
					throw new Error(`HAProxy answers ${status}: check haproxy.path`);
				}

				emit({type: 'haproxy.stats', source, node, ...haproxyStats(body)});
			} catch (error) {
				if (!signal.aborted) {
					emit({type: 'source.lost', source, reason: reasonOf(error)});
				}
			}
		});
	};
}
