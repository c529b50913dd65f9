/** A drill from the menu as whole frames, at each size: its question, its stages, its end. */
import stringWidth from 'string-width';
import {describe, expect, it} from 'vitest';
import {figuresOf, summarizeEarlier} from '../../source/domain/drill/verdict.ts';
import {DrillingOperator, measures, prepared} from '../support/drilling.ts';
import {frameOf, sizes} from '../support/screen.tsx';

const earlier = summarizeEarlier(
	[2900, 1700].map(writes => ({
		measures: figuresOf(measures.map(one => (one.id === 'writes' ? {...one, value: writes} : one))),
		goals: {writes: 5000},
	})),
);
const preparedDrill = {...prepared, earlier};

const asked = () => new DrillingOperator().asks('switchover', 'pgdb2').prepares({prepared: preparedDrill});
const agreed = () => asked().press('dialog.yes').after(13, {type: 'drill.stage', stage: 'baseline'});
const begun = () => agreed().begins().after(16, {type: 'drill.stage', stage: 'done'});

function measured(): DrillingOperator {
	const soFar = measures.map(one =>
		one.id === 'lost' || one.id === 'redundancy' ? {...one, value: undefined, note: 'not yet'} : one,
	);
	return begun().after(18, {type: 'drill.stage', stage: 'whole'}, {type: 'drill.measured', measures: soFar});
}

function handed(): DrillingOperator {
	const operator = new DrillingOperator().asks('power-cut', 'pgdb1').prepares();
	return operator
		.types('pgdb1')
		.press('dialog.enter')
		.after(13, {type: 'drill.stage', stage: 'baseline'})
		.begins()
		.after(
			16,
			{type: 'drill.stage', stage: 'plug'},
			{type: 'drill.asked', text: 'pull the plug of pgdb1 now'},
		);
}

const ended = () =>
	measured()
		.after(39, {type: 'drill.stage', stage: 'verified'}, {type: 'drill.measured', measures})
		.ends('met');

const scenes: Record<string, () => DrillingOperator> = {
	'a switchover, asked': asked,
	'a switchover, asked, with goals that are none': () => asked().focus('goal').types(' speed=3s'),
	'a shutdown, asked, while a recording goes on': () => {
		const operator = new DrillingOperator().after(11, {
			type: 'recording.begun',
			file: '/home/dba/all-day.ndjson.gz',
		});
		return operator.asks('shutdown', 'pgdb1').prepares();
	},
	'a power cut, asked, of a cluster that is not whole': () => {
		const operator = new DrillingOperator();
		operator.after(11, operator.put('sync', {kind: 'sync', leader: 'pgdb1', standbys: [], quorum: 0}));
		return operator.asks('power-cut', 'pgdb1').prepares();
	},
	'looked at before it is sent': agreed,
	'sent, and measured': measured,
	'the plug is to be pulled': handed,
	'the plug is to be pulled, hidden': () => handed().press('dismiss'),
	'hidden, and quit': () => measured().press('dismiss', 'quit'),
	'broken off, nearly': () => measured().press('drill.stop'),
	'met, with what the ones before measured': ended,
	'not met, told below the help': () =>
		measured().press('help.toggle').after(39, {type: 'drill.measured', measures}).ends('not met'),
	failed: () => agreed().ends('failed', 'nothing was sent: no write is acknowledged: permission denied'),
};

describe.each(sizes)('a drill at $width x $height', size => {
	it.each(Object.entries(scenes))('%s', (_, scene) => {
		const frame = frameOf(scene().state, size);
		const lines = frame.split('\n');
		expect(lines.length).toBeLessThanOrEqual(size.height);
		expect(Math.max(...lines.map(line => stringWidth(line)))).toBeLessThanOrEqual(size.width);
		expect(frame).toMatchSnapshot();
	});
});
