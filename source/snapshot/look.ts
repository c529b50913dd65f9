/** Looks at the cluster until every source has reported or is lost, or the time is up: one snapshot as text, and its verdict. */
import type {Config} from '../config/config.ts';
import type {Connections} from '../connections/connections.ts';
import type {Verdict} from '../domain/findings/finding.ts';
import {sanitizeJson} from '../lib/sanitize.ts';
import {withoutKnownSecrets} from '../lib/secrets.ts';
import {Session} from '../session.ts';
import {isInSnapshot, isSettled} from '../state/readiness.ts';
import {judge} from '../state/view/verdict.ts';
import {snapshotJson} from './json.ts';
import {snapshotText} from './text.ts';

export type SnapshotOptions = {json: boolean; timeoutMs: number};

export async function takeSnapshot(
	config: Config,
	connections: Connections,
	{json, timeoutMs}: SnapshotOptions,
): Promise<{text: string; verdict: Verdict}> {
	const {promise: settled, resolve, reject} = Promise.withResolvers<void>();
	const session = new Session({config, onFault: reject});
	const {runtime} = session;
	runtime.subscribe(state => {
		if (isSettled(state)) {
			resolve();
		}
	});
	const timer = setTimeout(() => {
		// Where the time was up while this program itself did not run, answers wait in the queues: they are taken first.
		setImmediate(() => {
			setImmediate(resolve);
		});
	}, timeoutMs);
	try {
		await session.look(connections, isInSnapshot);
		await settled;
	} finally {
		clearTimeout(timer);
	}

	runtime.dispatch({type: 'tick'});
	const {state} = runtime;
	const text = json
		? `${JSON.stringify(sanitizeJson(snapshotJson(state), withoutKnownSecrets), undefined, 2)}\n`
		: withoutKnownSecrets(await snapshotText(state));
	return {text, verdict: judge(state).verdict};
}
