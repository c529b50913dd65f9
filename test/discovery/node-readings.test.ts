import {describe, expect, it} from 'vitest';
import {NodeReadings} from '../../source/discovery/node-readings.ts';
import {factsOf, type NodeReading} from '../../source/discovery/read-node.ts';

const nothing = {hostname: '', units: [], processes: [], files: [], unread: [], isWhole: true};

/** Readings that the test answers, and the hosts that were asked. */
function byHand() {
	const asked: string[] = [];
	const waiting = new Map<string, (reading: NodeReading) => void>();
	let count = 0;
	const read = async (host: string) =>
		new Promise<NodeReading>(resolve => {
			asked.push(host);
			waiting.set(host, resolve);
		});
	const readings = new NodeReadings(
		read,
		() => {
			count++;
		},
		error => {
			throw error;
		},
	);
	const settle = async () => {
		await new Promise<void>(resolve => {
			setImmediate(resolve);
		});
	};
	return {
		readings,
		asked,
		count: () => count,
		async answer(host: string) {
			waiting.get(host)?.({host, facts: factsOf(host, nothing)});
			await settle();
		},
		async refuse(host: string, problem: string) {
			waiting.get(host)?.({host, problem, cause: undefined});
			await settle();
		},
	};
}

const at = (name: string, isSeen = true) => ({name, host: `${name}.example.org`, isSeen});

describe('reading the nodes', () => {
	it('does not wait for a node that gives no answer', async () => {
		const {readings, answer} = byHand();
		readings.take([at('off', false), at('on')]);
		const most = readings.untilMostAreRead();
		await answer('on.example.org');
		await most;
		expect(readings.get()).toMatchObject({
			read: [{name: 'on'}],
			problems: ['off: its files were not read: no answer in time'],
		});
	});

	it('resolves where no node answers, with the reasons', async () => {
		const {readings, refuse} = byHand();
		readings.take([at('a', false)]);
		const most = readings.untilMostAreRead();
		await refuse('a.example.org', 'refused');
		await most;
		expect(readings.get()).toEqual({read: [], problems: ['a: its files were not read: refused']});
	});

	it('resolves without nodes', async () => {
		const {readings} = byHand();
		await readings.untilMostAreRead();
		expect(readings.get()).toEqual({read: [], problems: []});
	});

	it('reads a node that is known later, and takes one that answers late', async () => {
		const {readings, answer, asked, count} = byHand();
		readings.take([at('a')]);
		readings.take([at('a'), at('b')]);
		expect(asked).toEqual(['a.example.org', 'b.example.org']);
		await answer('a.example.org');
		expect(readings.get()).toMatchObject({read: [{name: 'a'}], problems: []});
		await answer('b.example.org');
		expect(count()).toBe(2);
		expect(readings.get().read.map(({name}) => name)).toEqual(['a', 'b']);
	});

	it('reads a node once, by whatever name it is called later', async () => {
		const {readings, answer, asked} = byHand();
		readings.take([at('a')]);
		await answer('a.example.org');
		readings.take([{...at('a'), name: 'member-1'}]);
		expect(asked).toHaveLength(1);
		expect(readings.get().read.map(({name}) => name)).toEqual(['member-1']);
	});

	it('reads a node again only when it answers again after it was lost', async () => {
		const {readings, answer, refuse, asked} = byHand();
		readings.take([at('a', false)]);
		await refuse('a.example.org', 'no route to host');
		readings.take([at('a', false)]);
		readings.take([at('a', false)]);
		expect(asked).toHaveLength(1);
		readings.take([at('a')]);
		readings.take([at('a')]);
		expect(asked).toHaveLength(2);
		await refuse('a.example.org', 'the node did not run the command');
		readings.take([at('a')]);
		expect(asked).toHaveLength(2);
		readings.take([at('a', false)]);
		readings.take([at('a')]);
		await answer('a.example.org');
		readings.take([at('a', false)]);
		readings.take([at('a')]);
		expect(asked).toHaveLength(3);
		expect(readings.get().problems).toEqual([]);
	});
});
