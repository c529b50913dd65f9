/** Findings by the machine and the member that each is about. */
import {hostOf, plainHost} from '../../lib/format.ts';
import type {Cluster} from '../cluster/cluster.ts';
import {keyOf} from '../cluster/cluster.ts';
import {type Machine, machines} from '../cluster/members.ts';
import type {FindingId} from './advice.ts';
import type {FindingContext} from './context.ts';
import type {Finding, Subject, Where} from './finding.ts';

/** The findings of a moment, and where each is. */
export class FoundFindings {
	readonly machines: readonly Machine[];
	readonly #cluster: Cluster;
	readonly #subjectOf: (id: FindingId) => Subject;
	readonly #byId = new Map<string, Finding[]>();

	constructor(
		{cluster, target, now}: FindingContext,
		found: readonly Finding[],
		subjectOf: (id: FindingId) => Subject,
	) {
		this.#cluster = cluster;
		this.#subjectOf = subjectOf;
		this.machines = machines(cluster, target, now);
		for (const finding of found) {
			const {id, about} = finding;
			this.#add(id, finding);
			this.#add(`${id} on ${this.machineOf(finding)}`, finding);
			if (about !== undefined && subjectOf(id) === 'member') {
				this.#add(`${id} of ${about}`, finding);
			}
		}
	}

	#add(place: string, finding: Finding): void {
		const all = this.#byId.get(place);
		if (all === undefined) {
			this.#byId.set(place, [finding]);
		} else {
			all.push(finding);
		}
	}

	/** The findings with these ids at a place. */
	at(ids: readonly FindingId[], where: Where): Finding[] {
		const places =
			where === undefined
				? ['']
				: [
						...(where.machines ?? []).map(name => ` on ${name}`),
						...(where.members ?? []).map(name => ` of ${name}`),
					];
		return [...new Set(ids.flatMap(id => places.flatMap(place => this.#byId.get(`${id}${place}`) ?? [])))];
	}

	/** The machine that a finding is about. */
	machineOf({id, about}: Finding): string | undefined {
		if (about === undefined) {
			return undefined;
		}

		switch (this.#subjectOf(id)) {
			case 'node': {
				return about;
			}

			case 'member': {
				return this.machineOfMember(about);
			}

			case 'etcd': {
				return (
					this.machines.find(({etcd}) => etcd === about) ?? this.machines.find(({name}) => name === about)
				)?.name;
			}

			case 'other': {
				return undefined;
			}
		}
	}

	/** By the address that the member publishes, or published before its key was deleted. */
	machineOfMember(member: string): string | undefined {
		const cluster = this.#cluster;
		const data = keyOf(cluster, `members/${member}`, 'member')?.value.data;
		const host = data?.host ?? hostOf(data?.apiUrl) ?? cluster.gone.get(`members/${member}`)?.host;
		const found =
			host === undefined
				? undefined
				: this.machines.find(machine => plainHost(machine.host) === plainHost(host));
		return (found ?? this.machines.find(({name}) => name === member))?.name;
	}

	membersAt(names: readonly string[]): Where {
		return {members: names, machines: names.flatMap(name => this.machineOfMember(name) ?? [])};
	}
}
