/** etcd rebuilt, restored, and one member of it replaced, under an open console on the real cluster. */
import {execa} from 'execa';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {sshCommand} from '../../lab/lab.ts';
import {driveConsole} from '../support/console-driver.ts';
import {console, onNode, untilHealthy} from '../support/lab.ts';
import type {Terminal} from '../support/terminal.ts';

const addresses = {pgdb1: '10.73.0.160', pgdb2: '10.73.0.170', etcd1: '10.73.0.171'} as const;
const nodes = ['pgdb1', 'pgdb2', 'etcd1'] as const;
type Node = (typeof nodes)[number];
const dataDir = '/var/lib/etcd/postgres';
const leaderKeyPath = '/service/postgres-cluster/leader';

/** etcd's election, and Patroni's loops until a leader is registered. */
const toRegister = 90_000;
const toHeal = 120_000;
/** Revisions between a snapshot and the end of the store. */
const written = 60;

let terminal: Terminal;
const {see, cast} = driveConsole(() => terminal, 20_000);

beforeEach(async () => {
	await untilHealthy();
	terminal = console({columns: 200, rows: 60});
	await terminal.until('a healthy cluster', healthy, 60_000);
	// With the focus on the etcd pane the right column has its details, the revision among them.
	terminal.press('\t');
	await see('the revision', /Revision +\d+, store at \d+/);
});

afterEach(async () => {
	await terminal.kill();
	await onAll(['sudo', 'systemctl', 'start', 'etcd']);
	await untilHealthy();
});

function healthy(text: string): boolean {
	return text.includes('\n HEALTHY') && text.includes('3/3');
}

async function onAll(argv: readonly string[]): Promise<void> {
	// Together: a member's start waits for the others.
	await Promise.all(nodes.map(async node => onNode(node, ...argv)));
}

/**
 * Patroni's cache of etcd's keys may wait forever for a revision of the old store (4.0.7: "Etcd is not responding
 * properly"), so it is restarted with etcd. The leader, which has all rows, stops last and starts first: in an empty store
 * the first one to start leads, and a leader that lacks rows of the other leaves that one unable to follow.
 */
async function stopPatroni(leader: string, replica: string): Promise<() => Promise<void>> {
	const patroni = async (node: string, verb: 'start' | 'stop') =>
		onNode(node, 'sudo', 'systemctl', verb, 'patroni');
	await patroni(replica, 'stop');
	await patroni(leader, 'stop');
	return async () => {
		await patroni(leader, 'start');
		await see(
			'the leader, running',
			new RegExp(`${leader}(?: !)?(?: +[\\d.]+)? +Leader +running`),
			toRegister,
		);
		await patroni(replica, 'start');
	};
}

async function script(node: Node, text: string, input?: Buffer): Promise<Buffer> {
	const {file, args, env} = sshCommand(node, ['sudo', 'sh', '-ec', `'${text}'`]);
	const {stdout} = await execa(file, args, {
		env,
		timeout: 60_000,
		encoding: 'buffer',
		stripFinalNewline: false,
		...(input === undefined ? {stdin: 'ignore'} : {input}),
	});
	return Buffer.from(stdout);
}

async function etcdctl(...argv: readonly string[]): Promise<string> {
	return onNode('pgdb1', 'env', 'ETCDCTL_API=3', 'etcdctl', ...argv);
}

/** The console shows the leader key that etcd has, as fresh. */
async function showsTheLeaderOfEtcd(): Promise<void> {
	await terminal.until(
		'a live leader',
		text => /Holder +pgdb\d, /.test(text) && /etcd, live/.test(text) && /s left of/.test(text),
		toRegister,
	);
	await terminal.until('a healthy cluster', healthy, toHeal);
	const [, leader = ''] = (await etcdctl('get', leaderKeyPath)).split('\n');
	expect(terminal.text()).toMatch(new RegExp(`Holder +${leader}, `));
	expect(terminal.text()).not.toMatch(/EXPIRED|takes no writes/);
}

/** The revision of the store, as the pane of etcd shows it. */
function storeRevision(text: string): number {
	return Number(/store at (\d+)/.exec(text)?.[1] ?? Number.NaN);
}

