/** What the sources that look over SSH have in common: they say when they are out of sight, and try again with patience. */
import {lossOf} from '../connections/error-reason.ts';
import {SshError} from '../connections/ssh/ssh-error.ts';
import type {SourceId} from '../domain/facts.ts';
import {justStalled, ownTime} from '../lib/own-time.ts';
import type {Source, SourceContext} from './source.ts';

/** Between attempts at a node that is out of sight. */
const retryMs = 1000;
/** A login that was refused is tried again seldom: sshd and fail2ban shut out who keeps knocking. `r` tries at once. */
const firstRefusedRetry = 5000;
const retryMaxMs = 60_000;

/**
 * Sources of one node wait equally long after a refusal, so that they share the next login, too.
 * @param look rejects when the node is out of sight.
 * @param onLoss is waited for before the next attempt.
 */
export function sshSource(
	source: SourceId,
	look: (context: SourceContext) => Promise<void>,
	onLoss: () => Promise<void> = async () => undefined,
): Source {
	return async context => {
		const {emit, signal, pause} = context;
		emit({type: 'source.connecting', source});
		let refusals = 0;
		let wasExcused = false;
		while (!signal.aborted) {
			try {
				await look(context);
			} catch (error) {
				if (!wasExcused && !isRefusal(error) && ownTime.hasStalledWithin(justStalled)) {
					// It broke while we did not run, or right after: asked again before it is believed.
					wasExcused = true;
					await onLoss();
					continue;
				}

				wasExcused = false;
				if (!signal.aborted) {
					const remedy = error instanceof SshError ? error.remedy : undefined;
					emit({
						type: 'source.lost',
						source,
						...lossOf(error),
						...(remedy === undefined ? {} : {remedy}),
					});
				}

				await onLoss();
				refusals = isRefusal(error) ? refusals + 1 : 0;
				await pause(
					refusals === 0 ? retryMs : Math.min(retryMaxMs, firstRefusedRetry * 2 ** (refusals - 1)),
					signal,
				);
			}
		}
	};
}

/** Only the operator can mend it: an unknown host key, a login that is not accepted. */
function isRefusal(error: unknown): boolean {
	return error instanceof SshError && error.remedy !== undefined;
}
