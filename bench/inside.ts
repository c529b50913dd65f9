/**
 * Runs all measurements in sequence in the operator's network; prints each result at once, and all of them at the end.
 */
import {writeFileSync} from 'node:fs';
import {parseArgs} from 'node:util';
import {nodesOf, readInventory} from '../lab/inventory.ts';
import {addressChange} from './address.ts';
import {firstPicture} from './first-picture.ts';
import {flood} from './flood.ts';
import {frameTimes} from './frames.ts';
import {hour} from './hour.ts';
import {idle} from './idle.ts';
import {leaderKey} from './leader-key.ts';
import {observer} from './observer.ts';
import {once} from './once.ts';
import {recording} from './recording.ts';
import {type Figure, reportOf, tableOf} from './report.ts';
import {updates} from './updates.ts';

const {values} = parseArgs({options: {json: {type: 'string'}, only: {type: 'string'}}});

// Must be set before React is loaded: its development build is several times slower.
process.env.NODE_ENV = 'production';

const endpoints = nodesOf(readInventory()).map(({address}) => `http://${address}:2379`);
const measurements: Record<string, () => Promise<Figure[]> | Figure[]> = {
	once,
	'first-picture': firstPicture,
	'leader-key': async () => leaderKey(endpoints),
	address: addressChange,
	idle,
	observer,
	updates,
	frames: frameTimes,
	flood,
	recording,
};
/** Run only if named. */
const onDemand: typeof measurements = {hour};

const all = {...measurements, ...onDemand};
const chosen = Object.entries(values.only === undefined ? measurements : all).filter(
	([name]) => values.only === undefined || name === values.only,
);
if (chosen.length === 0) {
	throw new Error(`--only: ${values.only} is none of ${Object.keys(all).join(', ')}`);
}

const figures: Figure[] = [];
for (const [name, measure] of chosen) {
	process.stderr.write(`bench: ${name} …\n`);
	figures.push(...(await measure()));
}

const report = reportOf(figures);
process.stdout.write(`${tableOf(report)}\n`);
if (values.json !== undefined) {
	writeFileSync(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
}

// Ink and the terminals leave handles open.
process.exit();
