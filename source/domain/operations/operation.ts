/** What an operator can do to the cluster: the operations as plain data, and what each is called. */
import type {Service} from '../units.ts';
import {utc} from '../utc.ts';

/** Services that are restarted by systemd. */
export const services: readonly Service[] = ['patroni', 'etcd', 'haproxy', 'keepalived'];

/** A JSON value as Patroni's dynamic configuration holds it; null in a patch deletes. */
export type Json = string | number | boolean | null | readonly Json[] | {readonly [key: string]: Json};

/** As Patroni 4 writes them. */
export type RestartRole = 'primary' | 'standby_leader' | 'replica';

export type Operation =
	/** `at`: Unix ms; now where it is not given. */
	| {kind: 'switchover'; leader: string; candidate: string; at: number | undefined}
	| {kind: 'switchover.cancel'}
	| {kind: 'failover'; candidate: string}
	/** Of PostgreSQL, by Patroni; only as long as the member has this role. */
	| {kind: 'restart'; member: string; role: RestartRole; pendingOnly: boolean; at: number | undefined}
	| {kind: 'restart.cancel'; member: string}
	| {kind: 'reload'; member: string}
	| {kind: 'reinitialize'; member: string; force: boolean; fromLeader: boolean}
	| {kind: 'pause'}
	| {kind: 'resume'}
	/** A merge patch of the dynamic configuration. */
	| {kind: 'configure'; patch: {readonly [key: string]: Json}}
	/** By systemd, over SSH; `pauseFirst`: with Patroni, the cluster is paused before. */
	| {kind: 'service'; node: string; service: Service; pauseFirst: boolean}
	| {kind: 'reboot'; node: string}
	| {kind: 'poweroff'; node: string};

export type OperationKind = Operation['kind'];

/** In one line, with its target: for titles, the status line, the timeline and the audit log. */
export function describe(operation: Operation): string {
	switch (operation.kind) {
		case 'switchover': {
			const {leader, candidate, at} = operation;
			return `switchover ${leader} → ${candidate}${scheduled(at)}`;
		}

		case 'switchover.cancel': {
			return 'cancel the scheduled switchover';
		}

		case 'failover': {
			return `failover to ${operation.candidate}`;
		}

		case 'restart': {
			const {member, pendingOnly, at} = operation;
			return `restart PostgreSQL on ${member}${pendingOnly ? ' if a restart is pending' : ''}${scheduled(at)}`;
		}

		case 'restart.cancel': {
			return `cancel the scheduled restart of ${operation.member}`;
		}

		case 'reload': {
			return `reload ${operation.member}`;
		}

		case 'reinitialize': {
			return `reinitialize ${operation.member}${operation.fromLeader ? ' from the leader' : ''}`;
		}

		case 'pause':
		case 'resume': {
			return operation.kind;
		}

		case 'configure': {
			return 'change the dynamic configuration';
		}

		case 'service': {
			return `restart ${operation.service} on ${operation.node}${operation.pauseFirst ? ', paused' : ''}`;
		}

		case 'reboot': {
			return `reboot ${operation.node}`;
		}

		case 'poweroff': {
			return `power off ${operation.node}`;
		}
	}
}

function scheduled(at: number | undefined): string {
	return at === undefined ? '' : ` at ${utc(at)}`;
}
