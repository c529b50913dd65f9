/** The leader key's lease: how long it still lives, read again and again through an endpoint that answers. */
import type {EtcdReads} from '../connections/etcd-http.ts';
import {askFairly} from '../lib/own-time.ts';
import {checkedLease} from './etcd-answers.ts';
import {type Order, poll, type Source} from './source.ts';

type Lease = {url: string; ttl: number; grantedTtl: number; began: number};

/** @param order shared by all sources that ask etcd. */
export function leaseSource(endpoints: () => readonly EtcdReads[], lease: string, order: Order): Source {
	const ask = async (endpoint: EtcdReads): Promise<Lease> => {
		const began = order();
		return {url: endpoint.url, began, ...checkedLease(await endpoint.leaseTimeToLive(lease))};
	};
	return async context => {
		/** The one that answered last. */
		let answered: string | undefined;
		await poll(context, async () => {
			const all = endpoints();
			try {
				const one = all.find(({url}) => url === answered);
				answered = undefined;
				const {url, ...read} = await askFairly(
					async () =>
						one === undefined
							? Promise.any(all.map(ask))
							: ask(one).catch(async () => Promise.any(all.filter(other => other !== one).map(ask))),
					context.signal,
				);
				answered = url;
				if (!context.signal.aborted) {
					context.emit({type: 'lease.read', source: `etcd:${url}`, lease, ...read});
				}
			} catch (error) {
				// Every endpoint failed: each one's own source says why; the pane shows the lease with its age.
				if (!(error instanceof AggregateError)) {
					throw error;
				}
			}
		});
	};
}
