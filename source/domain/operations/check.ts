/** A condition looked at before an operation is sent. */

export type Check = {
	/** `blocking`: Patroni would refuse, or nothing can be sent; `warning`: it is possible, and worse than it could be. */
	level: 'ok' | 'warning' | 'blocking';
	text: string;
	/** By which rule of Patroni's it would be refused. */
	rule?: string;
};

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
