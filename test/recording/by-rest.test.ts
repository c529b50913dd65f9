/** Recordings of a cluster that is followed by REST alone. */
import {expect, it} from 'vitest';
import type {Event} from '../../source/domain/events.ts';
import {checkEvent, checkState} from '../../source/recording/schema.ts';
import {stateJson, stateOf, unmark} from '../../source/recording/state-json.ts';
import type {State} from '../../source/state/state.ts';
import {ownFact, RestOperator, viewFact} from '../support/rest-cluster.ts';
import {start} from '../support/session.ts';

it('keep the views, the beliefs and the store through a snapshot', () => {
	const {state} = new RestOperator().hear(2);
	const json = unmark(JSON.parse(stateJson(state, {logs: false})));
	checkState(json);
	const again = stateOf(json as State);
	expect(again.cluster.views).toEqual(state.cluster.views);
	expect(again.cluster.keys).toEqual(state.cluster.keys);
	expect(again.target.rest).toEqual(state.target.rest);
});

it('accept the events of such a cluster, and refuse one that is damaged', () => {
	const event = viewFact('pgdb1', {leader: 'pgdb1', extras: {config: undefined}});
	expect(() => {
		checkEvent(start, JSON.parse(JSON.stringify(event)) as Event);
	}).not.toThrow();
	expect(() => {
		checkEvent(start, ownFact('pgdb1', 0));
	}).not.toThrow();
	expect(() => {
		checkEvent(start, {...event, view: {members: 'none', pause: false}} as unknown as Event);
	}).toThrow(/cluster\.seen is invalid: view\.members/);
});

it('of older programs, without views, still play', () => {
	const {state} = new RestOperator().hear(2);
	const {views: _, ...cluster} = state.cluster;
	const old = {...state, cluster} as State;
	expect(stateOf(unmark(JSON.parse(stateJson(old, {logs: false}))) as State).cluster.views).toEqual(
		new Map(),
	);
});
