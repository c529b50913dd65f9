/** Switchovers by Patroni's REST API, each as soon as Patroni takes it. */
import {setTimeout as delay} from 'node:timers/promises';
import * as z from 'zod';
import {databasesOf, type Node} from '../lab/inventory.ts';
import {restUser} from '../lab/operator.ts';
import {inventoryOf, presentSetup} from '../lab/state.ts';

const pollMs = 200;
/** A member that does not answer in this time is asked again. */
const answerMs = 1500;
/** Patroni answers when the candidate leads, or says after some loops that it does not know. */
const switchoverMs = 60_000;
/** A former leader needs about ten seconds to stream again. */
const healthyMs = 180_000;

const clusterSchema = z.object({
	members: z.array(z.object({name: z.string(), role: z.string(), state: z.string()})),
});

/** Makes the synchronous standby the leader, once there is one. @returns the new leader */
export async function switchOver(): Promise<string> {
	const nodes = databasesOf(inventoryOf(presentSetup()));
	const deadline = performance.now() + healthyMs;
	let problem = 'no healthy cluster';
	while (performance.now() < deadline) {
		const pair = await healthyPair(nodes);
		const leader = nodes.find(({name}) => name === pair?.leader);
		if (pair !== undefined && leader !== undefined) {
			const answer = await ask(`http://${leader.address}:8008/switchover`, {
				method: 'POST',
				headers: {
					authorization: `Basic ${btoa(`${restUser.username}:${restUser.password}`)}`,
					'content-type': 'application/json',
				},
				body: JSON.stringify({leader: pair.leader, candidate: pair.candidate}),
				signal: AbortSignal.timeout(switchoverMs),
			});
			if (answer?.status === 200) {
				return pair.candidate;
			}

			problem = answer === undefined ? 'no answer to the switchover' : `${answer.status}: ${answer.text}`;
		}

		await delay(pollMs);
	}

	throw new Error(`no switchover within ${healthyMs / 1000} s: ${problem}`);
}

/** The leader and its synchronous standby, if all members name the same. */
async function healthyPair(nodes: readonly Node[]): Promise<{leader: string; candidate: string} | undefined> {
	const pairs = await Promise.all(nodes.map(pairBy));
	const [first] = pairs;
	return first !== undefined && pairs.every(pair => pair?.leader === first.leader) ? first : undefined;
}

async function pairBy({address}: Node): Promise<{leader: string; candidate: string} | undefined> {
	const answer = await ask(`http://${address}:8008/cluster`, {signal: AbortSignal.timeout(answerMs)});
	const members = answer?.status === 200 ? clusterSchema.parse(JSON.parse(answer.text)).members : [];
	const leaders = members.filter(({role, state}) => role === 'leader' && state === 'running');
	const standby = members.find(
		({role, state}) => role === 'sync_standby' && ['running', 'streaming'].includes(state),
	);
	const [leader] = leaders;
	return leaders.length === 1 && leader !== undefined && standby !== undefined
		? {leader: leader.name, candidate: standby.name}
		: undefined;
}

/** Undefined without an answer in time: a member's REST API is away for a moment when it changes its role. */
async function ask(url: string, request: RequestInit): Promise<{status: number; text: string} | undefined> {
	try {
		const response = await fetch(url, request);
		return {status: response.status, text: await response.text()};
	} catch (error) {
		// What fetch reports of the network, and of the deadline.
		if (error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError')) {
			return undefined;
		}

		throw error;
	}
}
