/** How much of what real programs wrote in real incidents is understood; what is not is in `not-understood.txt`, to be read. */
import {describe, expect, it} from 'vitest';
import {readLine} from '../../../source/domain/history/read-line.ts';
import {levels} from '../../../source/domain/logs/log-buffer.ts';
import {readLogCaptures} from '../../support/log-captures.ts';

const journals = readLogCaptures();
const services = [
	'patroni',
	'postgresql',
	'etcd',
	'haproxy',
	'keepalived',
	'vip-manager',
	'kernel',
	'system',
];

/** Parts of a traceback or of a statement: the line before them says what there is to say. */
const continues = (text: string) =>
	/^(?:\s|Traceback|$)|^[\w.]*(?:Error|Exception|Failed)(?:: |$)/.test(text);

/** Without what differs from incident to incident. */
function shapeOf(text: string): string {
	return text
		.replace(/\b[\da-f]{15,16}\b/g, 'ID')
		.replace(/\d+(?:\.\d+)*/g, 'N')
		.slice(0, 160);
}

describe('the journals of incidents', () => {
	it('are of three releases of Debian', () => {
		expect([...new Set(journals.map(({suite}) => suite))]).toEqual(
			expect.arrayContaining(['bookworm', 'trixie', 'forky']),
		);
	});

	it('have warnings that are not understood', async () => {
		const report = services.flatMap(service => {
			const lines = journals
				.flatMap(journal => journal.lines)
				.filter(line => line.service === service && line.level <= levels.warning && !continues(line.text));
			const unknown = lines.filter(line => readLine(line) === undefined);
			const counts = new Map<string, number>();
			for (const {text} of unknown) {
				counts.set(shapeOf(text), (counts.get(shapeOf(text)) ?? 0) + 1);
			}

			const shapes = [...counts].sort(([a, many], [b, few]) => few - many || (a < b ? -1 : 1));
			return [
				`${service}: ${unknown.length} of ${lines.length} lines at warning or worse`,
				...shapes.map(([shape, count]) => `${`${count}`.padStart(5)}  ${shape}`),
				'',
			];
		});
		await expect(report.join('\n')).toMatchFileSnapshot('not-understood.txt');
	});

	/** What an incident is called, and what has to be read of it on any node. */
	const expected: Readonly<Record<string, readonly string[]>> = {
		'keepalived-killed': ['unit.exited', 'vrrp.master'],
		'keepalived-stopped': ['vrrp.stopped', 'vrrp.master', 'vrrp.started'],
		'haproxy-killed': ['unit.exited', 'unit.restarting', 'haproxy.started'],
		'haproxy-stopped': ['unit.stopped', 'vrrp.script-failed', 'vrrp.priority', 'vrrp.script-passed'],
		'two-vip-holders': ['vrrp.master', 'vrrp.rival', 'vrrp.backup'],
		'link-down': ['kernel.link-down', 'vrrp.fault', 'kernel.link-up', 'vrrp.rival'],
		'cable-cut': ['etcd.peer-lost', 'etcd.elected', 'haproxy.server-down', 'vrrp.fault'],
		'no-quorum': ['etcd.leader-lost', 'etcd.election', 'etcd.elected', 'etcd.stopped', 'etcd.started'],
		'etcd-no-space': ['etcd.no-space', 'etcd.space-freed'],
		'unit-broken': ['haproxy.refused-to-start', 'unit.failed'],
		'disk-full': ['postgres.disk-full', 'postgres.sync-names', 'postgres.sync-joined'],
		'postgres-oom': ['kernel.oom-kill'],
		shutdown: ['node.shutdown', 'node.booted', 'unit.stopping', 'vrrp.stopped', 'etcd.stopped'],
		reboot: ['node.shutdown', 'node.booted'],
		'power-cut': ['node.booted', 'etcd.peer-lost', 'haproxy.no-server', 'haproxy.server-up'],
	};
	/** etcd 3.4 writes nothing for it that it does not also write at each start. */
	const withMembers = ['trixie', 'forky'];
	const incidents = [...new Set(journals.map(({suite, incident}) => `${suite} ${incident}`))].flatMap(
		name => {
			const [suite = '', incident = ''] = name.split(' ');
			return incident in expected && !suite.includes('-') ? [{suite, incident}] : [];
		},
	);

	it.each(incidents)('$suite: what happens in $incident is read', ({suite, incident}) => {
		const kinds = new Set(
			journals
				.filter(journal => journal.suite === suite && journal.incident === incident)
				.flatMap(({lines}) => lines.map(line => readLine(line)?.kind)),
		);
		expect([...kinds]).toEqual(expect.arrayContaining([...(expected[incident] ?? [])]));
	});

	it.each(withMembers)('%s: a member of etcd that was replaced is read once', suite => {
		const said = journals
			.filter(journal => journal.suite === suite && journal.incident === 'etcd-replaced')
			.flatMap(({lines}) => lines.map(line => readLine(line)))
			.filter(one => one?.kind.startsWith('etcd.member-'));
		expect(said.map(one => one?.kind)).toEqual(['etcd.member-removed', 'etcd.member-added']);
	});

	it('vip-manager moves the address in a switchover', () => {
		const said = journals
			.filter(({suite, incident}) => suite === 'trixie-vip-manager' && incident === 'switchover')
			.flatMap(({node, lines}) =>
				lines
					.filter(({service}) => service === 'vip-manager')
					.flatMap(line => {
						const one = readLine(line);
						return one === undefined ? [] : [[node, one.kind, one.object]];
					}),
			);
		expect(said).toEqual([
			['pgdb1', 'vip.added', '10.73.0.172/24'],
			['pgdb2', 'vip.removed', '10.73.0.172/24'],
		]);
	});
});