describe('etcd under an open console', () => {
	it('is rebuilt on all nodes without its data', async () => {
		const before = storeRevision(terminal.text());
		const {leader, replica} = cast();
		await onAll(['sudo', 'systemctl', 'stop', 'etcd']);
		await see('that it is gone', /etcd can no longer be read|no etcd endpoint answers/);
		const startPatroni = await stopPatroni(leader, replica);
		await onAll(['sudo', 'rm', '-rf', dataDir]);
		await onAll(['sudo', 'systemctl', 'start', 'etcd']);
		await see('the entry', /etcd was rebuilt or restored: revision \d+ → \d+/, 60_000);
		await startPatroni();
		await showsTheLeaderOfEtcd();
		expect(storeRevision(terminal.text())).toBeLessThan(before);
		terminal.press('f');
		await see('the finding', /etcd was rebuilt or restored: revision \d+ → \d+, \d+ s ago/);
	});

	it('is restored from a snapshot', async () => {
		const snapshot = await script(
			'pgdb1',
			'ETCDCTL_API=3 etcdctl snapshot save /tmp/etcd.db >&2; cat /tmp/etcd.db; rm /tmp/etcd.db',
		);
		const saved = storeRevision(terminal.text());
		const {leader, replica} = cast();
		// Writes after the snapshot are lost: more of them than Patroni makes before the console first reads the
		// restored store.
		await script(
			'pgdb1',
			`i=0; while [ $i -lt ${written} ]; do ETCDCTL_API=3 etcdctl put /lost-by-the-restore $i >&2; i=$((i + 1)); done`,
		);
		await terminal.until('a later revision', text => storeRevision(text) >= saved + written, 60_000);
		await onAll(['sudo', 'systemctl', 'stop', 'etcd']);
		await see('that it is gone', /etcd can no longer be read|no etcd endpoint answers/);
		const startPatroni = await stopPatroni(leader, replica);
		const members = nodes.map(node => `${node}=http://${addresses[node]}:2380`).join(',');
		await Promise.all(
			nodes.map(async node =>
				script(
					node,
					[
						'cat > /tmp/etcd.db',
						`rm -rf ${dataDir}`,
						'T=etcdctl; command -v etcdutl >/dev/null && T=etcdutl',
						`ETCDCTL_API=3 $T snapshot restore /tmp/etcd.db --name ${node} --data-dir ${dataDir} --initial-cluster ${members} --initial-cluster-token etcd-postgres-nextcloud --initial-advertise-peer-urls http://${addresses[node]}:2380 >&2`,
						`chown -R etcd:etcd ${dataDir}`,
						'rm /tmp/etcd.db',
					].join('; '),
					snapshot,
				),
			),
		);
		await onAll(['sudo', 'systemctl', 'start', 'etcd']);
		await see('the entry', /etcd was rebuilt or restored: revision \d+ → \d+/, 60_000);
		await startPatroni();
		await showsTheLeaderOfEtcd();
	});

	it('has one member replaced: the store is the same', async () => {
		const list = await etcdctl('member', 'list');
		const id =
			list
				.split('\n')
				.find(line => line.includes(' etcd1,'))
				?.split(',')[0] ?? '';
		await onNode('etcd1', 'sudo', 'systemctl', 'stop', 'etcd');
		await see('the lost member', /Quorum +2\/3, no more may fail/);
		await etcdctl('member', 'remove', id);
		await etcdctl('member', 'add', 'etcd1', `--peer-urls=http://${addresses.etcd1}:2380`);
		const state = (from: string, to: string) =>
			`sed -i s/CLUSTER_STATE=.${from}./CLUSTER_STATE=\\"${to}\\"/ /etc/default/etcd`;
		await script(
			'etcd1',
			`rm -rf ${dataDir}; ${state('new', 'existing')}; systemctl start etcd; ${state('existing', 'new')}`,
		);
		await terminal.until('a healthy cluster', healthy, toHeal);
		expect(terminal.text()).not.toMatch(/rebuilt or restored/);
		await showsTheLeaderOfEtcd();
	});
});
