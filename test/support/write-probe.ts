/** What the probe of writers reports, for stories of a write outage. */
import {target} from './session.ts';

/** The cluster that the console was made for, with a probe of writers. */
export const probedTarget = {
	...target,
	probe: {host: '10.73.0.172', ports: {write: 5000}, write: true},
};

const probe = {source: 'probe:5000', port: 5000, purpose: 'write', startedAt: 0} as const;

export const acknowledged = {
	type: 'probe.answered',
	...probe,
	server: '10.73.0.160:5432',
	inRecovery: false,
	latency: 3,
	write: true,
} as const;

export function unacknowledged(reason = 'connection refused') {
	return {type: 'probe.failed', ...probe, reason} as const;
}
