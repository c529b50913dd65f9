/** What is said of each kind of line, and the parts of its words. */
import type {EntryKind} from '../../facts.ts';
import type {Said} from '../said.ts';

/**
 * Where a kind stands between cause and effect: `order`: someone asked for it; `machine`: hardware, kernel, network or
 * operating system; `program`: a program ended or refuses by itself; `effect`: what follows from such things;
 * `recovery`: it is over; `routine`: says how things are, no change.
 */
export type Place = 'order' | 'machine' | 'program' | 'effect' | 'recovery' | 'routine';

export type Traits = {
	place: Place;
	entry: EntryKind;
	words: (said: Said, node: string, service: string) => string;
	/** A fact of the cluster says the same in the timeline. */
	isInFacts?: true;
};

/** Why, as the line gives it. */
export const because = ({why}: Said) => (why === undefined || why === '' ? '' : `: ${why}`);
/** The object, after a space. */
export const named = ({object}: Said, before = ' ') => (object === undefined ? '' : `${before}${object}`);
/** etcd's term. */
export const inTerm = ({term}: Said) => (term === undefined ? '' : ` (term ${term})`);

/** HAProxy's `BACKEND/SERVER`. */
export function serverOf({backend, object}: Said): string {
	return [backend, object].filter(part => part !== undefined).join('/') || 'a server';
}

/** A unit without its suffix; else the log's name. */
export function unitOf({object}: Said, service: string): string {
	return object?.replace(/\.service$/, '') ?? service;
}

/** The process, where the line names it. */
export function pidOf({pid}: Said): string {
	return pid === undefined ? '' : ` (process ${pid})`;
}
