/** What the nodes' own files gave: it changes the target once, is shown with its place, and replays. */
import {expect, it} from 'vitest';
import type {Event} from '../../source/domain/events.ts';
import type {Target} from '../../source/domain/target.ts';
import {checkEvent, checkState} from '../../source/recording/schema.ts';
import {stateJson, stateOf, unmark} from '../../source/recording/state-json.ts';
import {snapshotJson} from '../../source/snapshot/json.ts';
import {type State, shownSnapshot} from '../../source/state/state.ts';
import {subscriptions} from '../../source/state/subscriptions.ts';
import {vipDetails, vipPane} from '../../source/state/view/vip.ts';
import {healthyFacts} from '../support/captures.ts';
import {Session, start, target} from '../support/session.ts';

const before: Target = {...target, vip: undefined, vips: [], ssh: true};
const found: NonNullable<Target['found']> = {
	values: [
		{
			setting: 'vip',
			value: '10.73.0.172 (keepalived)',
			from: 'pgdb1:/etc/keepalived/keepalived.conf:31',
			why: "keepalived's instance postgres",
		},
	],
	remarks: ['pgdb2: /etc/pgbouncer/pgbouncer.ini was not read: permission denied'],
};
const event: Event = {
	type: 'target.found',
	target: {
		...before,
		vip: '10.73.0.172',
		vips: [{address: '10.73.0.172', manager: 'keepalived', follows: 'none'}],
		found,
	},
};

const text = (lines: readonly (readonly {text: string}[])[]) =>
	lines.map(line => line.map(one => one.text).join('')).join('\n');

it('shows the VIP from then on, and in the details where each value stands', () => {
	const session = new Session(before).at(0, ...healthyFacts('trixie'));
	expect(text(vipPane(shownSnapshot(session.state)).lines)).not.toContain('pgdb1, ');
	session.at(1, event);
	expect(vipPane(shownSnapshot(session.state)).title).toBe('VIP 10.73.0.172');
	const details = text(vipDetails(shownSnapshot(session.state)).lines);
	expect(details).toContain('vip: 10.73.0.172 (keepalived)');
	expect(details).toContain("keepalived's instance postgres: pgdb1:/etc/keepalived/keepalived.conf:31");
	expect(details).toContain('pgdb2: /etc/pgbouncer/pgbouncer.ini was not read');
	expect(snapshotJson(session.state).found).toEqual(found);
});

it('starts the probe that a found VIP makes possible', () => {
	const probed: Event = {
		type: 'target.found',
		target: {...event.target, probe: {host: '10.73.0.172', ports: {write: 5000}, write: false}},
	};
	const session = new Session(before).at(0, ...healthyFacts('trixie'));
	expect(subscriptions(session.state).some(({kind}) => kind === 'probe')).toBe(false);
	expect(subscriptions(session.at(1, probed).state).some(({kind}) => kind === 'probe')).toBe(true);
});

it('is in a recording as an event and in its snapshots, which check its shape', () => {
	expect(() => {
		checkEvent(start, JSON.parse(JSON.stringify(event)) as Event);
	}).not.toThrow();
	expect(() => {
		checkEvent(start, {...event, target: {...event.target, found: {values: 'none'}}} as unknown as Event);
	}).toThrow(/target\.found is invalid: target\.found/);
	const {state} = new Session(before).at(0, ...healthyFacts('trixie')).at(1, event);
	const json = unmark(JSON.parse(stateJson(state, {logs: false})));
	checkState(json);
	expect(stateOf(json as State).target.found).toEqual(found);
});
