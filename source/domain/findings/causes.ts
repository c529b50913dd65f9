/** The table of causes: what the `about` of each finding names, and which findings it can follow from. */
import type {Member} from '../cluster/member.ts';
import {isNoLoadBalance, isNoSync} from '../cluster/member.ts';
import {type Service, serviceIds} from '../cluster/services.ts';
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

type Locate = Link['where'];

const sameMachine: Locate = (places, finding) => places.sameMachine(finding);
const sameMember: Locate = (places, finding) => places.sameMember(finding);
const leader: Locate = places => places.leader();
const formerLeaders: Locate = places => places.formerLeaders();
const replacedLeaders: Locate = places => places.replacedLeaders();
const lostHolders: Locate = places => places.lostHolders();
const slotMember: Locate = (places, finding) => places.slotMember(finding);
const holder: Locate = places => places.holder();
const lostEtcd: Locate = places => places.lostEtcd();
const etcdMachines: Locate = places => places.etcdMachines();
const blindNodes: Locate = places => places.blindNodes();
const destinations: Locate = (places, finding) => places.destinations(finding);
const upstream: Locate = (places, finding) => places.upstream(finding);
const onTheWay: Locate = (places, finding) => places.onTheWay(finding);
const handsOver: Locate = (places, finding) => places.handsOver(finding);
const everywhere: Locate = () => anywhere;
const throughVip: Locate = ({context: {target}}) => (target.probe?.host === target.vip ? anywhere : nowhere);
/** Limits a cause to findings about one service, e.g. Patroni. */
const ofService =
	(service: string, where: Locate): Locate =>
	(places, finding) =>
		finding.part === service ? where(places, finding) : nowhere;

const link = (from: readonly FindingId[], where: Locate = everywhere, part?: string): Link => ({
	from,
	where,
	...(part === undefined ? {} : {part}),
});

/** The loss of a machine: everything on it follows from that. */
const machine = (where: Locate) => link(['node.off', 'node.rebooting', 'node.silent'], where);
const service = (name: Service, where: Locate) => link(['service.down', 'service.restarting'], where, name);
const patroni = (where: Locate) => service('patroni', where);
/** The loss of the finding's machine, or of Patroni on it. */
const ofItsMachine = [machine(sameMachine), patroni(sameMachine)];
const restarting = (name: Service, where = sameMachine) => link(['service.restarting'], where, name);
const handover = (where: Locate = everywhere) => link(['switchover.running'], where);
/** The copy or restart of the finding's member. */
const ofItsMember = link(['restart.running', 'reinitialize.running'], sameMember);
const ofItsMemberOnTheWay = link(['restart.running', 'reinitialize.running'], onTheWay);

const root = (subject: Subject = 'other'): Cause => ({subject, follows: []});
const from = (subject: Subject, ...follows: readonly Link[]): Cause => ({subject, follows});

