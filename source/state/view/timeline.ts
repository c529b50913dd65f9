/** The timeline: what happened, newest last, each line with its time to the millisecond. */
import type {Entry} from '../../domain/timeline/entry.ts';
import {clock} from '../../lib/format.ts';
import type {ClusterSnapshot} from '../state.ts';
import {cell, type Line, type Tone} from './cells.ts';

const tones: Record<Entry['turn'], Tone> = {better: 'good', worse: 'bad', news: 'plain'};

/** Words beside the colours: a change for the worse has a sign of its own. */
const signs: Record<Entry['turn'], string> = {better: '+', worse: '!', news: '·'};

/** The last `count` entries as lines. */
export function timelineLines({timeline, now}: ClusterSnapshot, count: number): Line[] {
	return timeline
		.slice(-count)
		.map(({at, turn, text}) => [
			cell(`${clock(at, now)}.${String(at % 1000).padStart(3, '0')} `, 'dim'),
			cell(`${signs[turn]} `, tones[turn]),
			cell(text, turn === 'worse' ? 'bad' : 'plain'),
		]);
}
