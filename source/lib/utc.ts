/** A moment as a sentence says it, in UTC; a screen that knows its operator's zone may say it in that, too. */

/** `2026-11-24 03:00:00 UTC`, of Unix ms or of a time as Patroni keeps it (ISO 8601); what is no time stays as it is written. */
export function utc(time: number | string): string {
	const at = typeof time === 'number' ? time : Date.parse(time);
	return Number.isNaN(at) ? String(time) : `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
