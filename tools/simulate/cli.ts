/** `npm run simulate -- --seed N [--inputs N] [--events N]`; `--seed N --at input:INDEX` replays one failure. */
import {parseArgs} from 'node:util';
import {loadScreens} from '../picture/screens.ts';
import {type Failure, replay, simulate, type Totals} from './simulate.ts';

const {values} = parseArgs({
	options: {
		seed: {type: 'string'},
		inputs: {type: 'string', default: '20000'},
		events: {type: 'string', default: '5000'},
		at: {type: 'string'},
	},
});
const {frameOf} = await loadScreens();
const seed = count('seed', values.seed);
const begun = performance.now();

if (values.at === undefined) {
	const {totals, failures} = simulate({
		seed,
		inputs: count('inputs', values.inputs),
		events: count('events', values.events),
		frameOf,
		onFailure: printFailure,
		onProgress({inputs, events, failures: found}) {
			process.stderr.write(
				`${seconds()}: ${sum(inputs.values())} inputs, ${events} events, ${found} failures\n`,
			);
		},
	});
	process.stdout.write(summary(totals));
	process.exitCode = failures.length === 0 ? 0 : 1;
} else {
	const failure = replay(seed, values.at, frameOf);
	if (failure === undefined) {
		process.stdout.write(`${values.at} of seed ${seed} does not fail\n`);
	} else {
		printFailure(failure);
		process.exitCode = 1;
	}
}

function count(name: string, text: string | undefined): number {
	if (text === undefined || !/^\d{1,9}$/.test(text)) {
		process.stderr.write(
			`simulate: --${name} must be a whole number${text === undefined ? '' : `, found ${JSON.stringify(text)}`}\n`,
		);
		process.exit(64);
	}

	return Number(text);
}

function printFailure({at, of, kinds, input, error}: Failure): void {
	process.stdout.write(
		[
			`FAILED: seed ${seed}, ${at}, ${of}${kinds.length === 0 ? '' : ` (${kinds.join(', ')})`}`,
			`input: ${input}`,
			error.stack ?? String(error),
			`replay: npm run simulate -- --seed ${seed} --at ${at}`,
			'',
			'',
		].join('\n'),
	);
}

function summary({inputs, refused, sessions, events, frames, failures, slowest}: Totals): string {
	return [
		`${sum(inputs.values())} inputs (${refused} refused), ${events} events in ${sessions} sessions, ${frames} frames, ${failures} failures, ${seconds()}`,
		'',
		...[...inputs].map(([name, number]) => `${String(number).padStart(9)} ${name}`),
		'',
		'slowest, in ms of CPU time:',
		...slowest
			.slice(0, 10)
			.map(
				({at, of, cost, length}) =>
					`${cost.milliseconds.toFixed(1).padStart(9)} ${of}, ${at}${length === 0 ? '' : `, ${length} characters`}, ${Math.round(cost.bytes / 1024)} KiB`,
			),
		'',
	].join('\n');
}

function sum(numbers: Iterable<number>): number {
	return [...numbers].reduce((total, one) => total + one, 0);
}

function seconds(): string {
	return `${((performance.now() - begun) / 1000).toFixed(0)} s`;
}
