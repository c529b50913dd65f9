/** The acknowledged writes of the probe: whose they are, and to which leadership they belong. Pure. */
import type {Target} from '../target.ts';
import type {Cluster} from './cluster.ts';
import {memberOfAnswer} from './identities.ts';
import type {LeaderChanges, ServerWrites, Write} from './loss.ts';

const writesMax = 240;

export function withWrite(
	servers: readonly ServerWrites[],
	server: string,
	write: Write,
): readonly ServerWrites[] {
	return servers.map(one =>
		one.server === server ? {...one, writes: thinOut([...one.writes, write], writesMax)} : one,
	);
}

/** Keeps the first and the newest; of the others, the older, the fewer. */
function thinOut<T>(list: readonly T[], max: number): readonly T[] {
	const older = list.length - max / 2;
	return list.length <= max ? list : list.filter((_, index) => index >= older || index % 2 === 0);
}

/** A server's member may be known only once the member's own answer has the time of its start. */
export function withMembers(known: LeaderChanges, cluster: Cluster, target: Target): LeaderChanges {
	if (known.servers.every(({member}) => member !== undefined)) {
		return known;
	}

	const servers = known.servers.map(one => {
		const [address = '', started] = one.server.split(' ');
		const member = memberOfAnswer(cluster, target, {server: address, serverStartedAt: Number(started)});
		return one.member === undefined && member !== undefined ? {...one, member} : one;
	});
	return servers.every((one, index) => one === known.servers[index]) ? known : {...known, servers};
}

/** The new key of a leader that came back may be seen only after its first writes, ms. */
const keyMaxMs = 5000;

/** Moves the writes of a member that was replaced to that change. */
export function withoutReplaced(known: LeaderChanges, at: number): LeaderChanges {
	const last = known.changes.at(-1);
	const isReplaced = ({member, writes}: ServerWrites) =>
		last !== undefined &&
		member === last.from.leader &&
		member !== known.current?.leader &&
		((writes[0]?.startedAt ?? at) < last.at || (writes[0]?.at ?? at) < at - keyMaxMs);
	const moved = known.servers.filter(isReplaced);
	return last === undefined || moved.length === 0
		? known
		: {
				...known,
				servers: known.servers.filter(one => !isReplaced(one)),
				changes: known.changes.with(-1, {...last, servers: [...last.servers, ...moved]}),
			};
}
