import stringWidth from 'string-width';
import {describe, expect, it} from 'vitest';
import type {Command} from '../../source/domain/commands.ts';
import type {Event} from '../../source/domain/events.ts';
import {logLine, logLinesEvent} from '../support/log-lines.ts';
import {frameOf, sizes} from '../support/screen.tsx';
import {healthySession, pressAt, type Session} from '../support/session.ts';

const line = (node: string, service: string, second: number, text: string, word = 'info', level = 6) =>
	logLine(second, text, {node, service, word, level});
const press = (session: Session, ...commands: readonly Command[]) => pressAt(session, 30, ...commands);

/** A shutdown in the logs of three nodes. */
const shutdown = () =>
	press(healthySession('trixie'), 'log.open', 'log.all').at(
		20,
		...['etcd1', 'pgdb1', 'pgdb2'].map(
			(node): Event => ({type: 'source.connecting', source: `logs:${node}`}),
		),
		logLinesEvent(
			'pgdb1',
			...Array.from({length: 40}, (_, index) =>
				line('pgdb1', 'patroni', index / 4, 'no action. I am (pgdb1), the leader with the lock', 'INFO'),
			),
			line('pgdb1', 'keepalived', 12, '(postgres) Entering BACKUP STATE', 'notice', 5),
			line('pgdb1', 'postgresql', 12.5, '[135] received fast shutdown request', 'LOG'),
			line(
				'pgdb1',
				'postgresql',
				12.6,
				'[201] app@app terminating connection due to administrator command',
				'FATAL',
				3,
			),
		),
		logLinesEvent(
			'pgdb2',
			line('pgdb2', 'keepalived', 12.1, '(postgres) Entering MASTER STATE', 'notice', 5),
			line(
				'pgdb2',
				'patroni',
				13,
				`promoted self to leader by acquiring session lock ${'数据库 '.repeat(40)}`,
				'WARNING',
				4,
			),
		),
		logLinesEvent(
			'etcd1',
			line(
				'etcd1',
				'etcd',
				12.9,
				'lost the TCP streaming connection with remote peer peer=a\tn=3',
				'warn',
				4,
			),
		),
		{
			type: 'addresses.added',
			source: 'vip:pgdb2',
			node: 'pgdb2',
			address: {ip: '10.73.0.172', interface: 'host0'},
		},
		{type: 'logs.clock', source: 'logs:etcd1', node: 'etcd1', offset: -1500},
		{type: 'source.lost', source: 'logs:pgdb1', reason: 'connection lost'},
	);

const scenes: Record<string, () => Session> = {
	'all nodes, following': shutdown,
	'one node': () => press(shutdown(), 'dismiss', 'log.open'),
	'stopped, with lines that wait': () =>
		press(shutdown(), 'select.up', 'page.up').at(
			33,
			logLinesEvent('pgdb2', line('pgdb2', 'patroni', 32, 'no action', 'INFO')),
		),
	wrapped: () => press(shutdown(), 'log.wrap'),
	'side by side': () => press(shutdown(), 'log.split', 'select.up'),
	'a filter that is typed, and wrong': () =>
		press(shutdown(), 'log.filter').at(
			31,
			{type: 'typed', text: '/(/'},
			{type: 'command', command: 'prompt.take'},
		),
	'only warnings, searched': () =>
		press(shutdown(), 'log.level', 'log.level', 'log.level', 'log.search').at(
			31,
			{type: 'typed', text: 'lock'},
			{type: 'command', command: 'prompt.take'},
			{type: 'logs.seek'},
		),
	'split, with what HAProxy wrote twice, and one band for the cluster': () => {
		const down = 'Server postgres_primary/pgdb1 is DOWN, reason: Layer7 wrong status, code: 503';
		return press(shutdown(), 'log.split').at(
			21,
			logLinesEvent(
				'pgdb2',
				line('pgdb2', 'haproxy', 12.2, down, 'WARNING', 4),
				line('pgdb2', 'haproxy', 12.2, down, 'notice', 5),
			),
			logLinesEvent('etcd1', line('etcd1', 'etcd', 20, 'established TCP streaming connection')),
		);
	},
	'nothing read yet': () => press(healthySession('trixie'), 'log.open'),
	'nothing read yet, split': () => press(healthySession('trixie'), 'log.open', 'log.all', 'log.split'),
	'the picker': () => press(shutdown(), 'log.pick', 'select.down'),
	'the timeline': () => press(shutdown(), 'log.entries'),
	'nothing yet, and why': () =>
		press(healthySession('trixie'), 'log.open').at(
			2,
			{type: 'source.connecting', source: 'logs:pgdb1'},
			{
				type: 'logs.problems',
				source: 'logs:pgdb1',
				problems: [
					{
						node: 'pgdb1',
						text: 'dba may not read the journal',
						remedy: 'on the node: sudo usermod -aG systemd-journal dba',
					},
				],
			},
		),
};

describe.each(sizes)('logs at $width x $height', size => {
	it.each(Object.keys(scenes))('%s', name => {
		const frame = frameOf((scenes[name]?.() ?? shutdown()).state, size);
		const lines = frame.split('\n');
		expect(lines).toHaveLength(size.height);
		expect(Math.max(...lines.map(one => stringWidth(one)))).toBeLessThanOrEqual(size.width);
		expect(frame).toMatchSnapshot();
	});
});
