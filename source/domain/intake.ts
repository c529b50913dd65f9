/**
 * The single entry point of events: makes the text of each event safe, whatever its source or encoding. No text in the
 * state can control a terminal, a file or a clipboard, and no prose contains a configured secret. Names stay unchanged:
 * they are looked up and sent.
 */

import {sanitize, sanitizeJson, sanitizeLogLine} from '../lib/sanitize.ts';
import {withoutKnownSecrets} from '../lib/secrets.ts';
import type {Event} from './events.ts';

/** The event with safe text; the same object if nothing changed. */
export function takeIn(event: Event): Event {
	switch (event.type) {
		case 'tick':
		case 'command': {
			return event;
		}

		case 'typed': {
			// Text as typed; the field that takes it validates it.
			return event;
		}

		case 'config.edited': {
			// The patch is sent as the operator left it, and displayed as escaped JSON.
			const {patch, ...rest} = event;
			const safe = sanitizeJson(rest) as typeof rest;
			return safe === rest ? event : {...safe, patch};
		}

		case 'logs.lines': {
			// Tabs are kept: they are displayed as spaces, and copied as tabs.
			return sanitizeJson(event, (text, key) =>
				key === 'text' ? withoutKnownSecrets(sanitizeLogLine(text)) : sanitize(text),
			) as Event;
		}

		default: {
			return sanitizeJson(event, cleanText) as Event;
		}
	}
}

/** Properties whose text is only read by people. */
const prose = new Set(['text', 'reason', 'message', 'error', 'body']);

function cleanText(text: string, key: string): string {
	return prose.has(key) ? withoutKnownSecrets(sanitize(text)) : sanitize(text);
}
