/** A condition looked at before an operation is sent. */
import type {Check} from './types.ts';
export function ok(text: string): Check {
	return {level: 'ok', text};
}

export function warning(text: string): Check {
	return {level: 'warning', text};
}

export function blocking(text: string, rule?: string): Check {
	return {level: 'blocking', text, ...(rule === undefined ? {} : {rule})};
}

export function isBlocked(checks: readonly Check[]): boolean {
	return checks.some(({level}) => level === 'blocking');
}
