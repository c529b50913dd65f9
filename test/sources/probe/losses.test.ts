/** What a probe's thread reports beside its answers: that it was started, and how long it did not run. */
import {expect, it} from 'vitest';
import type {Event} from '../../../source/domain/events.ts';
import {emitWithLosses} from '../../../source/sources/probe/queries.ts';

it('marks the first report, and emits losses before the report that they delayed', () => {
	const events: Event[] = [];
	const losses = [0, 130, 20];
	const emit = emitWithLosses(
		event => events.push(event),
		() => losses.shift() ?? 0,
	);
	const failed: Event = {
		type: 'probe.failed',
		source: 'probe:5000',
		port: 5000,
		purpose: 'write',
		startedAt: 0,
		reason: 'connection refused',
	};
	const stalled: Event = {type: 'console.stalled', milliseconds: 700, port: 5000};
	for (const event of [stalled, failed, failed, failed]) {
		emit(event);
	}

	expect(events).toEqual([
		stalled,
		{...failed, first: true},
		{type: 'console.stalled', milliseconds: 130, port: 5000, brief: true},
		failed,
		failed,
	]);
});
