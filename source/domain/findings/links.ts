/** What the table of causes is written with: which findings, and in what place, may cause another. */
import type {Member} from '../cluster/member.ts';
import type {Service} from '../cluster/services.ts';
import type {FindingId} from './advice.ts';
import type {Finding} from './finding.ts';
import {anywhere, nowhere, type Subject, type Where} from './finding.ts';
import type {Places} from './places.ts';

/** Possible causes of a finding, and where they must be found. */
export type Link = {
	from: readonly FindingId[];
	/** The service, if the cause is `service.down`. */
	part?: string;
	where: (places: Places, finding: Finding) => Where;
};

export type Cause = {
	subject: Subject;
	/** The nearest cause first; a finding without entries is always a root. */
	follows: readonly Link[];
};

export type Locate = Link['where'];

export const sameMachine: Locate = (places, finding) => places.sameMachine(finding);
export const sameMember: Locate = (places, finding) => places.sameMember(finding);
export const leader: Locate = places => places.leader();
export const formerLeaders: Locate = places => places.formerLeaders();
export const replacedLeaders: Locate = places => places.replacedLeaders();
export const lostHolders: Locate = places => places.lostHolders();
export const slotMember: Locate = (places, finding) => places.slotMember(finding);
export const holder: Locate = places => places.holder();
export const lostEtcd: Locate = places => places.lostEtcd();
export const etcdMachines: Locate = places => places.etcdMachines();
export const blindNodes: Locate = places => places.blindNodes();
export const destinations: Locate = (places, finding) => places.destinations(finding);
export const upstream: Locate = (places, finding) => places.upstream(finding);
export const onTheWay: Locate = (places, finding) => places.onTheWay(finding);
export const handsOver: Locate = (places, finding) => places.handsOver(finding);
export const everywhere: Locate = () => anywhere;
export const throughVip: Locate = ({context: {target}}) =>
	target.probe?.host === target.vip ? anywhere : nowhere;
/** Limits a cause to findings about one service, e.g. Patroni. */
export const ofService =
	(service: string, where: Locate): Locate =>
	(places, finding) =>
		finding.part === service ? where(places, finding) : nowhere;

export const link = (from: readonly FindingId[], where: Locate = everywhere, part?: string): Link => ({
	from,
	where,
	...(part === undefined ? {} : {part}),
});

/** The loss of a machine: everything on it follows from that. */
export const machine = (where: Locate) => link(['node.off', 'node.rebooting', 'node.silent'], where);
export const service = (name: Service, where: Locate) =>
	link(['service.down', 'service.restarting'], where, name);
export const patroni = (where: Locate) => service('patroni', where);
/** The loss of the finding's machine, or of Patroni on it. */
export const ofItsMachine = [machine(sameMachine), patroni(sameMachine)];
export const restarting = (name: Service, where = sameMachine) => link(['service.restarting'], where, name);
export const handover = (where: Locate = everywhere) => link(['switchover.running'], where);
/** The copy or restart of the finding's member. */
export const ofItsMember = link(['restart.running', 'reinitialize.running'], sameMember);
export const ofItsMemberOnTheWay = link(['restart.running', 'reinitialize.running'], onTheWay);

export const root = (subject: Subject = 'other'): Cause => ({subject, follows: []});
export const from = (subject: Subject, ...follows: readonly Link[]): Cause => ({subject, follows});

/** HAProxy's checks ask Patroni on the leader's machine. */
export const noRoute: readonly Link[] = [
	link(['etcd.no-quorum', 'rest.cut-off', 'leader.none', 'leader.not-writable', 'leader.unconfirmed']),
	machine(leader),
	patroni(leader),
	link(['rest.blind'], leader),
	machine(replacedLeaders),
	patroni(replacedLeaders),
	handover(),
	link(['restart.running'], leader),
];

/** Findings with which a member does not receive WAL, or does not run. */
export const memberIsOut: readonly FindingId[] = [
	'member.diverged',
	'member.cannot-follow',
	'member.stopping',
	'member.gone',
	'member.unregistered',
	'member.state',
	'member.not-streaming',
];

/** Links for findings that hold because no standby is left. */
export function noStandby(isExempt: (member: Member) => boolean): readonly Link[] {
	const lost: Locate = places => places.lostStandbys(isExempt);
	return [machine(lost), patroni(lost), link(memberIsOut, lost), handover()];
}
