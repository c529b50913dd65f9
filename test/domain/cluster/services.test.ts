/** The table of services is the only list of them: sources, logs and restarts follow its rows. */
import {globSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {type Service, serviceIds, services} from '../../../source/domain/cluster/services.ts';
import {logSourcesOf} from '../../../source/domain/logs/logs.ts';
import {offersFor} from '../../../source/domain/operations/operation.ts';
import {operationContext} from '../../../source/state/selection.ts';
import {subscriptions} from '../../../source/state/subscriptions.ts';
import {unitsFact} from '../../support/captures.ts';
import {healthySession} from '../../support/session.ts';

/** Every service runs on every machine that may have it. */
const {state} = healthySession('trixie').at(
	1,
	...['pgdb1', 'pgdb2'].map(node => unitsFact(node, serviceIds)),
);
const {cluster, target, now} = state;
/** Without a balancer the database nodes are balancers, too. */
const machines = {
	database: ['pgdb1', 'pgdb2'],
	balancer: ['pgdb1', 'pgdb2'],
	etcd: ['etcd1', 'pgdb1', 'pgdb2'],
};

describe.each(serviceIds)('%s', service => {
	const nodes = machines[services[service].runsOn[0] ?? 'etcd'];

	it('is subscribed to on its machines', () => {
		const asked = subscriptions(state).flatMap(one =>
			one.kind === 'units' && [...one.required, ...one.optional].includes(service) ? [one.node] : [],
		);
		expect(asked.sort()).toEqual(nodes);
	});

	it('has its log read by its unit', () => {
		const read = logSourcesOf(cluster, target, now).filter(({units}) =>
			units.some(({name, unit}) => name === service && unit === services[service].unit),
		);
		expect(read.map(({node}) => node)).toEqual(nodes);
	});

	it('has its log read if an older recording does not name its unit', () => {
		const units = Object.fromEntries(
			Object.entries(target.units).filter(([name]) => name !== service),
		) as Record<Service, string>;
		expect(logSourcesOf(cluster, {...target, units}, now)).toEqual(logSourcesOf(cluster, target, now));
	});

	it('offers a restart if the table allows it', () => {
		const offering = nodes.filter(node =>
			offersFor({member: undefined, node}, operationContext(state)).some(
				({id}) => id === `service ${service}`,
			),
		);
		expect(offering).toEqual(services[service].isRestartable ? nodes : []);
	});
});

it('is the only list of services', () => {
	const root = path.join(import.meta.dirname, '../../..');
	const id = `'(?:${serviceIds.join('|')})'`;
	const list = new RegExp(`(?:${id}(?:,| \\|)\\s*){${serviceIds.length - 1}}${id}`);
	const lists = globSync('{source,tools,test/support}/**/*.{ts,tsx}', {cwd: root}).filter(file =>
		list.test(readFileSync(path.join(root, file), 'utf8')),
	);
	expect(lists).toEqual([]);
});
