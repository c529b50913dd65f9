/** The screen of a replay as whole frames, at every size. */
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {Command} from '../../source/domain/commands.ts';
import type {Intent} from '../../source/domain/events.ts';
import {openRecording} from '../../source/recording/read/open.ts';
import type {Recording} from '../../source/recording/read/reader.ts';
import {Player} from '../../source/replay/player.ts';
import {mode, type State} from '../../source/state/state.ts';
import {Keyboard} from '../../source/ui/input.ts';
import {healthyFacts} from '../support/captures.ts';
import {temporaryFolder} from '../support/folder.ts';
import type {Happening} from '../support/random-events.ts';
import {happening, live, record} from '../support/recorded.ts';
import {frameOf, sizes} from '../support/screen.tsx';
import {Session} from '../support/session.ts';

const folder = temporaryFolder('replay-frames');
let recording: Recording;

beforeAll(async () => {
	const file = path.join(folder, 'story.ndjson.gz');
	const facts = healthyFacts('trixie');
	const happened = Array.from({length: 90}, (_, second): Happening[] => [
		...(second % 2 === 0 ? facts.map(fact => happening(fact)) : []),
		...(second === 20 ? [happening({type: 'command', command: 'operation.pause'})] : []),
		...(second === 40
			? [happening({type: 'source.lost', source: 'patroni:pgdb2', reason: 'no answer in time'})]
			: []),
		happening({type: 'tick'}, 1),
	]).flat();
	await record(file, [...live(new Session().state, happened)]);
	recording = await openRecording(file);
});

afterAll(() => {
	recording.close();
});

/** 45 seconds into the recording, then these keys. */
function played(...pressed: (Command | {typed: string})[]): State {
	const player = new Player(recording, {asOperator: false, perform: () => undefined});
	player.advance(45_000);
	for (const one of pressed) {
		const intent: Intent =
			typeof one === 'string' ? {type: 'command', command: one} : {type: 'typed', text: one.typed};
		player.dispatch(intent);
	}

	return player.state;
}

const scenes: Record<string, () => State> = {
	playing: () => played('play.faster', 'play.faster', 'play.faster'),
	'standing at an event': () => played('play.forward'),
	'as the operator saw it': () => played('play.view'),
	'a time is typed': () => played('play.time', {typed: '00:01'}),
	'a time that is none': () => played('play.time', {typed: 'soon'}, 'prompt.take'),
	'at its end': () => played('play.last'),
	'findings, looked at': () => played('play.toggle', 'play.previous', 'findings.toggle'),
	help: () => played('help.toggle'),
	'the commands': () => played('palette.open', {typed: 'time'}),
	'a time in the commands': () => played('palette.open', {typed: '00:01'}),
};

it.each(['play.view', 'help.toggle'] as const)(': and a time goes there after %s', command => {
	const player = new Player(recording, {asOperator: false, perform: () => undefined});
	player.advance(45_000);
	player.dispatch({type: 'command', command: 'play.toggle'});
	player.dispatch({type: 'command', command});
	const keyboard = new Keyboard({
		current: () => player.state,
		drawn: () => player.state,
		bounds: () => ({page: 10, end: 10}),
		onIntent: player.dispatch,
	});
	const {time = 0} = player.state.replay ?? {};
	keyboard.read(':');
	keyboard.read('-20s\r');
	expect(player.state.replay).toMatchObject({prompt: undefined, time: time - 20_000});
	keyboard.read(':soon');
	keyboard.read('\r');
	expect(mode(player.state)).toBe('palette');
	keyboard.read('\u0015');
	keyboard.read('99');
	keyboard.read('\r');
	expect(player.state.replay?.prompt?.problem).toContain('99');
});

describe.each(sizes)('a recording at $width x $height', size => {
	it.each(Object.keys(scenes))('%s', scene => {
		const frame = frameOf((scenes[scene] as () => State)(), size);
		expect(frame.split('\n').length).toBeLessThanOrEqual(size.height);
		expect(frame).toMatchSnapshot();
	});
});
