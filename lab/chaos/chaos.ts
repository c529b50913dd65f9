/** `npm run lab -- chaos`: faults by a seed, each undone after a while, with quiet between; the cluster is whole at the end. */
import {createWriteStream} from 'node:fs';
import process from 'node:process';
import {finished} from 'node:stream/promises';
import {setTimeout as pause} from 'node:timers/promises';
import {isOn, thaw} from '../cgroup.ts';
import type {Setup} from '../disk.ts';
import {LabError, messageOf} from '../failure.ts';
import {type Sight, watchUntilHealthy} from '../health.ts';
import {requireRoot} from '../host.ts';
import {databasesOf, etcdMembersOf, type Inventory, nodesOf} from '../inventory.ts';
import {setMulticast} from '../network.ts';
import type {Progress} from '../progress.ts';
import {inventoryOf, presentSetup} from '../state.ts';
import {up} from '../up.ts';
import {endRivals, setConsoleClock} from './console-faults.ts';
import {clearDelay} from './delay.ts';
import {clearDisks} from './disk-faults.ts';
import type {Fault, Place, Scene} from './fault.ts';
import {faults} from './faults.ts';
import {patronictl, shell, systemctl} from './inside.ts';
import type {ChaosHeader, ChaosLine, ChaosPhase} from './log.ts';
import {clearNetworkFaults, requireNft} from './network-faults.ts';
import {each as eachOnce, plan, type Step} from './plan.ts';

export type ChaosOptions = {
	seed: number;
	minutes: number;
	/** Where faults are written down; standard output unless given. */
	file?: string | undefined;
	consolePid?: number | undefined;
	/** The file by which its clock is set, where it runs with libfaketime. */
	consoleClock?: string | undefined;
	/** Each fault of the table once, in its order, instead of a choice by the seed. */
	each?: boolean | undefined;
	/** Only these kinds. */
	only?: readonly string[] | undefined;
	stop: AbortSignal;
	onProgress: Progress;
};

export type Tally = {done: number; skipped: number; failed: number};

/** How often the lab tries to heal the cluster, each time for as long as `up` does. */
const healTries = 3;

/** Answers when the cluster is whole again, also when it was stopped. */
export async function makeChaos(options: ChaosOptions): Promise<Tally> {
	const {seed, minutes, file, consolePid, consoleClock, each, only, stop, onProgress} = options;
	requireRoot();
	const setup = presentSetup();
	if (!setup) throw new LabError('the lab is down; bring it up first: npm run lab -- up');
	const among = only === undefined ? faults : faultsCalled(only);
	await requireNft(onProgress);
	const inventory = inventoryOf(setup);
	const output = file === undefined ? process.stdout : createWriteStream(file, {mode: 0o600});
	const header: ChaosHeader = {
		chaos: 1,
		startedAt: Date.now(),
		seed,
		minutes,
		suite: setup.suite,
		profile: setup.profile,
	};
	output.write(`${JSON.stringify(header)}\n`);
	const tally: Tally = {done: 0, skipped: 0, failed: 0};
	const run = new Run({
		inventory,
		setup,
		consolePid,
		consoleClock,
		onProgress,
		tally,
		write: text => output.write(text),
	});
	const endsAt = Date.now() + minutes * 60_000;
	try {
		await run.heal();
		for (const step of each ? eachOnce(seed, among) : plan(seed, among)) {
			if (stop.aborted || Date.now() >= endsAt) break;
			await run.take(step, stop);
			await rest(step.quietMs, stop);
		}
	} finally {
		await run.heal();
		if (file !== undefined) {
			output.end();
			await finished(output);
		}
	}

	return tally;
}

type RunOptions = {
	inventory: Inventory;
	setup: Setup;
	consolePid: number | undefined;
	consoleClock: string | undefined;
	onProgress: Progress;
	tally: Tally;
	write: (text: string) => void;
};

function faultsCalled(kinds: readonly string[]): Fault[] {
	const unknown = kinds.filter(kind => !faults.some(fault => fault.kind === kind));
	if (unknown.length > 0) {
		throw new LabError(
			`no fault is called ${unknown.join(', ')}; there are: ${faults.map(({kind}) => kind).join(', ')}`,
		);
	}

	return faults.filter(({kind}) => kinds.includes(kind));
}

class Run {
	readonly #options: RunOptions;
	#number = 0;
	#last: Pick<ChaosLine, 'kind' | 'nodes'> = {kind: 'none', nodes: []};

	constructor(options: RunOptions) {
		this.#options = options;
	}

