import {describe, expect, it} from 'vitest';
import {JournalReader} from '../../source/domain/logs/journal.ts';
import {parseJson} from '../../source/lib/json.ts';
import {parseAddresses} from '../../source/sources/addresses.ts';
import {dcsValue} from '../../source/sources/dcs-values.ts';
import {parseFilesystems} from '../../source/sources/filesystems.ts';
import {haproxyStats} from '../../source/sources/haproxy-csv.ts';
import {patroniStatus} from '../../source/sources/patroni-status.ts';
import {parseUnits} from '../../source/sources/systemd.ts';
import {cpuMsOf} from '../support/cpu.ts';

/** The maximum size of an answer. */
const most = 1024 * 1024;
/** Linear work takes milliseconds, quadratic work minutes. */
const soonMs = 5000;

function fill(line: (number: number) => string): string {
	let text = '';
	for (let number = 0; text.length < most; number++) {
		text += line(number);
	}

	return text;
}

/** Ignores the result. */
function attempt(parse: () => unknown): unknown {
	try {
		return parse();
	} catch (error) {
		return error;
	}
}

describe('an answer of the maximum length', () => {
	const header = '# pxname,svname,status,type,\n';
	const cases: readonly (readonly [string, () => unknown])[] = [
		['df with as many lines', () => parseFilesystems(fill(number => `/ d 1 1 1 1% /${number}\n`))],
		['mounts', () => parseFilesystems(`/ d 1 1 1 1% /\n\n${fill(number => `d /${number} x rw\n`)}`)],
		[
			'addresses',
			() => parseAddresses(JSON.stringify([{ifname: 'a', addr_info: Array(40_000).fill({local: '1'})}])),
		],
		[
			'units',
			() =>
				parseUnits(
					fill(() => 'A\n\n'),
					['patroni'],
				),
		],
		[
			'a unit of as many lines',
			() =>
				parseUnits(
					fill(() => 'A=\n'),
					['patroni'],
				),
		],
		[
			'frontends and listeners',
			() => haproxyStats(header + fill(number => `a,FRONTEND,x,${number % 2 ? 3 : 0},\n`)),
		],
		['columns', () => haproxyStats(`# pxname,svname,status,${fill(() => 'a,')}\n`)],
		['a status', () => patroniStatus(`{"state":"${fill(() => '{[')}"}`)],
		['nested JSON of Patroni', () => patroniStatus(fill(() => '['))],
		[
			'nested JSON of a key',
			() =>
				dcsValue(
					'config',
					fill(() => '{"a":'),
				),
		],
	];

	it.each(cases)('of %s is read or refused quickly', (_, parse) => {
		expect(cpuMsOf(() => attempt(parse))).toBeLessThan(soonMs);
	});

	it('is refused, with the reason, above the maximum', () => {
		expect(() => parseAddresses(fill(() => '['))).toThrow('ip -j address show');
		expect(() =>
			parseAddresses(JSON.stringify([{ifname: 'a', addr_info: Array(2000).fill({local: '1'})}])),
		).toThrow('more than 1000 addresses');
		expect(() => parseFilesystems(fill(() => '/ d 1 1 1 1% /\n'))).toThrow('unexpected output of "df"');
		expect(() => patroniStatus(fill(() => '['))).toThrow('not JSON');
	});
});

describe('nested JSON', () => {
	it('is bounded in depth, and brackets in strings do not count', () => {
		const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
		expect(parseJson(nested(60))).toBeInstanceOf(Array);
		expect(() => parseJson(nested(65))).toThrow('nested deeper than 64 levels');
		expect(parseJson(JSON.stringify({a: `${'['.repeat(1000)}\\"{{`}))).toEqual({
			a: `${'['.repeat(1000)}\\"{{`,
		});
	});
});

describe("a journal's line", () => {
	const reader = new JournalReader('pgdb1', {correction: 0, zone: 0}, new Map());
	const fields = {__REALTIME_TIMESTAMP: '1700000000000000', __CURSOR: 's=1', MESSAGE: 'text'};

	it.each([
		['a time that is none', {...fields, __REALTIME_TIMESTAMP: {toString: 0}}],
		['a time of an array', {...fields, __REALTIME_TIMESTAMP: ['1']}],
	])('with %s is refused', (_, line) => {
		expect(reader.read(JSON.stringify(line))).toBeUndefined();
	});

	it.each([
		['a unit that cannot be made text', {...fields, _SYSTEMD_UNIT: {toString: 0}, UNIT: [{valueOf: 0}]}],
		['a priority that cannot be made a number', {...fields, PRIORITY: {valueOf: {}, toString: {}}}],
		['a cursor that is none', {...fields, __CURSOR: {toString: 0}}],
	])('with %s is read', (_, line) => {
		expect(reader.read(JSON.stringify(line))?.line.text).toBe('text');
	});

	it('with a message nested 200,000 deep has no text', () => {
		const line = `{"__REALTIME_TIMESTAMP":"1","MESSAGE":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
		expect(reader.read(line)?.line.text).toBe('');
	});

	it('keeps the last position if its own cursor is not valid', () => {
		const line = {...fields, __CURSOR: `s=1"; reboot #`};
		expect(reader.read(JSON.stringify(line))?.cursor).toBeUndefined();
		expect(reader.read(JSON.stringify(fields))?.cursor).toBe('s=1');
	});
});
