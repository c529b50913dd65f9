import {describe, expect, it} from 'vitest';
import {backendFor} from '../../../source/domain/cluster/haproxy-backends.ts';
import {membersByServer} from '../../../source/domain/cluster/haproxy-members.ts';
import type {Target} from '../../../source/domain/target.ts';
import {type Layout, statsOf} from '../../support/haproxy.ts';
import {Session, target} from '../../support/session.ts';
import {madeFacts} from '../../support/synthetic-cluster.ts';

const ours = ['+pgdb1', 'pgdb2'];
const replicas = ['pgdb1', '+pgdb2'];
const strange = ['+node1', 'node2'];

function found(layout: Layout, ports: Readonly<Record<string, number>> = {}, scene: Partial<Target> = {}) {
	const {state} = new Session({...target, nodes: [], ...scene}).at(
		0,
		...madeFacts({members: [{name: 'pgdb1'}, {name: 'pgdb2', key: {host: '10.73.0.170'}}]}),
	);
	const stats = statsOf(layout, ports);
	const members = membersByServer(state.cluster, state.target, stats);
	return {
		primary: backendFor(stats, members, state.target, 'primary'),
		replicas: backendFor(stats, members, state.target, 'replicas'),
		synchronous: backendFor(stats, members, state.target, 'synchronous'),
		asynchronous: backendFor(stats, members, state.target, 'asynchronous'),
	};
}

