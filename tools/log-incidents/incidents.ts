/** The incidents: what is done to the cluster. `up` makes it whole again after each. */
import {mkdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs';
import {setTimeout as pause} from 'node:timers/promises';
import {initOf, isOn} from '../../lab/cgroup.ts';
import {clearDisks} from '../../lab/chaos/disk-faults.ts';
import {faults} from '../../lab/chaos/faults.ts';
import {inside, patronictl, shell, systemctl} from '../../lab/chaos/inside.ts';
import type {Setup} from '../../lab/disk.ts';
import {type Inventory, postgresqlOf} from '../../lab/inventory.ts';
import {superuser} from '../../lab/operator.ts';
import {cable, power} from '../../lab/verbs.ts';

export type Scene = {
	leader: string;
	replica: string;
	/** The VIP's holder, and the other node that may hold it. */
	holder: string;
	backup: string;
	third: string;
	inventory: Inventory;
	setup: Setup;
};

export type Incident = {
	name: string;
	cause: (scene: Scene) => Promise<void>;
	/** The journal's beginning belongs to it. */
	sinceBoot?: true;
};

const seconds = async (count: number) => pause(count * 1000);

const killMain = async (node: string, unit: string) =>
	systemctl(node, 'kill', '--kill-whom=main', '--signal', 'KILL', unit);

/** A fault of the lab's chaos, held for some seconds. */
async function fault(scene: Scene, kind: string, node: string, holdSeconds: number): Promise<void> {
	const found = faults.find(one => one.kind === kind);
	if (found === undefined) {
		throw new Error(`no fault of the lab is called ${kind}`);
	}

	const whole = {
		...scene,
		node,
		strength: 0.3,
		consolePid: undefined,
		consoleClock: undefined,
		memory: new Map<string, string>(),
	};
	try {
		await found.do(whole);
		await seconds(holdSeconds);
	} finally {
		await found.undo(whole);
	}
}

const dataDir = (scene: Scene) => `/var/lib/postgresql/${postgresqlOf(scene.inventory, scene.setup)}/main`;

const psql = async (node: string, sql: string, timeout = 60_000) =>
	inside(node, ['psql', '-h', '127.0.0.1', '-d', 'postgres', '-Atc', sql], {
		env: {PGUSER: superuser.user, PGPASSWORD: superuser.password},
		timeout,
	});

const restart = async (node: string, unit: string) => systemctl(node, 'restart', unit);

export const incidents: readonly Incident[] = [
	{name: 'boot', sinceBoot: true, cause: async () => {}},
	{
		name: 'switchover',
		cause: async ({leader, replica}) => {
			await patronictl(replica, 'switchover', '--leader', leader, '--candidate', replica, '--force');
			await seconds(12);
		},
	},
	{
		name: 'patroni-killed',
		cause: async ({leader}) => {
			await killMain(leader, 'patroni');
			await seconds(30);
			await systemctl(leader, 'reset-failed');
			await systemctl(leader, 'start', 'patroni');
			await seconds(10);
		},
	},
	{
		name: 'postmaster-killed',
		cause: async scene => {
			await shell(scene.leader, `kill -KILL $(head -1 ${dataDir(scene)}/postmaster.pid)`);
			await seconds(15);
		},
	},
	{
		name: 'backend-killed',
		cause: async ({leader}) => {
			await shell(leader, 'kill -KILL $(pgrep -of "postgres:.* checkpointer")');
			await seconds(15);
		},
	},
	{name: 'postgres-oom', cause: outOfMemory},
	{
		name: 'haproxy-killed',
		cause: async ({holder}) => {
			await killMain(holder, 'haproxy');
			await seconds(10);
		},
	},
	{
		name: 'keepalived-killed',
		cause: async ({holder}) => {
			await killMain(holder, 'keepalived');
			await seconds(10);
			// Debian's unit has no Restart=.
			await systemctl(holder, 'reset-failed');
			await systemctl(holder, 'start', 'keepalived');
			await seconds(5);
		},
	},
	{
		name: 'haproxy-stopped',
		cause: async ({holder}) => {
			await systemctl(holder, 'stop', 'haproxy');
			await seconds(10);
			await systemctl(holder, 'start', 'haproxy');
			await seconds(8);
		},
	},
	{
		name: 'keepalived-stopped',
		cause: async ({holder}) => {
			await systemctl(holder, 'stop', 'keepalived');
			await seconds(8);
			await systemctl(holder, 'start', 'keepalived');
			await seconds(8);
		},
	},
	{
		name: 'units-restarted',
		cause: async ({replica}) => {
			for (const unit of ['haproxy', 'keepalived', 'etcd', 'patroni']) {
				await restart(replica, unit);
				await seconds(5);
			}

			await systemctl(replica, 'reload', 'haproxy', 'keepalived', 'patroni');
			await seconds(5);
		},
	},
	{
		name: 'unit-broken',
		cause: async ({replica}) => {
			await shell(
				replica,
				"cp /etc/haproxy/haproxy.cfg /root/kept.cfg; echo 'nonsense here' >> /etc/haproxy/haproxy.cfg",
			);
			await restart(replica, 'haproxy').catch(() => {}); // it fails, as intended
			await seconds(5);
			await shell(replica, 'cat /root/kept.cfg > /etc/haproxy/haproxy.cfg');
			await systemctl(replica, 'reset-failed');
			await systemctl(replica, 'start', 'haproxy');
		},
	},
	{
		name: 'paused',
		cause: async ({leader, replica}) => {
			await patronictl(leader, 'pause', '--wait');
			await shell(replica, 'systemctl restart patroni');
			await seconds(10);
			await patronictl(leader, 'resume', '--wait');
			await seconds(6);
		},
	},
	{name: 'two-vip-holders', cause: async scene => fault(scene, 'vrrp-lost', scene.backup, 12)},
	{
		name: 'cable-cut',
		cause: async ({leader}) => {
			await cable('out', leader);
			await seconds(32);
			await cable('in', leader);
			await seconds(10);
		},
	},
	{
		name: 'link-down',
		cause: async ({holder}) => {
			const link = async (state: string) => inside(holder, ['ip', 'link', 'set', 'eth0', state]);
			await link('down');
			await seconds(6);
			await link('up');
			await seconds(6);
		},
	},
	{
		name: 'no-quorum',
		cause: async scene => {
			await fault(scene, 'etcd-no-quorum', scene.replica, 30);
			await seconds(10);
		},
	},
	{name: 'etcd-replaced', cause: async scene => fault(scene, 'etcd-member-replaced', scene.third, 5)},
	{name: 'etcd-frozen', cause: async scene => fault(scene, 'etcd-frozen', scene.leader, 10)},
	{
		name: 'etcd-no-space',
		cause: async ({third}) => {
			const ctl = async (...args: readonly string[]) =>
				inside(third, ['env', 'ETCDCTL_API=3', 'etcdctl', ...args], {timeout: 20_000});
			await shell(
				third,
				'echo \'ETCD_QUOTA_BACKEND_BYTES="16777216"\' >> /etc/default/etcd; systemctl restart etcd',
			);
			const fill = `for i in $(seq 60); do head -c 400000 /dev/urandom | base64 -w0 | ETCDCTL_API=3 etcdctl put /filler/$i >/dev/null || exit 0; done`;
			await inside(third, ['sh', '-c', fill], {timeout: 60_000});
			await seconds(5);
			await ctl('del', '--prefix', '/filler').catch(() => {}); // refused while there is an alarm, in some versions
			const revision =
				/"revision":(\d+)/.exec(await ctl('endpoint', 'status', '--write-out=json'))?.[1] ?? '0';
			await ctl('compact', revision);
			await ctl('defrag');
			await ctl('alarm', 'disarm');
			await ctl('del', '--prefix', '/filler');
			await shell(third, "sed -i '/QUOTA_BACKEND/d' /etc/default/etcd; systemctl restart etcd");
			await seconds(5);
		},
	},
	{
		name: 'disk-full',
		cause: async scene => {
			await fault(scene, 'disk-full', scene.replica, 20);
			await clearDisks(scene.inventory);
			await seconds(5);
		},
	},
	{
		name: 'wal-gone',
		cause: async scene => {
			const {leader, replica, inventory} = scene;
			await systemctl(replica, 'stop', 'patroni');
			const turn = 'SELECT pg_logical_emit_message(false, $$x$$, $$y$$); SELECT pg_switch_wal(); CHECKPOINT';
			for (let count = 0; count < 3; count++) {
				for (const sql of turn.split('; ')) {
					await psql(leader, sql);
				}
			}

			const last = await psql(leader, 'SELECT pg_walfile_name(pg_current_wal_lsn())');
			await shell(
				leader,
				`cd ${dataDir(scene)}/pg_wal; for f in 0*; do case $f in *.history) ;; ${last.trim()}) ;; *) [ "$f" \\> "${last.trim()}" ] || rm -f $f;; esac; done`,
			);
			await systemctl(replica, 'start', 'patroni');
			await seconds(20);
			await patronictl(leader, 'reinit', '--force', '--wait', inventory.scope, replica);
			await seconds(10);
		},
	},
	{
		name: 'reinitialized',
		cause: async ({leader, replica, inventory}) => {
			await patronictl(leader, 'reinit', '--force', '--wait', inventory.scope, replica);
			await seconds(10);
		},
	},
	{
		name: 'diverged',
		cause: async scene => {
			await fault(scene, 'postgres-outside-patroni', scene.replica, 8);
			await seconds(8);
		},
	},
	{
		name: 'too-many-clients',
		cause: async ({leader}) => {
			const crowd = `for i in $(seq 120); do psql -h 127.0.0.1 -d postgres -Atc 'select pg_sleep(6)' >/dev/null 2>&1 & done; wait`;
			await inside(leader, ['sh', '-c', crowd], {env: {PGUSER: 'postgres', PGPASSWORD: superuser.password}});
			await inside(
				leader,
				['sh', '-c', "psql -h 127.0.0.1 -d postgres -c 'select 1' >/dev/null 2>&1 || true"],
				{
					env: {PGUSER: 'postgres', PGPASSWORD: 'wrong'},
				},
			);
			await seconds(3);
		},
	},
	{
		name: 'config-pending',
		cause: async scene => {
			await patronictl(
				scene.leader,
				'edit-config',
				'--force',
				'--quiet',
				'-p',
				'max_prepared_transactions=3',
			);
			await seconds(7);
			await patronictl(scene.leader, 'restart', '--force', scene.inventory.scope);
			await seconds(10);
			await patronictl(
				scene.leader,
				'edit-config',
				'--force',
				'--quiet',
				'-p',
				'max_prepared_transactions=null',
			);
			await patronictl(scene.leader, 'restart', '--force', scene.inventory.scope);
			await seconds(8);
		},
	},
	{
		name: 'patroni-frozen',
		cause: async scene => fault(scene, 'patroni-frozen', scene.leader, 28),
	},
	{
		name: 'power-cut',
		cause: async ({holder, leader}) => {
			await power('cut', leader);
			await seconds(30);
			if (!isOn(leader)) {
				await power('on', leader);
			}

			if (holder !== leader) {
				await seconds(5);
			}

			await seconds(10);
		},
	},
	{
		name: 'shutdown',
		cause: async ({leader}) => {
			await power('off', leader);
			await seconds(10);
			await power('on', leader);
			await seconds(10);
		},
	},
	{
		name: 'reboot',
		cause: async ({leader}) => {
			await power('reboot', leader);
			await seconds(10);
		},
	},
];

/** A backend takes more memory than its cgroup has: a limit on the host, since the nodes have no memory controller. */
async function outOfMemory(scene: Scene): Promise<void> {
	const {leader} = scene;
	const group = '/sys/fs/cgroup/memory/pgha-log-incidents';
	mkdirSync(group, {recursive: true});
	writeFileSync(`${group}/memory.limit_in_bytes`, '150M');
	const pid = (await shell(leader, `head -1 ${dataDir(scene)}/postmaster.pid`)).trim();
	writeFileSync(`${group}/cgroup.procs`, hostPid(leader, pid));
	await psql(
		leader,
		"SET work_mem = '1GB'; SELECT length(array_agg(md5(g::text))::text) FROM generate_series(1, 20000000) g",
	).catch(() => {}); // its session is killed
	await seconds(15);
	for (const one of readFileSync(`${group}/cgroup.procs`, 'utf8').split('\n').filter(Boolean)) {
		writeFileSync('/sys/fs/cgroup/memory/cgroup.procs', one);
	}

	rmdirSync(group);
}

function hostPid(node: string, pid: string): string {
	const init = initOf(node);
	const tasks = readFileSync(`/proc/${init}/task/${init}/children`, 'utf8');
	// Walks down: the children of each process, until one has this id inside.
	const waiting = tasks.trim().split(' ');
	for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
		if (new RegExp(`^NSpid:\\s+\\d+\\s+${pid}$`, 'm').test(readFileSync(`/proc/${one}/status`, 'utf8'))) {
			return one;
		}

		waiting.push(
			...readFileSync(`/proc/${one}/task/${one}/children`, 'utf8').trim().split(' ').filter(Boolean),
		);
	}

	throw new Error(`${node}: no process ${pid}`);
}
