/** What a line of a log says, by the program that wrote it. */
import {type LogLine, statisticsService} from '../logs/log-buffer.ts';
import {etcd} from './programs/etcd.ts';
import {haproxy} from './programs/haproxy.ts';
import {keepalived} from './programs/keepalived.ts';
import {kernel} from './programs/kernel.ts';
import {patroniSaid} from './programs/patroni.ts';
import {readPostgres} from './programs/postgresql.ts';
import {system, systemd, systemdByDescription} from './programs/systemd.ts';
import {vipManager} from './programs/vip-manager.ts';
import {matchSaid, type Said, type SaidPattern} from './said.ts';

/**
 * The tables of a log by its name, asked in this order. The journal of a unit has also what systemd writes about the unit;
 * the log of PostgreSQL, the traffic of HAProxy and the log of the kernel have not.
 */
const tables: ReadonlyMap<string, readonly SaidPattern[]> = new Map([
	['patroni', ofUnit(patroniSaid)],
	['etcd', ofUnit(etcd)],
	['haproxy', ofUnit(haproxy)],
	['keepalived', ofUnit(keepalived)],
	['vip-manager', ofUnit(vipManager)],
	['pgbouncer', ofUnit([])],
	[statisticsService, []],
	['kernel', kernel],
	['system', ofUnit(system)],
]);

function ofUnit(program: readonly SaidPattern[]): readonly SaidPattern[] {
	return [...program, ...systemd, ...systemdByDescription];
}

/**
 * Undefined: nothing that this console understands; never an error. Of a log that an operator named, only what systemd writes
 * with the unit's name is understood.
 */
export function readLine({
	service,
	word,
	text,
	messageAt = 0,
	messageEnd,
}: Pick<LogLine, 'service' | 'word' | 'text' | 'messageAt' | 'messageEnd'>): Said | undefined {
	// What etcd says is also in the fields that follow its message.
	const message = text.slice(messageAt, service === 'etcd' ? undefined : messageEnd);
	return service === 'postgresql'
		? readPostgres(word, message)
		: matchSaid(tables.get(service) ?? systemd, message);
}
