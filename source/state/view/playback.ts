/** The status lines of a replay: position, bar, prompt. */
import type {Entry} from '../../domain/facts.ts';
import {age, clock} from '../../lib/format.ts';
import type {Playback} from '../state.ts';
import {type Cell, cell, type Line, type Tone} from './cells.ts';

/** Minimum width of the bar; text beside it is cut first. */
const barMinWidth = 16;
/** Maximum width of the bar; the rest is for text. */
const barMaxWidth = 100;
/** Width of the text; fixed, so that the bar does not move. */
const textWidth = 70;

export function playbackLine(playback: Playback, width: number): Line {
	const {prompt, problem, time, zone} = playback;
	if (prompt !== undefined) {
		return [
			cell(' Go to: ', 'strong'),
			cell(`${prompt.text}▏`),
			cell(prompt.problem === undefined ? '  a time: 04:14:10, -5m, +30s' : `  ${prompt.problem}`, 'dim'),
		];
	}

	if (problem !== undefined) {
		return [cell(' STOPPED ', 'bad'), cell(problem, 'bad')];
	}

	const left: Line = [
		motionCell(playback),
		cell(`${clock(time, time)}${playback.playing ? '' : thousandths(time)} ${zone} `),
	];
	const place = ` ${span(time - playback.from)} / ${span(playback.to - playback.from)}`;
	const more = words(playback);
	const bar = Math.max(barMinWidth, Math.min(barMaxWidth, width - textWidth));
	return [...left, ...barCells(playback, bar), cell(place), cell(more === '' ? '' : `  ${more}`, 'dim')];
}

function motionCell(playback: Playback): Cell {
	const {live} = playback;
	if (live?.isFollowing !== true) {
		return cell(` ${motion(playback)} `, 'strong');
	}

	return live.stopped === undefined ? cell(' LIVE ', 'good') : cell(' NOT LIVE ', 'bad');
}

function motion({playing, speed, end}: Playback): string {
	return playing ? `PLAYING ${speed}x` : end === undefined ? `PAUSED ${speed}x` : 'END';
}

/** `event 1,234 / 56,789 tick`; only while paused, because it changes too fast to read. */
function words({step, end, events, live}: Playback): string {
	if (live !== undefined && (step === undefined || live.stopped !== undefined)) {
		return live.isFollowing && live.ageMs === 0 ? '' : `${age(live.ageMs)} ago`;
	}

	if (end !== undefined) {
		return end;
	}

	return step === undefined
		? ''
		: `event ${step.position.toLocaleString('en')} / ${events.toLocaleString('en')} ${step.event}`;
}

const signs: Record<Entry['turn'], {sign: string; tone: Tone; rank: number}> = {
	worse: {sign: '▼', tone: 'bad', rank: 2},
	better: {sign: '▲', tone: 'good', rank: 1},
	news: {sign: '◆', tone: 'strong', rank: 0},
};

/** The progress bar; of several entries in one cell, the worst is shown. */
function barCells({time, from, to, marks}: Playback, length: number): Line {
	const cellOf = (at: number) =>
		to <= from ? 0 : Math.min(length - 1, Math.max(0, Math.floor(((at - from) / (to - from)) * length)));
	const here = cellOf(time);
	const cells: (Cell & {rank: number})[] = Array.from({length}, (_, index) => ({
		...cell(index < here ? '━' : '─', index < here ? 'plain' : 'dim'),
		rank: -1,
	}));
	for (const {at, turn} of marks) {
		const index = cellOf(at);
		const {sign, tone, rank} = signs[turn];
		if (rank > (cells[index]?.rank ?? rank)) {
			cells[index] = {...cell(sign, tone), rank};
		}
	}

	cells[here] = {...cell('█', 'strong'), rank: 3};
	return joinCells(cells);
}

/** Joins neighbours of the same tone. */
function joinCells(cells: readonly Cell[]): Line {
	const line: Cell[] = [];
	for (const {text, tone} of cells) {
		const last = line.at(-1);
		if (last?.tone === tone) {
			line[line.length - 1] = cell(last.text + text, tone);
		} else {
			line.push(cell(text, tone));
		}
	}

	return line;
}

/** The time with milliseconds, since two events may be that close. */
function thousandths(time: number): string {
	return `.${String(Math.floor(time) % 1000).padStart(3, '0')}`;
}

/** 3:12 or 1:03:12 */
function span(milliseconds: number): string {
	const seconds = Math.max(0, Math.floor(milliseconds / 1000));
	const two = (value: number) => String(value).padStart(2, '0');
	const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
	return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
