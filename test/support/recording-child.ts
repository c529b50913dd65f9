/** A console that records until it is killed; prints a line for each recorded event, with its time. */
import {setInterval} from 'node:timers/promises';
import {Recorder} from '../../source/recording/write/recorder.ts';
import {Runtime} from '../../source/runtime.ts';
import {initialState} from '../../source/state/state.ts';
import {healthyFacts} from './captures.ts';
import {header} from './recorded.ts';
import {target} from './session.ts';

const recorder = await Recorder.begin({
	file: process.argv[2] ?? '',
	header: header(),
	onLost(reason) {
		throw new Error(reason);
	},
});
let taken = 0;
const runtime = new Runtime({
	state: initialState(target, Date.now()),
	now: Date.now,
	perform: () => undefined,
});
runtime.observe(({stamped, before}) => {
	recorder.take(stamped, before);
	taken++;
});
for await (const _ of setInterval(50)) {
	for (const fact of [...healthyFacts('trixie'), {type: 'tick'} as const]) {
		runtime.dispatch(fact);
	}

	process.stdout.write(`${taken} ${Date.now()}\n`);
}
