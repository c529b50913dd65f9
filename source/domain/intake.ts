/**
 * The one way in for what happens: each event's text is made safe here, whatever source it comes from and however it was
 * encoded there, so that nothing in the state can steer a terminal, a file or a clipboard, and no prose in it holds a secret that
 * is configured. Names stay what they are: they are looked up and sent.
 */

import {sanitize, sanitizeJson, sanitizeLogLine} from '../lib/sanitize.ts';
import {withoutKnownSecrets} from '../lib/secrets.ts';
import type {Event} from './events.ts';

/** The event with safe text; the same object where all of it is. */
export function takeIn(event: Event): Event {
	switch (event.type) {
		case 'tick':
		case 'command': {
			return event;
		}

		case 'typed': {
			// As it was typed: the field that takes it decides what may be in it.
			return event;
		}

		case 'config.edited': {
			// The patch is sent as the operator left it, and shown as JSON with escapes.
			const {patch, ...rest} = event;
			const safe = sanitizeJson(rest) as typeof rest;
			return safe === rest ? event : {...safe, patch};
		}

		case 'logs.lines': {
			// Tabs of a line are shown as spaces, and copied as they are.
			return sanitizeJson(event, (text, key) =>
				key === 'text' ? withoutKnownSecrets(sanitizeLogLine(text)) : sanitize(text),
			) as Event;
		}

		default: {
			return sanitizeJson(event, cleanText) as Event;
		}
	}
}

/** What is read by people alone. */
const prose = new Set(['text', 'reason', 'message', 'error', 'body']);

function cleanText(text: string, key: string): string {
	return prose.has(key) ? withoutKnownSecrets(sanitize(text)) : sanitize(text);
}
