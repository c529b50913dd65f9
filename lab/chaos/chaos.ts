/**
 * `npm run lab -- chaos`: injects faults by a seed, reverts each after a while, and waits until the cluster is whole
 * again.
 */
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
	/** The log of faults; undefined: standard output. */
	file?: string | undefined;
	consolePid?: number | undefined;
	/** The file that libfaketime reads the console's clock from, if it runs with libfaketime. */
	consoleClock?: string | undefined;
	/** Injects each fault of the table once, in order, instead of random ones. */
	each?: boolean | undefined;
	/** Restricts the faults to these kinds. */
	only?: readonly string[] | undefined;
	stop: AbortSignal;
	onProgress: Progress;
};

export type Tally = {done: number; skipped: number; failed: number};

/** Attempts to heal the cluster, each with the time limit of `up`. */
const healTries = 3;

/** Resolves when the cluster is whole again, also after an abort. */
export async function makeChaos(options: ChaosOptions): Promise<Tally> {
	const {seed, minutes, file, consolePid, consoleClock, each, only, stop, onProgress} = options;
	requireRoot();
	const setup = presentSetup();
	if (!setup) throw new LabError('the lab is down; bring it up first: npm run lab -- up');
	if (setup.topology !== undefined)
		throw new LabError('chaos knows the classic topology only; take the lab down and up again with it');
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

	/** One fault: injects it, holds it, reverts it, and heals the cluster. */
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

	/** Reverts whatever is left of any fault, and waits until the cluster is healthy. */
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

/** Reverts what any fault may have left, also after a killed chaos; `up` handles power and cables. */
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
	if (first) await patronictl(first.name, 'resume').catch(() => {}); // not paused, or etcd is not up yet
}

async function rest(milliseconds: number, stop: AbortSignal): Promise<void> {
	try {
		await pause(milliseconds, undefined, {signal: stop});
	} catch (error) {
		if (!stop.aborted) throw error;
	}
}
