import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {openRecording} from '../../source/recording/read/open.ts';
import {healthyFacts} from '../support/captures.ts';
import {temporaryFolder} from '../support/folder.ts';
import {happening, live, record} from '../support/recorded.ts';
import {Session} from '../support/session.ts';
import {follows, patroniSaid, postgresSaid, walRemoved} from '../support/words.ts';

const folder = temporaryFolder('last-words');

async function recorded(name: string): Promise<{file: string; last: unknown}> {
	const file = path.join(folder, `${name}.ndjson`);
	const moments = [
		...live(new Session().state, [
			...healthyFacts('trixie').map(fact => happening(fact)),
			happening(patroniSaid('pgdb2', 1, 'My wal position exceeds maximum replication lag', follows)),
			happening(postgresSaid('pgdb2', 1, 'FATAL', walRemoved)),
			// The second snapshot has them, too.
			...Array.from({length: 40}, () => happening({type: 'tick'}, 1)),
		]),
	];
	await record(file, moments);
	return {file, last: moments.at(-1)?.after.cluster.lastWords};
}

describe('the last words in a recording', () => {
	it('are replayed as they were seen, from each snapshot', async () => {
		const {file, last} = await recorded('whole');
		const recording = await openRecording(file);
		expect(last).toEqual(new Map([['pgdb2', expect.objectContaining({source: 'said:pgdb2'})]]));
		const replayed = [...recording.replay()].at(-1)?.after;
		expect(replayed?.cluster.lastWords).toEqual(last);

		expect(recording.segment(1).state.cluster.lastWords).toEqual(last);
		recording.close();
	});

	it('are refused where they are no words', async () => {
		const {file} = await recorded('wrong');
		const lines = readFileSync(file, 'utf8').split('\n');
		const wrong = lines
			.filter(line => !line.startsWith('{"index":'))
			.map(line => line.replace('"uncertainMs":100', '"uncertainMs":"x"'));
		writeFileSync(file, wrong.join('\n'));
		await expect(
			(async () => {
				const recording = await openRecording(file);
				return [...recording.replay()].length;
			})(),
		).rejects.toThrow(/uncertainMs/);
	});
});
