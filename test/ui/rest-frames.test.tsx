/** A cluster that is followed by Patroni's REST API alone, as whole frames at each size. */
import {describe, expect, it} from 'vitest';
import {asPrimary, dynamic, RestOperator, restTarget} from '../support/rest-cluster.ts';
import {frameOf, sizes} from '../support/screen.tsx';

const scenes: Record<string, () => RestOperator> = {
	healthy: () => new RestOperator().hear(10),
	'a switchover that is asked': () =>
		new RestOperator().hear(10).select('pgdb2').press('operation.switchover'),
	'a switchover under way': () =>
		new RestOperator()
			.hear(10)
			.select('pgdb2')
			.press('operation.switchover', 'dialog.yes')
			.say(12, {}, {pgdb1: {...asPrimary('pgdb2'), state: 'stopping'}})
			.say(
				14,
				{pgdb1: {leader: undefined}, pgdb2: {leader: undefined}},
				{pgdb1: {role: 'replica', state: 'stopped'}},
			),
	'the leader lost': () =>
		new RestOperator().hear(10).say(20, {pgdb1: undefined}, {pgdb1: undefined}).hear(24),
	'two beliefs': () => new RestOperator().hear(10).say(12, {pgdb2: {leader: 'pgdb2', timeline: 4}}),
	'two primaries': () =>
		new RestOperator().hear(10).say(12, {pgdb2: {leader: 'pgdb2'}}, {pgdb2: {...asPrimary(), timeline: 4}}),
	paused: () => {
		const paused = {leader: 'pgdb1', sync: 'pgdb2', pause: true, extras: {config: dynamic}};
		return new RestOperator().say(10, {pgdb1: paused, pgdb2: paused});
	},
	'the store lost': () =>
		new RestOperator()
			.hear(10)
			.say(40, {}, {pgdb1: {...asPrimary('pgdb2'), silent: 25}, pgdb2: {silent: 25}}),
	'no answer at all': () =>
		new RestOperator()
			.hear(10)
			.say(60, {pgdb1: undefined, pgdb2: undefined}, {pgdb1: undefined, pgdb2: undefined}),
	'without a VIP, etcd out of reach': () =>
		new RestOperator({
			...restTarget,
			vip: undefined,
			haproxy: undefined,
			rest: {store: 'etcd3', seeds: []},
		}).hear(10),
};

describe.each(sizes)('by REST alone, at $width x $height', size => {
	it.each(Object.keys(scenes))('shows %s', name => {
		const operator = scenes[name]?.();
		expect(operator === undefined ? '' : `\n${frameOf(operator.state, size)}\n`).toMatchSnapshot();
	});
});
