/** log_line_prefix: any prefix that PostgreSQL would write is read back, in bounded time, whatever the names in it. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {compilePrefix} from '../../../source/domain/logs/line-prefix.ts';
import {LineParser} from '../../../source/domain/logs/parse-line.ts';
import {ofPrefix} from '../../../source/domain/logs/postgresql-line.ts';

const parse = (linePrefix: string | undefined, line: string) =>
	new LineParser(linePrefix === undefined ? {} : {postgresql: {linePrefix}}).parse('postgresql', line);

/** A process as `log_status_format` sees it; without a client it is one of the server's own. */
type Process = {
	client:
		| {user: string; database: string; application: string; host: string; port: string; tag: string}
		| undefined;
	pid: number;
	line: number;
	start: number;
	query: string;
	state: string;
	vxid: string;
	xid: number;
	leader: number | undefined;
	type: string;
};

const stamp = '2026-01-31 22:59:58.123 UTC';

/** PostgreSQL's rule: an escape is padded to its width, an unknown one is dropped, `%q` ends the prefix of the server's own. */
function render(prefix: string, process: Process): string {
	const {client, pid} = process;
	let text = '';
	for (const [whole, width = '', name, char] of prefix.matchAll(/%%|%(-?\d*)(.)?|(.)/gsu)) {
		if (char !== undefined || whole === '%%') {
			text += char ?? '%';
			continue;
		}

		if (name === 'q' && client === undefined) {
			return text;
		}

		const values: Readonly<Record<string, string>> = {
			m: stamp,
			t: stamp.replace('.123', ''),
			n: '1769900398.123',
			s: '2026-01-31 20:00:00 UTC',
			p: String(pid),
			P: process.leader === undefined ? '' : String(process.leader),
			l: String(process.line),
			c: `${process.start.toString(16)}.${pid.toString(16)}`,
			u: client?.user ?? '',
			d: client?.database ?? '',
			a: client?.application ?? '',
			h: client?.host ?? '',
			r: client === undefined ? '' : `${client.host}(${client.port})`,
			L: client === undefined ? '[none]' : '10.0.0.1',
			i: client?.tag ?? '',
			b: process.type,
			e: process.state,
			Q: process.query,
			v: process.vxid,
			x: String(process.xid),
		};
		const value = Object.hasOwn(values, name ?? '') ? (values[name ?? ''] ?? '') : undefined;
		const pad = Number(width === '-' ? 0 : width);
		text += value === undefined ? '' : pad < 0 ? value.padEnd(-pad) : value.padStart(pad);
	}

	return text;
}

const name = fc.oneof(
	fc.constantFrom(
		'app',
		'postgres',
		'[unknown]',
		'we ird',
		'a@b',
		'x,db=y',
		'FATAL: x',
		'[1]',
		'größe',
		'名前',
	),
	fc.string({unit: fc.constantFrom(...'abAB1_ []<>@,=-'), minLength: 1, maxLength: 12}),
);
const processes: fc.Arbitrary<Process> = fc.record({
	client: fc.option(
		fc.record({
			user: name,
			database: name,
			application: name,
			host: fc.constantFrom('10.0.0.7', '[local]', 'fe80::1', 'app1.example.org'),
			port: fc.integer({min: 1024, max: 65_535}).map(String),
			tag: fc.constantFrom('SELECT', 'idle', 'idle in transaction', 'authentication'),
		}),
		{nil: undefined},
	),
	pid: fc.integer({min: 1, max: 4_194_304}),
	line: fc.integer({min: 1, max: 1e6}),
	start: fc.integer({min: 0x60000000, max: 0x6fffffff}),
	query: fc.bigInt({min: -(2n ** 63n), max: 2n ** 63n - 1n}).map(String),
	state: fc.constantFrom('00000', '22012', '42P01', 'XX000'),
	vxid: fc.constantFrom('', '3/0', '12/4711'),
	xid: fc.nat(),
	leader: fc.option(fc.integer({min: 2, max: 99_999}), {nil: undefined}),
	type: fc.constantFrom(
		'client backend',
		'checkpointer',
		'autovacuum worker',
		'logical replication launcher',
	),
});

/** Between two escapes stands a sign that neither value has: without one, the end of the first is ambiguous. */
const separator = fc.constantFrom(' | ', ' # ', '; ', '~', ' %% ', '/^', ' ! ');
const field = fc
	.tuple(fc.constantFrom('', '', '', '5', '-10', '30', '-40'), fc.constantFrom(...'mtnspPlcudahrLibeQvx'))
	.map(([width, letter]) => `%${width}${letter}`);
const prefixes = fc
	.array(fc.tuple(fc.oneof(separator, fc.constantFrom('<', '[', '(', 'log: ')), field), {maxLength: 12})
	.chain(parts =>
		fc
			.tuple(
				fc.array(fc.oneof(separator, fc.constant(' %q')), {minLength: parts.length, maxLength: parts.length}),
			)
			.map(
				([between]) =>
					`${parts.map(([before, one], index) => `${before}${one}${between[index] ?? ''}`).join('')} `,
			),
	);

