/** Log lines as the nodes report them, and the events that bring them. */
import type {Event} from '../../source/domain/events.ts';
import type {LogLine} from '../../source/domain/logs/log-buffer.ts';
import {start} from './session.ts';

/** By default a line of Patroni on pgdb1; `second` counts from the session's start. */
export function logLine(second: number, text: string, more: Partial<LogLine> = {}): LogLine {
	const at = Math.round((start + second * 1000) * 1000);
	return {at, order: at, node: 'pgdb1', service: 'patroni', level: 6, word: 'INFO', text, ...more};
}

export function logLinesEvent(node: string, ...lines: readonly LogLine[]): Event & {type: 'logs.lines'} {
	return {type: 'logs.lines', source: `logs:${node}`, node, lines, skipped: 0};
}
