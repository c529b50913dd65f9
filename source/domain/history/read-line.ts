/** What a line of a log says, by the program that wrote it. */
import {type LogLine, statisticsService} from '../logs/log-buffer.ts';
import {etcd} from './programs/etcd.ts';
import {haproxy} from './programs/haproxy.ts';
import {keepalived} from './programs/keepalived.ts';
import {kernel} from './programs/kernel.ts';
import {system, systemd, systemdByDescription} from './programs/systemd.ts';
import {vipManager} from './programs/vip-manager.ts';
import {matchSaid, type Said, type SaidPattern} from './said.ts';

/**
 * The tables of a log by its name, asked in this order. The journal of a unit has also what systemd writes about the unit;
 * the log of PostgreSQL, the traffic of HAProxy and the log of the kernel have not.
 */
const tables: ReadonlyMap<string, readonly SaidPattern[]> = new Map([
	['patroni', ofUnit([])],
	['postgresql', []],
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
export function readLine({service, text}: Pick<LogLine, 'service' | 'text'>): Said | undefined {
	return matchSaid(tables.get(service) ?? systemd, text);
}
