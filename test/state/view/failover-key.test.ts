/** The request in etcd's key `failover`: Patroni names the leader for a switchover, and only the candidate for a failover. */
import {expect, it} from 'vitest';
import {shownSnapshot} from '../../../source/state/state.ts';
import {failoverLine} from '../../../source/state/view/leader-key.ts';
import {Operator} from '../../support/operator.ts';

it.each([
	[{leader: 'pgdb1', candidate: 'pgdb2'}, 'Switchover pgdb1 → pgdb2'],
	[{leader: 'pgdb1', candidate: undefined}, 'Switchover pgdb1 → any'],
	[{leader: undefined, candidate: 'pgdb2'}, 'Failover  any → pgdb2'],
])('%o', (request, text) => {
	const operator = new Operator('trixie').after(1);
	operator.after(2, operator.put('failover', {kind: 'failover', scheduledAt: undefined, ...request}));
	const {cluster, now} = shownSnapshot(operator.state);
	expect(
		failoverLine(cluster, now).map(line =>
			line
				.map(({text}) => text)
				.join('')
				.trim(),
		),
	).toEqual([text]);
});