	/** One fault: done, held, undone, and the cluster healed. */
	async take(step: Step, stop: AbortSignal): Promise<void> {
		const {fault, place, strength, holdMs} = step;
		const {tally} = this.#options;
		this.#number++;
		const scene = await this.#sceneOf(place, strength);
		this.#last = {kind: fault.kind, nodes: scene.node === '' ? [] : [scene.node]};
		const detail = fault.detail?.(scene);
		const why = fault.needs?.(scene);
		if (why !== undefined) {
			tally.skipped++;
			this.#log('skipped', why);
			return;
		}

		this.#log('do', detail);
		try {
			await fault.do(scene);
			tally.done++;
			this.#log('done', detail);
			await rest(holdMs, stop);
		} catch (error) {
			tally.failed++;
			this.#log('failed', messageOf(error));
		}

		this.#log('undo');
		try {
			await fault.undo(scene);
			this.#log('undone');
		} catch (error) {
			this.#log('failed', messageOf(error));
		}

		await this.heal();
	}

	/** Takes back whatever may be left of any fault, and waits until the cluster is healthy. */
	async heal(): Promise<void> {
		const {inventory, setup, consolePid, consoleClock, onProgress} = this.#options;
		for (let tries = 1; ; tries++) {
			try {
				if (consolePid !== undefined) process.kill(consolePid, 'SIGCONT');
				endRivals();
				if (consoleClock !== undefined) setConsoleClock(consoleClock, 0);
				await clearDisks(inventory);
				await clearFaults(inventory);
				await up({...setup, onProgress: () => {}});
				this.#log('whole');
				return;
			} catch (error) {
				if (!(error instanceof LabError) || tries === healTries) throw error;
				this.#log('broken', messageOf(error).split('\n').slice(0, 6).join('; '));
				onProgress(messageOf(error));
			}
		}
	}

	async #sceneOf(place: Place, strength: number): Promise<Scene> {
		const {inventory, setup, consolePid, consoleClock} = this.#options;
		const sight = await watchUntilHealthy(inventory, 0, () => {});
		const roles = rolesOf(inventory, sight);
		const node = place === 'console' ? '' : roles[place];
		return {node, ...roles, strength, inventory, setup, consolePid, consoleClock, memory: new Map()};
	}

	#log(phase: ChaosPhase, detail?: string): void {
		const {write, onProgress} = this.#options;
		const {kind, nodes} = this.#last;
		const line: ChaosLine = {
			at: Date.now(),
			number: this.#number,
			kind,
			phase,
			nodes,
			...(detail === undefined ? {} : {detail}),
		};
		write(`${JSON.stringify(line)}\n`);
		onProgress([`${this.#number}`, kind, nodes.join(' '), phase, detail ?? ''].filter(Boolean).join('  '));
	}
}

function rolesOf(
	inventory: Inventory,
	{leader, vipHolders}: Sight,
): Record<Exclude<Place, 'console'>, string> {
	const databases = databasesOf(inventory).map(({name}) => name);
	const leads = leader ?? databases[0] ?? '';
	const other = (name: string) => databases.find(one => one !== name) ?? '';
	const holder = vipHolders[0] ?? leads;
	const third = etcdMembersOf(inventory).find(({roles}) => !roles.includes('db'))?.name ?? '';
	return {leader: leads, replica: other(leads), holder, backup: other(holder), third};
}

/** Everything that a fault may have left, also one of a chaos that was killed; power and cables are `up`'s. */
async function clearFaults(inventory: Inventory): Promise<void> {
	for (const {name, roles} of nodesOf(inventory)) {
		if (!isOn(name) || roles.includes('app')) continue;
		thaw(name);
		await clearDelay(name);
		await clearNetworkFaults(name);
		await setMulticast(name, 'passes');
		await shell(name, 'pkill -CONT -x postgres || [ $? = 1 ]');
		const units = ['etcd', ...(roles.includes('db') ? ['patroni', 'haproxy', 'keepalived'] : []), 'ssh'];
		for (const unit of units) await systemctl(name, 'kill', '--signal', 'CONT', unit).catch(() => {}); // not running
		await systemctl(name, 'reset-failed');
		await systemctl(name, 'start', '--no-block', ...units);
	}

	const [first] = databasesOf(inventory).filter(({name}) => isOn(name));
	if (first) await patronictl(first.name, 'resume').catch(() => {}); // it is not paused, or etcd is not up yet
}

async function rest(milliseconds: number, stop: AbortSignal): Promise<void> {
	try {
		await pause(milliseconds, undefined, {signal: stop});
	} catch (error) {
		if (!stop.aborted) throw error;
	}
}
