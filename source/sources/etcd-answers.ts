/** Validates etcd's answers, over gRPC or its JSON gateway, on receipt; an invalid one counts as no answer. */
import type {EtcdConnection, RawKey, RawRange} from '../connections/etcd-grpc.ts';
import type {EtcdAlarm, EtcdMember, EtcdStatus} from '../domain/facts.ts';
import {askFairly} from '../lib/own-time.ts';
import {type Order, poll, type Source} from './source.ts';

class NotEtcd extends Error {
	constructor(what: string) {
		super(`the answer has ${what}: is this etcd?`);
	}
}

/** @throws if the cluster id or the revision is missing */
export function checkedRange(range: RawRange): RawRange {
	const {clusterId, revision, keys} = range;
	if (!isId(clusterId)) {
		throw new NotEtcd('no cluster id');
	}

	if (!isRevision(revision)) {
		throw new NotEtcd('no revision');
	}

	keys.forEach(checkedKey);
	return range;
}

/** @throws NotEtcd */
export function checkedKey(key: RawKey): RawKey {
	if (!isRevision(key.createRevision) || !isRevision(key.modRevision) || key.key === '') {
		throw new NotEtcd('a key without its revisions');
	}

	return key;
}

/** @throws NotEtcd */
export function checkedRevision(revision: number): number {
	if (!isRevision(revision)) {
		throw new NotEtcd('no revision');
	}

	return revision;
}

/** @throws NotEtcd */
export function checkedStatus(status: EtcdStatus): EtcdStatus {
	const {memberId, version, dbSize, raftTerm, revision} = status;
	if (!isId(memberId) || typeof version !== 'string') {
		throw new NotEtcd('no member id');
	}

	if (![dbSize, raftTerm, revision].every(isCount)) {
		throw new NotEtcd('invalid numbers');
	}

	return status;
}

/** Leaves out client URLs that are invalid or unusable. @throws NotEtcd */
export function checkedMembers(members: readonly EtcdMember[]): EtcdMember[] {
	if (members.length === 0) {
		throw new NotEtcd('no members');
	}

	return members.map(member => {
		if (!isId(member.id) || typeof member.name !== 'string') {
			throw new NotEtcd('a member without its id');
		}

		return {...member, clientUrls: member.clientUrls.filter(isClientUrl)};
	});
}

export function checkedAlarms(alarms: readonly EtcdAlarm[]): EtcdAlarm[] {
	return alarms.filter(({memberId, alarm}) => isId(memberId) && typeof alarm === 'string');
}

/** @throws NotEtcd */
export function checkedLease<T extends {ttl: number; grantedTtl: number}>(lease: T): T {
	if (!Number.isSafeInteger(lease.ttl) || !isCount(lease.grantedTtl)) {
		throw new NotEtcd('no time of the lease');
	}

	return lease;
}

function isClientUrl(url: unknown): boolean {
	const parsed = typeof url === 'string' ? URL.parse(url) : null;
	return (
		parsed !== null && /^https?:$/.test(parsed.protocol) && parsed.hostname !== '' && parsed.port !== '0'
	);
}

/** etcd's ids are 64-bit decimal numbers; 0 stands for a missing field, or for no object. */
function isId(id: unknown): boolean {
	return typeof id === 'string' && /^\d{1,20}$/.test(id) && id !== '0';
}

function isRevision(value: number): boolean {
	return Number.isSafeInteger(value) && value > 0;
}

function isCount(value: number): boolean {
	return Number.isSafeInteger(value) && value >= 0;
}

type Asked = Pick<EtcdConnection, 'url' | 'leaseTimeToLive'>;

type Lease = {url: string; ttl: number; grantedTtl: number; began: number};

/** @param order shared by all sources that query etcd */
export function leaseSource(endpoints: () => readonly Asked[], lease: string, order: Order): Source {
	const ask = async (endpoint: Asked): Promise<Lease> => {
		const began = order();
		return {url: endpoint.url, began, ...checkedLease(await endpoint.leaseTimeToLive(lease))};
	};
	return async context => {
		/** URL of the endpoint that answered last. */
		let answered: string | undefined;
		await poll(context, async () => {
			const all = endpoints();
			try {
				const one = all.find(({url}) => url === answered);
				answered = undefined;
				const {
					answer: {url, ...read},
				} = await askFairly(
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
				// All endpoints failed: their own sources report why; the pane shows the lease with its age.
				if (!(error instanceof AggregateError)) {
					throw error;
				}
			}
		});
	};
}
