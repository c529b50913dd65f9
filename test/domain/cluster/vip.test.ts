import {describe, expect, it} from 'vitest';
import {vipView, watchedNodes} from '../../../source/domain/cluster/vip.ts';
import {missingRedundancy} from '../../../source/domain/drill/preconditions.ts';
import {missingTakeover} from '../../../source/domain/drill/takeover.ts';
import type {Event} from '../../../source/domain/events.ts';
import {findFindings} from '../../../source/domain/findings/findings.ts';
import {preconditionsOf} from '../../../source/domain/operations/operation.ts';
import {checkVip} from '../../../source/domain/operations/preconditions/common.ts';
import type {Target} from '../../../source/domain/target.ts';
import {snapshotJson} from '../../../source/snapshot/json.ts';
import {shownSnapshot} from '../../../source/state/state.ts';
import {subscriptions} from '../../../source/state/subscriptions.ts';
import {judgeCluster} from '../../../source/state/view/verdict.ts';
import {vipPane} from '../../../source/state/view/vip.ts';
import {unitsFact} from '../../support/captures.ts';
import {Session, target} from '../../support/session.ts';
import {madeFacts} from '../../support/synthetic-cluster.ts';
import {addressesFact, withoutVip} from '../../support/vip.ts';

const vip = '10.73.0.172';
const members = [
	{name: 'pgdb1', key: {host: '10.73.0.160', replicationState: undefined}},
	{name: 'pgdb2', key: {host: '10.73.0.170', apiUrl: 'http://10.73.0.170:8008/patroni'}},
];
const session = (scene: Partial<Target> = {}) =>
	new Session({...target, nodes: [], ...scene}).at(0, ...madeFacts({members}));
/** HAProxy and keepalived on machines of their own, and only `vip:` configured. */
const apart = (scene: Partial<Target> = {}) => session(scene).at(0, ...withoutVip('pgdb1', 'pgdb2'));
const probe = {host: vip, ports: {write: 5000}, write: false};
const answered = (seconds: number): Event => ({
	type: 'probe.answered',
	source: 'probe:5000',
	port: 5000,
	purpose: 'write',
	startedAt: Date.UTC(2026, 10, 23) + seconds * 1000,
	server: '10.73.0.160:5432',
	inRecovery: false,
	latency: 2,
	write: false,
});
const view = ({state}: Session) => vipView(state.cluster, state.target, state.now);
const found = ({state}: Session) =>
	findFindings(state.cluster, state.target, state.now)
		.filter(({id}) => id.startsWith('vip.'))
		.map(({severity, text}) => `${severity}: ${text}`);
const scene = ({state}: Session) => ({
	cluster: state.cluster,
	target: state.target,
	now: state.now,
	running: [],
});
const holder = ({state}: Session) =>
	vipPane(shownSnapshot(state))
		.lines[0]?.map(({text}) => text)
		.join('') ?? '';

