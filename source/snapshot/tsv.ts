/** `--format tsv`: a line for each member; what is not known now is empty. */
import {isStoreRead, knownMembers} from './known.ts';
import type {Snapshot} from './schema.ts';

const columns = [
	'scope',
	'verdict',
	'member',
	'host',
	'port',
	'role',
	'state',
	'timeline',
	'lag',
	'pending_restart',
] as const;

export function snapshotTsv(snapshot: Snapshot): string {
	const known = new Map(knownMembers(snapshot).map(one => [one.name, one]));
	const rows = snapshot.members.map(({name, host, port}) => {
		const {role, state, timeline, lag, pendingRestart} = known.get(name) ?? {};
		const address = isStoreRead(snapshot) ? {host, port} : undefined;
		return [
			snapshot.scope,
			snapshot.verdict,
			name,
			address?.host,
			address?.port,
			role,
			state,
			timeline,
			lag,
			pendingRestart,
		].map(cell => (cell ?? '').toString());
	});
	return [columns, ...rows].map(cells => `${cells.join('\t')}\n`).join('');
}
