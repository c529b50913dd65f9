/** What the screen shows as fresh of a member. */
import {isFresh} from '../../source/domain/cluster/freshness.ts';
import {dcsIsRead, leaderKey} from '../../source/domain/cluster/keys.ts';
import type {Member} from '../../source/domain/cluster/member.ts';
import type {SourceId} from '../../source/domain/facts.ts';
import type {State} from '../../source/state/state.ts';
import {boundOf, type Claim, polled, pushed} from './claim.ts';
import {hung, unsent} from './truth.ts';

/** States of PostgreSQL that agree with Patroni's state. */
function acceptedStates(one: Member): string[] {
	if (one.upstream?.state === 'none' && one.state !== 'stopping') {
		return one.upstream.from === undefined
			? ['idle', unsent, 'primary', hung, 'down']
			: ['streaming', unsent];
	}

	switch (one.state) {
		case 'running': {
			return ['primary', 'streaming', unsent, 'idle'];
		}

		case 'streaming': {
			return ['streaming', unsent];
		}

		case 'in archive recovery': {
			return ['idle'];
		}

		case 'stopped':
		case 'crashed':
		case 'start failed': {
			return ['down'];
		}

		default: {
			return ['down', hung, 'idle'];
		}
	}
}

export function memberClaims(one: Member, state: State, loopWaitMs: number): Claim[] {
	const {cluster, now} = state;
	const rest: SourceId = `patroni:${one.name}`;
	const claims: Claim[] = [];
	if (dcsIsRead(cluster, now) && one.key !== undefined && one.roleFrom === 'dcs') {
		const source = dcsSource(state);
		claims.push({
			subject: `role:${one.name}`,
			shown: one.role,
			accepts: new Set([one.role]),
			source,
			boundMs: boundOf(source),
			changeMs: pushed,
		});
	}

	const leader = leaderKey(cluster)?.member;
	if (typeof one.lag === 'number' && one.lagIsNow && leader !== undefined) {
		const {name, lag, lagFrom} = one;
		claims.push(
			lagFrom === 'dcs'
				? lagClaim({name, lag, leader, source: dcsSource(state), publishedMs: 2 * loopWaitMs})
				: lagClaim({name, lag, leader, source: rest, publishedMs: 0}),
		);
	}

	if (!one.restSees) return claims;
	claims.push({
		subject: `rest:${one.name}`,
		shown: 'answers',
		accepts: new Set(['answers']),
		source: rest,
		boundMs: boundOf(rest),
		changeMs: polled,
	});
	// Its own answer is newer than its key, or the key is of its last loop.
	const published = one.restIsNewer ? 0 : loopWaitMs;
	const common = {source: rest, boundMs: boundOf(rest) + published, changeMs: polled + published};
	claims.push({
		subject: `state:${one.name}`,
		shown: one.state,
		accepts: new Set(acceptedStates(one)),
		...common,
	});
	if (one.timeline !== undefined) {
		// A stopped member keeps its last timeline.
		const accepts = new Set([
			String(one.timeline),
			...(one.state === 'running' || one.state === 'streaming' ? [] : ['down', hung]),
		]);
		claims.push({subject: `timeline:${one.name}`, shown: String(one.timeline), accepts, ...common});
	}

	return claims;
}

/** Both positions are of some moments within the bound, so that any two of that time may be compared. */
function lagClaim({
	name,
	lag,
	leader,
	source,
	publishedMs,
}: {
	name: string;
	lag: number;
	leader: string;
	source: SourceId;
	/** Since when both may have been published, ms. */
	publishedMs: number;
}): Claim {
	const numbers = (values: ReadonlySet<string | undefined>) =>
		[...values].map(value => (value === undefined ? Number.NaN : Number(value)));
	return {
		subject: `lsn:${name}`,
		shown: `lag ${lag}`,
		accepts: new Set(),
		isPossible(valuesOf) {
			const [written, received] = [numbers(valuesOf(`lsn:${leader}`)), numbers(valuesOf(`lsn:${name}`))];
			// NaN if one was not sampled: then no judgement is possible.
			const least = Math.min(...written) - Math.max(...received);
			const most = Math.max(...written) - Math.min(...received);
			return Number.isNaN(least) || Number.isNaN(most) || (lag >= least && lag <= Math.max(0, most));
		},
		source,
		boundMs: boundOf(source) + publishedMs,
		changeMs: Number.POSITIVE_INFINITY,
	};
}

/** The etcd endpoint whose answers the keys on the screen are of. */
export function dcsSource({cluster, now}: State): SourceId {
	const known = cluster.read?.source;
	return (
		known ??
		[...cluster.sourceStatuses.keys()].find(
			one => one.startsWith('dcs:') && isFresh(cluster.sourceStatuses.get(one), one, now),
		) ??
		'dcs:none'
	);
}
