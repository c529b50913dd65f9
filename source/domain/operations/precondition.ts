/** A condition looked at before an operation is sent. */
import type {Precondition} from './types.ts';
export function ok(text: string): Precondition {
	return {level: 'ok', text};
}

export function warning(text: string): Precondition {
	return {level: 'warning', text};
}

export function blocking(text: string, rule?: string): Precondition {
	return {level: 'blocking', text, ...(rule === undefined ? {} : {rule})};
}

export function isBlocked(checks: readonly Precondition[]): boolean {
	return checks.some(({level}) => level === 'blocking');
}
