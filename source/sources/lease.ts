/** The leader key's lease: how long it still lives, read once a second through the first endpoint that answers. */
import type {EtcdReads} from '../connections/etcd-gateway.ts';
import {poll, type Source} from './source.ts';

const interval = 1000;

export function leaseSource(endpoints: () => readonly EtcdReads[], lease: string): Source {
	return async context =>
		poll(context, interval, async () => {
			try {
				const {url, ttl, grantedTtl} = await Promise.any(
					endpoints().map(async endpoint => ({
						url: endpoint.url,
						...(await endpoint.leaseTimeToLive(lease)),
					})),
				);
				if (!context.signal.aborted) {
					context.emit({type: 'lease.read', source: `etcd:${url}`, lease, ttl, grantedTtl});
				}
			} catch (error) {
				// Every endpoint failed: each one's own source says why; the pane shows the lease with its age.
				if (!(error instanceof AggregateError)) {
					throw error;
				}
			}
		});
}
