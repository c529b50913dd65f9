/** Recordings that come with the program, for those without a cluster: what each shows, and where it is. */
import {statSync} from 'node:fs';
import path from 'node:path';
import {cell, type Table} from '../state/view/cells.ts';

export const tour = [
	{name: 'calm', what: 'a healthy cluster: who leads, who holds the VIP, what clients feel'},
	{name: 'switchover', what: 'a switchover by two keys, step by step, and the sync standby back'},
	{name: 'refused', what: 'the next switchover comes too soon: the question says why, and nothing is sent'},
	{name: 'power-off', what: 'the node that holds the VIP is shut down, and comes back as a replica'},
	{name: 'power-cut', what: 'the plug of the leader is pulled: no leader until the lease has run out'},
	{name: 'split-cable', what: "the leader's network cable is out: it is cut off, and another one takes over"},
	{name: 'no-quorum', what: 'two of three etcd members stop: the leader gives up, though PostgreSQL runs'},
	{name: 'two-holders', what: 'both nodes hold the VIP, since keepalived on one hears nothing of the other'},
] as const;

export type TourName = (typeof tour)[number]['name'];

/** Beside the program, two folders up from here: as sources, and as they are built. */
export function tourFile(name: string): string {
	return path.join(import.meta.dirname, '..', '..', 'recordings', `${name}.ndjson.gz`);
}

/** Undefined for a name that is none of them. */
export function fileOfTour(name: string): string | undefined {
	return tour.some(one => one.name === name) ? tourFile(name) : undefined;
}

/** Those that are there, for `pgha-top tour`. */
export function tourTable(): Table {
	return {
		columns: [
			{title: 'Name', align: 'left', rank: 0},
			{title: 'What it shows', align: 'left', rank: 0},
		],
		rows: tour
			.filter(({name}) => statSync(tourFile(name), {throwIfNoEntry: false}) !== undefined)
			.map(({name, what}) => ({id: name, cells: [cell(name, 'strong'), cell(what)]})),
	};
}
