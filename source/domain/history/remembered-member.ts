/** A member of Patroni's by what the lines of its node say, and as live sources would report it. Pure. */
import {originOf} from '../cluster/cluster-view.ts';
import type {PatroniStatus, Replication} from '../facts.ts';
import type {Said} from './said.ts';

/** A member as the lines up to now have it. */
export type RememberedMember = {
	name: string;
	node: string;
	host: string;
	role: string;
	state: string;
	timeline: number | undefined;
	/** What it last named as the holder of the leader key. */
	leader: string | undefined;
	/** Whether it streams from the leader; undefined: no line says. */
	streams: boolean | undefined;
	/** Its last contact with the DCS, Unix ms. */
	dcsAt: number | undefined;
};

/** Undefined: the line says nothing of the member itself. */
export function memberAfter(before: RememberedMember, said: Said, at: number): RememberedMember | undefined {
	switch (said.kind) {
		case 'patroni.leads': {
			return {
				...before,
				role: said.why === 'standby leader' ? 'standby_leader' : 'primary',
				state: 'running',
				leader: before.name,
				streams: undefined,
				dcsAt: at,
			};
		}

		case 'patroni.promoted': {
			return {...before, role: 'primary', leader: before.name, streams: undefined, dcsAt: at};
		}

		case 'patroni.follows': {
			return {
				...before,
				role: 'replica',
				state: 'running',
				leader: said.leader ?? before.leader,
				streams: before.streams ?? true,
				dcsAt: at,
			};
		}

		case 'patroni.lock-owner': {
			return {...before, leader: said.leader, dcsAt: at};
		}

		case 'patroni.waits': {
			return {...before, leader: undefined, dcsAt: at};
		}

		case 'patroni.demoted':
		case 'patroni.lock-lost': {
			return {...before, role: 'replica', leader: said.leader};
		}

		case 'patroni.dcs-lost': {
			return {...before, dcsAt: undefined};
		}

		case 'postgres.starting':
		case 'postgres.crash-recovery': {
			return {...before, state: 'starting'};
		}

		case 'postgres.ready': {
			return {...before, state: 'running', role: 'primary', streams: undefined};
		}

		case 'postgres.ready-standby': {
			return {...before, state: 'running', role: 'replica'};
		}

		case 'postgres.stop-requested': {
			return {...before, state: 'stopping'};
		}

		case 'postgres.stopped': {
			return {...before, state: 'stopped', streams: false};
		}

		case 'postgres.crashed':
		case 'postgres.panic': {
			return {...before, state: 'crashed', streams: false};
		}

		case 'postgres.new-timeline': {
			return {...before, timeline: said.timeline ?? before.timeline};
		}

		case 'postgres.streaming-began': {
			return {...before, streams: true, timeline: said.timeline ?? before.timeline};
		}

		case 'postgres.streaming-lost': {
			return {...before, streams: false};
		}

		default: {
			return undefined;
		}
	}
}

/** Ties a member to its view, and says what it is: in the logs there is no address of its REST API. */
export function urlOf({node}: RememberedMember): string {
	return `log://${encodeURIComponent(node)}`;
}

/** The source of what the member reads of the cluster. */
export function viewOf(member: RememberedMember): `view:${string}` {
	return `view:${originOf(urlOf(member)) ?? member.name}`;
}

/** Its answer to GET /patroni, as far as lines say it. */
export function statusOf(
	member: RememberedMember,
	at: number,
	replication: readonly Replication[],
): PatroniStatus {
	const {name, role, state, timeline, streams, dcsAt, leader} = member;
	return {
		state,
		role,
		serverVersion: undefined,
		timeline,
		location: undefined,
		received: undefined,
		replayed: undefined,
		replicationState: streams ? 'streaming' : undefined,
		replication,
		syncStandby: false,
		quorumStandby: false,
		pause: false,
		clusterUnlocked: dcsAt !== undefined && leader === undefined,
		failsafeModeIsActive: false,
		dcsLastSeen: dcsAt === undefined ? undefined : Math.floor(dcsAt / 1000),
		pendingRestart: false,
		scheduledRestart: undefined,
		tags: {},
		version: undefined,
		name,
		systemId: undefined,
		postmasterStartTime: undefined,
		serverTime: at,
	};
}