describe('a line of a known prefix', () => {
	it('has the fields that the prefix contains', () => {
		fc.assert(
			fc.property(prefixes, processes, (prefix, process) => {
				const begin = process.client === undefined ? prefix.replace(/%q.*$/s, '') : prefix;
				const compiled = compilePrefix(prefix);
				expect(compiled).toBeDefined();
				const line = `${render(prefix, process)}ERROR:  division by zero`;
				const parsed = compiled === undefined ? undefined : ofPrefix(compiled, line);
				const has = (letters: string) => new RegExp(`%-?\\d*[${letters}]`).test(begin.replaceAll('%%', ''));
				expect(parsed).toMatchObject({word: 'ERROR', level: 3, text: 'division by zero', follows: false});
				expect(parsed?.pid).toBe(has('pc') ? process.pid : undefined);
				expect(parsed?.stamp === undefined).toBe(!has('mtn'));
				if (has('m') && !has('n')) {
					expect(parsed?.stamp).toBe(stamp);
				}
			}),
			{numRuns: 500},
		);
	});

	it.each([
		// The first severity after the prefix counts.
		['%m [%p] ', `${stamp} [1] LOG:  statement: x FATAL:  y`, 'LOG', 'statement: x FATAL:  y'],
		['%m [%p] ', `${stamp} [1] LOG:  ${stamp} [2] PANIC:  y`, 'LOG', `${stamp} [2] PANIC:  y`],
		['user=%u,db=%d ', 'user=FATAL:  x,db=PANIC:  y LOG:  hello', 'LOG', 'hello'],
		[
			'%t [%p]: [%l-1] user=%u,db=%d ',
			'2026-01-31 22:59:58 UTC [7]: [3-1] user=a] [9,db=b,db=c LOG:  x',
			'LOG',
			'x',
		],
		['%m [%p] %q%u@%d ', `${stamp} [7] a@b ERROR:  x`, 'ERROR', 'x'],
		['%m [%p] %q%u@%d ', `${stamp} [7] LOG:  a@b ERROR:  x`, 'LOG', 'a@b ERROR:  x'],
		['', 'WARNING:  x', 'WARNING', 'x'],
		['%m\t[%p] ', `${stamp}\t[7] LOG:  x`, 'LOG', 'x'],
		['%5', 'LOG:  x', 'LOG', 'x'],
		['%-', 'LOG:  x', 'LOG', 'x'],
		['%5%x', 'xLOG:  x', 'LOG', 'x'],
		// A language that the table does not have.
		['%m [%p] ', `${stamp} [7] VAROVÁNÍ:  x`, 'VAROVÁNÍ', 'x'],
	])('%j of %s', (prefix, line, word, text) => {
		expect(parse(prefix, line)).toMatchObject({word, text, follows: false});
	});

	it('continues its message where PostgreSQL put a tab, whatever follows it', () => {
		for (const prefix of ['%m [%p] ', '', undefined]) {
			expect(parse(prefix, `\t${stamp} [1] PANIC:  x`)).toMatchObject({word: undefined, follows: true});
			expect(parse(prefix, '\tFATAL:  x')).toMatchObject({word: undefined, follows: true});
		}
	});

	it('is guessed if the prefix has changed since', () => {
		expect(parse('user=%u,db=%d ', `${stamp} [4711] ERROR:  x`)).toMatchObject({
			word: 'ERROR',
			stamp,
			pid: 4711,
		});
	});

	it('has the time of the line, not that of its session', () => {
		expect(parse('%s %m ', `2026-01-31 20:00:00 UTC ${stamp} LOG:  x`)).toMatchObject({stamp});
		expect(parse(undefined, `2026-01-31 20:00:00 UTC ${stamp} LOG:  x`)).toMatchObject({stamp});
		expect(parse('%s ', '2026-01-31 20:00:00 UTC LOG:  x').stamp).toBeUndefined();
	});
});

describe('hostile lines', () => {
	const hostile = [
		'%u%d%a%i%b '.repeat(20),
		'%u %d %a '.repeat(50),
		'%5u%-5d%a|'.repeat(30),
		'%h%r%L%v%P%Q%x'.repeat(20),
		'%m%t%s%n%p%l%c%e'.repeat(10),
		'[%p]'.repeat(40),
		`${'%h%r%L%v%P%Q%x'.repeat(5)}`,
		`${'%5u%-5d%a%l'.repeat(10)}`,
	];

	it.each(hostile)('take linear time: %s', prefix => {
		const parser = new LineParser({postgresql: {linePrefix: prefix}});
		const cost = (length: number) => {
			const lines = ['a b:', ' ', '1', 'LOG: ', '2026-01-31 22:59:58 UTC ', '[1]', 'ERROR:  \t'].map(piece =>
				piece.repeat(length).slice(0, length),
			);
			const before = process.cpuUsage();
			for (const line of lines) {
				parser.parse('postgresql', line);
			}

			const {user, system} = process.cpuUsage(before);
			return (user + system) / 1000;
		};
		cost(1000);
		// A generous limit: quadratic or worse would take minutes.
		expect(cost(100_000)).toBeLessThan(5000);
	});

	it('never throw, and keep the whole text', () => {
		fc.assert(
			fc.property(fc.string(), fc.string({unit: 'grapheme'}), (prefix, line) => {
				const {head = '', text} = parse(prefix, line);
				expect(line).toContain(text);
				expect(typeof head).toBe('string');
			}),
		);
	});
});
