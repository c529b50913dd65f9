/** The topologies of the lab that the usual tests leave out. */
import {tellStories} from '../support/topology-stories.ts';

for (const topology of ['leader-vip', 'vip-manager', 'pgbouncer'] as const) {
	tellStories(topology);
}
