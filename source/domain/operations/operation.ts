import {utc} from '../../lib/parse-time.ts';
import type {Operation} from './types.ts';

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