describe('the backend of writers', () => {
	/** The expected backend, and the layout; undefined: it cannot be determined. */
	it.each<[string | undefined, Layout]>([
		['primary', {primary: ours, replicas}],
		['primary', {primary: ours, standbys: replicas}],
		['primary', {primary: ours, standby: replicas}],
		['master', {master: ours, replicas, replicas_sync: replicas, replicas_async: replicas}],
		['master', {master: ours, master_direct: ours, replicas}],
		['master', {master_direct: ours, master: ours, replicas, replicas_direct: replicas}],
		['master', {master: ours, master5432: ours}],
		['master5432', {master5432: ours, replicas5433: replicas}],
		['batman', {batman: ours}],
		['postgres', {postgres: ours}],
		['pgsql', {pgsql: strange}],
		['postgresql_nodes', {postgresql_nodes: strange}],
		['postgres_backend', {postgres_backend: ours}],
		['pg_pool', {pg_pool: ours}],
		['pgbouncer', {pgbouncer: strange}],
		['patroni', {patroni: strange}],
		['pgsql', {pgsql: ours, pgsql_read: replicas}],
		['pg', {pg: ours, pg_ro: replicas}],
		['postgres', {postgres: ours, 'postgres-readonly': replicas}],
		['cluster', {cluster: ours, cluster_slaves: replicas}],
		['db', {db: ours, 'db-secondary': replicas}],
		['bk_db', {bk_db: ours, bk_db_followers: replicas}],
		['pgsql-rw', {'pgsql-rw': ours, 'pgsql-ro': replicas}],
		['backend_rw', {backend_rw: ours, backend_read_only: replicas}],
		['rw_backend', {rw_backend: ours}],
		['read-write', {'read-write': ours, read: replicas}],
		['ReadWrite', {ReadWrite: ours, ReadOnly: replicas}],
		['pgReadWrite', {pgReadWrite: ours, pgReadOnly: replicas}],
		['pg-write', {'pg-write': ours, 'pg-read': replicas}],
		['pg_write', {pg_write: strange, pg_read: strange}],
		['bk_pg_master', {bk_pg_master: ours, bk_pg_read: replicas}],
		['pgmaster', {pgmaster: ours, pgslave: replicas}],
		['postgres_leader', {postgres_leader: ours, postgres_all: replicas}],
		['postgres_primary_backend', {postgres_primary_backend: ours, postgres_replicas_backend: replicas}],
		['pg-master-rw', {'pg-master-rw': ours, 'pg-master-ro': replicas}],
		['masterdb_rw', {masterdb_rw: ours, masterdb_ro: replicas}],
		['replica-set-primary', {'replica-set-primary': ours, 'replica-set-secondary': replicas}],
		[
			'pg-test-primary',
			{
				'pg-test-primary': ours,
				'pg-test-replica': replicas,
				'pg-test-default': ours,
				'pg-test-offline': ['!pgdb1', '+pgdb2'],
			},
		],
		['admin-primary', {'admin-primary': ours, 'admin-replicas': replicas, 'admin-backup-trigger': ours}],
		[
			'postgres-primary',
			{'postgres-primary': ours, 'postgres-replica': replicas, 'patroni-api': ['+pgdb1', '+pgdb2']},
		],
		['postgres-primary', {'pgbouncer-primary': ours, 'postgres-primary': ours}],
		['postgresql_primary', {postgresql_primary: ours, postgresql_replicas: replicas, valkey_master: strange}],
		['postgres', {postgres: ours, redis_master: ['+pgdb1', 'pgdb2']}],
		['postgres', {postgres: ours, etcd: ['+pgdb1', '+pgdb2']}],
		['postgres', {postgres: ours, 'kubernetes-apiserver': ['+pgdb1', '+pgdb2']}],
		['postgres', {stats: ['+pgdb1'], postgres: ours}],
		['postgres', {postgres: ours, patroni_rest: ['+pgdb1=10.73.0.160:8008', '+pgdb2=10.73.0.170:8008']}],
		['cluster_a', {cluster_a: ours, something: ['+pgdb1=10.73.0.160:2379', '+pgdb2=10.73.0.170:2379']}],
		['orders_primary', {billing_primary: strange, orders_primary: ours}],
		['grafana-db-primary', {'grafana-db-primary': ours, 'grafana-db-replica': replicas}],
		['pgsql_5000', {pgsql_5000: ours, pgsql_5001: replicas}],
		// It cannot be determined.
		[undefined, {postgres1: ours, postgres2: ours, postgres3: ours}],
		[undefined, {one: ours, two: replicas}],
		[undefined, {replicas}],
		[undefined, {replicas, grafana: strange}],
		[undefined, {pg_replicas: replicas, billing: strange}],
		[undefined, {postgres_back: ['~pgdb1', '~pgdb2']}],
		[undefined, {a_primary: ours, b_primary: ours}],
		[undefined, {app: strange}],
		[undefined, {etcd: ours}],
		[undefined, {redis_master: strange}],
		[undefined, {}],
	])('is %s of %j', (primary, layout) => {
		expect(found(layout).primary).toBe(primary);
	});

	it('is the configured one, and no other if HAProxy does not have it', () => {
		const layout = {primary: ours, other: ours};
		expect(found(layout, {}, {haproxy: {backends: {primary: 'other'}}}).primary).toBe('other');
		expect(found(layout, {}, {haproxy: {backends: {primary: 'third'}}}).primary).toBeUndefined();
	});

	it('is the found one, unless HAProxy does not have it: it may not have read its file yet', () => {
		const layout = {primary: ours, other: ours};
		const backend = (name: string) =>
			found(layout, {}, {haproxy: {backends: {primary: name}, foundBackends: ['primary']}}).primary;
		expect(backend('other')).toBe('other');
		expect(backend('third')).toBe('primary');
	});

	it('is the remaining one when the other is configured for readers', () => {
		expect(found({one: ours, two: replicas}, {}, {haproxy: {backends: {replicas: 'two'}}}).primary).toBe(
			'one',
		);
	});

	it('is found by its port: a configured port wins over names, a usual one loses to a contrary name', () => {
		expect(found({one: ours, two: replicas}, {one: 5000, two: 5001})).toMatchObject({
			primary: 'one',
			replicas: 'two',
		});
		expect(found({replicas, write: ours}, {replicas: 5000, write: 5001})).toMatchObject({
			primary: 'write',
			replicas: 'replicas',
		});
		const ports = {primary: 5433, replicas: 5434};
		expect(
			found({one: ours, two: replicas}, {one: 5433, two: 5434}, {haproxy: {backends: {}, ports}}),
		).toMatchObject({
			primary: 'one',
			replicas: 'two',
		});
	});
});

describe('the backend of readers', () => {
	it.each<[string | undefined, Layout]>([
		['replicas', {primary: ours, replicas}],
		['standbys', {primary: ours, standbys: replicas}],
		['replicas', {master: ours, replicas, replicas_sync: replicas, replicas_async: replicas}],
		['pgsql_read', {pgsql: ours, pgsql_read: replicas}],
		['pg-master-ro', {'pg-master-rw': ours, 'pg-master-ro': replicas}],
		['pg-test-replica', {'pg-test-primary': ours, 'pg-test-replica': replicas}],
		['backend_read_only', {backend_rw: ours, backend_read_only: replicas}],
		[undefined, {primary: ours, other: replicas}],
		[undefined, {primary: ours, 'read-write': ours}],
	])('is %s of %j', (name, layout) => {
		expect(found(layout).replicas).toBe(name);
	});

	it('differs for synchronous standbys and for all replicas', () => {
		const layout = {master: ours, replicas, replicas_sync: replicas, replicas_async: replicas};
		expect(found(layout)).toEqual({
			primary: 'master',
			replicas: 'replicas',
			synchronous: 'replicas_sync',
			asynchronous: 'replicas_async',
		});
	});
});
