/** pgbouncer.ini as people write it. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {readPgbouncer} from '../../source/discovery/pgbouncer-ini.ts';

const file = '/etc/pgbouncer/pgbouncer.ini';

function read(text: string) {
	return readPgbouncer([{path: file, text}]);
}

describe('pgbouncer.ini', () => {
	it('reads its port, its databases and its log, and keeps no password', () => {
		const found = read(`; comment
[databases]
postgres = host=127.0.0.1 port=5432 dbname=postgres
app = host='10.0.0.1' user=app password=hunter2 port = 5000
* = host=/run/postgresql
"odd name" = dbname='a b'

[users]
app = pool_mode=session
[pgbouncer]
logfile = /var/log/pgbouncer/pgbouncer.log
listen_addr = 0.0.0.0
listen_port = 6532
admin_users = postgres
%include /etc/pgbouncer/extra.ini
`);
		expect(found).toEqual({
			listen: {port: 6532, isLocal: false, file, line: 13},
			databases: [
				{name: 'postgres', host: '127.0.0.1', port: 5432, file, line: 3},
				{name: 'app', host: '10.0.0.1', port: 5000, file, line: 4},
				{name: '*', host: '/run/postgresql', port: undefined, file, line: 5},
				{name: 'odd name', host: undefined, port: undefined, file, line: 6},
			],
			logFile: {path: '/var/log/pgbouncer/pgbouncer.log', file, line: 11},
		});
	});

	it.each([
		['[pgbouncer]\nlisten_addr = *', {port: 6432, isLocal: false}],
		['[pgbouncer]\nlisten_addr=127.0.0.1, ::1\nlisten_port=1', {port: 1, isLocal: true}],
		['[pgbouncer]\nlisten_port = 6432', undefined],
		['[pgbouncer]\nlisten_addr =\nlisten_port = 6432', undefined],
		['[pgbouncer]\nlisten_addr = *\nlisten_port = many', undefined],
		['listen_addr = *', undefined],
	])('%j', (text, listen) => {
		const found = read(text).listen;
		expect(found && {port: found.port, isLocal: found.isLocal}).toEqual(listen);
	});

	it('never throws', () => {
		fc.assert(
			fc.property(
				fc.array(
					fc.oneof(fc.constantFrom('[pgbouncer]', '[databases]', 'a = host=b', '\n', '\n', '='), fc.string()),
				),
				parts => {
					read(parts.join(' '));
				},
			),
		);
	});
});