describe('a VIP on none of the watched nodes', () => {
	const nowhere = 'no watched node runs keepalived; another machine may hold the VIP';

	it('is not reported as unheld where keepalived runs elsewhere', () => {
		const one = apart();
		expect(found(one)).toEqual([`unknown: holder of the VIP ${vip} not known: ${nowhere}`]);
		expect(checkVip(scene(one))).toEqual([
			expect.objectContaining({text: `the holder of the VIP is not known: ${nowhere}`}),
		]);
		expect(holder(one)).toContain(`unknown: ${nowhere}`);
		expect(snapshotJson(one.state).vip).toMatchObject({holder: null, state: 'elsewhere', reason: nowhere});
		expect(judgeCluster(one.state).verdict).not.toBe('critical');
		expect(missingRedundancy(scene(one)).join(', ')).not.toContain('VIP');
		expect(preconditionsOf({kind: 'poweroff', node: 'pgdb1'}, scene(one)).map(({text}) => text)).toContain(
			'the VIP is not on pgdb1, which does not run keepalived',
		);
	});

	it('makes no drill wait for it to move', () => {
		const one = apart().at(
			1,
			{
				type: 'dcs.put',
				source: 'watch:a',
				entry: {
					path: 'leader',
					value: {kind: 'leader', member: 'pgdb2'},
					createRevision: 900,
					modRevision: 900,
					lease: '2',
				},
			},
			// The first one leads.
			...madeFacts({members: members.toReversed()}).filter(({type}) => type === 'patroni.status'),
		);
		expect(missingTakeover(one.state, 'pgdb1')).toEqual([]);
	});

	it('is held by another machine, with a notice, if the probe is answered through it', () => {
		const one = apart({probe}).at(1, answered(1));
		expect(found(one)).toEqual([
			`notice: holder of the VIP ${vip} not known: it answers: a machine that is not watched holds it`,
		]);
		expect(holder(one)).toContain('another machine');
		expect(checkVip(scene(one))).toEqual([
			expect.objectContaining({text: 'the VIP answers; a machine that is not watched holds it'}),
		]);
	});

	it('is unheld once it was seen on one of them and left, wherever keepalived runs', () => {
		const one = apart({probe})
			.at(1, addressesFact('pgdb1', vip), answered(1))
			.at(2, addressesFact('pgdb1', '127.0.0.1'));
		expect(found(one)).toEqual([`critical: no node holds the VIP ${vip}`]);
		// It is answered again after it left: a machine that is not watched took it over.
		expect(found(one.at(3, answered(3)))).toEqual([
			`notice: holder of the VIP ${vip} not known: it answers: a machine that is not watched holds it`,
		]);
	});

	it.each([
		['active', true],
		['failed', true],
		['activating', true],
		['inactive', false],
	])('is unheld if keepalived is %s on one of them: %s', (active, isCritical) => {
		const one = apart().at(
			0,
			unitsFact('pgdb2', ['patroni', 'etcd', 'haproxy', 'keepalived'], {service: 'keepalived', active}),
		);
		expect(view(one).state).toBe(isCritical ? 'none' : 'elsewhere');
	});

	it('is unknown until systemd reports whether keepalived runs there', () => {
		const one = session().at(0, addressesFact('pgdb1', '127.0.0.1'), addressesFact('pgdb2', '127.0.0.1'));
		expect(found(one)).toEqual([
			`unknown: holder of the VIP ${vip} not known: it is not known whether keepalived runs on pgdb1, pgdb2`,
		]);
	});

	it('is unknown if the address of a member is unknown', () => {
		const one = new Session({...target, nodes: []}).at(
			0,
			...madeFacts({members: [...members, {name: 'pgdb3', key: {host: undefined}}]}),
			...withoutVip('pgdb1', 'pgdb2'),
		);
		expect(view(one).reason).toBe('the address of pgdb3 is not known');
	});
});

describe('a node whose Patroni was stopped', () => {
	const stopped = (at: number) =>
		session()
			.at(0, ...withoutVip('pgdb2'), addressesFact('pgdb1', vip))
			.at(at, {type: 'dcs.deleted', source: 'watch:a', path: 'members/pgdb1', revision: 900});

	it('stays watched: the VIP on it does not vanish with its key', () => {
		const one = stopped(1);
		expect(view(one)).toMatchObject({state: 'held', nodes: ['pgdb1', 'pgdb2']});
		expect(found(one)).toEqual([]);
		expect(subscriptions(one.state)).toContainEqual({kind: 'addresses', node: 'pgdb1', host: '10.73.0.160'});
	});

	it('is dropped after a while without an answer; the VIP on it is then unknown, not gone', () => {
		const one = stopped(1).at(2, {type: 'source.lost', source: 'vip:pgdb1', reason: 'no answer in time'});
		expect(watchedNodes(one.state.cluster, one.state.target)).toHaveLength(2);
		const snapshot = madeFacts({members: members.slice(1), leader: false}).flatMap(fact =>
			fact.type === 'dcs.snapshot' ? [{...fact, revision: 2000}] : [],
		);
		one.at(700, ...snapshot, ...withoutVip('pgdb2'));
		expect(view(one)).toMatchObject({
			nodes: ['pgdb2'],
			state: 'elsewhere',
			reason: 'pgdb1 had it, and is no longer watched',
		});
	});
});