/** HAProxy's checks ask Patroni on the leader's machine. */
const noRoute: readonly Link[] = [
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
const memberIsOut: readonly FindingId[] = [
	'member.diverged',
	'member.stopping',
	'member.gone',
	'member.unregistered',
	'member.state',
	'member.not-streaming',
];

/** Links for findings that hold because no standby is left. */
function noStandby(isExempt: (member: Member) => boolean): readonly Link[] {
	const lost: Locate = places => places.lostStandbys(isExempt);
	return [machine(lost), patroni(lost), link(memberIsOut, lost), handover()];
}

/** Every finding needs an entry here; `follows` must not form a cycle. */
export const causeTable: Readonly<Record<FindingId, Cause>> = {
	'node.off': root('node'),
	'node.rebooting': root('node'),
	'node.silent': root('node'),

	'switchover.running': root(),
	'restart.running': root('member'),
	'reinitialize.running': root('member'),
	'service.restarting': root('node'),

	'leader.none': from(
		'other',
		machine(formerLeaders),
		patroni(formerLeaders),
		link(['etcd.rebuilt'], places => places.leftBehind('leader')),
		handover(),
	),
	'leader.no-lease': root('member'),
	'leader.lease-short': from('member', ...ofItsMachine, link(['rest.blind'], sameMember)),
	'leader.not-writable': from(
		'member',
		...ofItsMachine,
		link(['member.stopping'], sameMember),
		machine(replacedLeaders),
		patroni(replacedLeaders),
		handover(handsOver),
		ofItsMemberOnTheWay,
	),
	'leader.unconfirmed': from(
		'member',
		link(['leader.two']),
		...ofItsMachine,
		link(['member.stopping'], sameMember),
		handover(handsOver),
		ofItsMemberOnTheWay,
	),
	'leader.two': root(),
	'postgres.outside': from('member', link(['leader.two', 'leader.denied'])),
	'postgres.system': root('member'),
	'postgres.denied': root('member'),
	'postgres.rights': root(),
	'slot.lost': root('member'),
	'sessions.full': root('member'),
	'transaction.old': root('member'),
	'prepared.old': root('member'),
	'archiver.failing': root('member'),
	'settings.lower': root('member'),
	'extension.missing': root('member'),
	'collation.changed': root('member'),
	'beliefs.differ': from('other', link(['leader.two']), handover()),
	'leader.denied': from('member', link(['leader.two'])),
	'failsafe.active': from('other', link(['etcd.no-quorum', 'etcd.unreachable', 'rest.cut-off'])),

	'standby.none': from('other', ...noStandby(isNoSync)),
	'node.no-member': from('node', ...ofItsMachine, link(['etcd.rebuilt'])),
	'member.gone': from('member', ...ofItsMachine, link(['leader.none'], formerLeaders)),
	'member.unregistered': from(
		'member',
		...ofItsMachine,
		link(['etcd.rebuilt'], (places, {about}) => places.leftBehind(`members/${about}`)),
	),
	'member.state': from('member', ...ofItsMachine, handover(handsOver), ofItsMemberOnTheWay),
	'member.stopping': from('member', machine(sameMachine)),
	'member.not-streaming': from(
		'member',
		link(['member.diverged'], sameMember),
		...ofItsMachine,
		link(['leader.none'], (places, finding) =>
			places.configuredUpstream(finding) === undefined ? anywhere : nowhere,
		),
		link(['leader.not-writable'], upstream),
		machine(upstream),
		patroni(upstream),
		ofItsMember,
		link(['restart.running'], upstream),
		handover((places, finding) => places.upstreamHandsOver(finding)),
	),
	'member.diverged': root('member'),
	'member.lag': from(
		'member',
		...ofItsMachine,
		link(['member.diverged', 'member.state', 'member.not-streaming', 'member.replay-paused'], sameMember),
		link(['reinitialize.running'], sameMember),
	),
	'member.lag-unknown': from(
		'member',
		...ofItsMachine,
		link(['member.stopping', 'member.state', 'member.not-streaming'], sameMember),
		ofItsMember,
		handover(handsOver),
	),
	'member.timeline': from(
		'member',
		...ofItsMachine,
		link(['member.diverged', 'member.state', 'member.not-streaming'], sameMember),
		ofItsMember,
		handover(),
	),
	'member.watchdog': root('member'),
	'member.replay-paused': root('member'),
	'member.log-lost': root('member'),
	'member.pending-restart': root('member'),
	'member.restart-scheduled': root('member'),
	'restart.dropped': from(
		'member',
		link(['cluster.paused'], (places, {about}) =>
			places.pausedAt(places.context.cluster.droppedRestarts.get(about ?? '')?.scheduledAt),
		),
	),
	'slot.holds-wal': from('other', machine(slotMember), patroni(slotMember), link(memberIsOut, slotMember)),
	'sync.none': from('other', ...noStandby(isNoSync)),
	'sync.blocked': from('other', ...noStandby(isNoSync)),
	'sync.gone': from('member', ...ofItsMachine, link(['member.gone'], sameMember)),
	'version.differs': root(),
	'clock.apart': root('member'),
	'address.local': root('member'),
	'address.same': root('member'),
	'address.other': from('member', link(['address.local', 'address.same'], sameMember)),
	'address.withheld': root(),
	'rest.blind': from('member', ...ofItsMachine, link(['leader.unconfirmed'], sameMember)),
	'rest.connecting': root(),
	'rest.unreachable': root(),
	'rest.cut-off': root(),
	'rest.apart': from('member', link(['rest.cut-off'])),

	'dcs.none': from(
		'other',
		link(['etcd.rebuilt'], places => places.leftBehind('initialize')),
	),
	'dcs.citus': root(),
	'dcs.key': root(),
	'dcs.config': from(
		'other',
		link(['etcd.rebuilt'], places => places.leftBehind('config')),
	),
	'cluster.paused': root(),
	'switchover.scheduled': root(),
	'switchover.dropped': from(
		'other',
		link(['cluster.paused'], places => places.pausedAt(places.context.cluster.dropped?.scheduledAt)),
	),
	'config.timing': root(),

	'etcd.connecting': root(),
	'etcd.unreachable': from('other', machine(lostEtcd), link(['service.restarting'], lostEtcd, 'etcd')),
	'etcd.refused': root(),
	'etcd.no-quorum': from('other', machine(lostEtcd), link(['service.restarting'], lostEtcd, 'etcd')),
	'etcd.member-down': from('etcd', machine(sameMachine), service('etcd', sameMachine)),
	'etcd.unseen': root('etcd'),
	'etcd.alone': root(),
	'etcd.alarm': root('etcd'),
	'etcd.split': root(),
	'etcd.rebuilt': root(),
	// etcd ends the watches of its other members, too, when it chooses another leader.
	'watch.lost': from(
		'other',
		link(['etcd.no-quorum', 'etcd.unreachable', 'etcd.refused']),
		machine(etcdMachines),
		service('etcd', etcdMachines),
	),

	'console.stalled': root(),
	'console.clock': root(),
	'console.fault': root(),
	'console.blind': root(),
	'ssh.blind': from('node', machine(sameMachine)),
	'ssh.services': from('node', machine(sameMachine)),

	'vip.none': from(
		'other',
		...(['haproxy', 'keepalived', 'vip-manager'] as const).map(name => restarting(name, lostHolders)),
	),
	'vip.two': root(),
	'vip.not-leader': from(
		'node',
		service('vip-manager', sameMachine),
		link(['keepalived.down']),
		handover(),
		...[machine, patroni].map(of => of(replacedLeaders)),
	),
	'vip.unknown': from('other', machine(blindNodes), link(['ssh.blind'])),
	'vip.elsewhere': root(),
	'vip.no-haproxy': from('node', machine(sameMachine), restarting('haproxy')),
	'vip.no-primary': from('node', ...noRoute),
	'haproxy.wrong': from(
		'node',
		machine(destinations),
		patroni(destinations),
		link(['leader.denied', 'rest.blind'], destinations),
		handover((places, finding) => places.destinationsHandOver(finding)),
	),
	'haproxy.nowhere': from('node', ...noRoute),
	'haproxy.differ': from('other', link(['vip.no-primary', 'haproxy.wrong', 'haproxy.nowhere']), handover()),
	'haproxy.full': root('node'),
	'haproxy.unnamed': from('node', link(['dcs.none'])),
	'haproxy.unknown': root('node'),
	'haproxy.servers': root(),
	'haproxy.blind': from(
		'node',
		machine(sameMachine),
		link(['haproxy.down', 'vip.no-haproxy'], sameMachine),
		restarting('haproxy'),
	),
	'haproxy.down': from('node', machine(sameMachine), restarting('haproxy')),
	'keepalived.down': from('node', machine(sameMachine), restarting('keepalived'), link(['vip.none'])),
	'service.down': from(
		'node',
		machine(sameMachine),
		link(['member.stopping'], ofService('patroni', sameMachine)),
		link(['etcd.no-quorum', 'etcd.unreachable'], ofService('etcd', everywhere)),
		link(['vip.none'], ofService('vip-manager', everywhere)),
		...serviceIds.map(name => link(['service.restarting'], ofService(name, sameMachine), name)),
	),
	'service.unknown': root('node'),
	'disk.full': root('node'),
	'disk.read-only': root('node'),

	'path.failing': from(
		'other',
		link(['vip.none', 'vip.no-haproxy', 'vip.no-primary', 'vip.two', 'vip.not-leader'], throughVip),
		link(['leader.none', 'leader.not-writable', 'leader.unconfirmed', 'sync.blocked']),
		link(['etcd.no-quorum', 'rest.cut-off']),
		link(['haproxy.wrong'], holder),
		...[leader, lostHolders, replacedLeaders].map(machine),
		...[leader, replacedLeaders].map(patroni),
		handover(),
		link(['restart.running'], leader),
	),
	'path.reads': from(
		'other',
		link(['vip.none', 'vip.no-haproxy', 'vip.two'], throughVip),
		machine(lostHolders),
		...noStandby(isNoLoadBalance),
	),
	'path.refused': root(),
	'path.port': root(),
	'path.silent': from('other', link(['console.stalled'])),
};
