import {afterEach, beforeEach, expect, it} from 'vitest';
import {temporaryFolder} from '../support/folder.ts';
import {oneNode} from '../support/one-node.ts';
import {node} from '../support/program.ts';
import {makeKey, nodeWith, SshServer} from '../support/ssh-server.ts';
import {Terminal} from '../support/terminal.ts';

const esc = '\u001B';

/** Log texts that a terminal would interpret; the visible part of each stays. */
const corpus: readonly (readonly [name: string, bytes: string | Buffer, shows: string])[] = [
	['colour', `${esc}[31;1mred[x]${esc}[0m`, 'red[x]'],
	['colour that is never turned off', `${esc}[41mblood`, 'blood'],
	['cursor home and erase', `${esc}[2J${esc}[Herased`, 'erased'],
	['cursor moves', `${esc}[5A${esc}[20Cmoved${esc}[10;10H`, 'moved'],
	['another title', `${esc}]0;pwned title\u0007title`, 'title'],
	['clipboard', `${esc}]52;c;cHduZWQ=\u0007clipboard`, 'clipboard'],
	['clipboard, with ST', `${esc}]52;c;cHduZWQ=${esc}\\clipboard2`, 'clipboard2'],
	['a link', `${esc}]8;;http://evil.example/${esc}\\link${esc}]8;;${esc}\\`, 'link'],
	['an OSC without end', `${esc}]2;never ended`, 'ended'],
	['DCS', `${esc}P+q544e${esc}\\dcs`, 'dcs'],
	['APC and PM', `${esc}_apc${esc}\\${esc}^pm${esc}\\after`, 'after'],
	['C1 as UTF-8', '\u009B31mc1\u009C\u0090x', 'c1'],
	['C1 as a byte', Buffer.from([0x9b, 0x32, 0x4a, 0x63, 0x32]), 'c2'],
	['the other screen', `${esc}[?1049l${esc}[?25hscreen`, 'screen'],
	['mouse and paste', `${esc}[?1000h${esc}[?2004hmouse`, 'mouse'],
	['questions', `${esc}[6n${esc}[c${esc}[>qquestion`, 'question'],
	['reset', `${esc}cfull reset`, 'full reset'],
	['another character set', `${esc}(0qqq\u000Eset`, 'set'],
	['backspaces', 'secret\u0008\u0008\u0008\u0008\u0008\u0008public', 'public'],
	['carriage return', 'hidden\rshown', 'shown'],
	['bell, NUL, DEL', 'a\u0007b\u0000c\u007Fd', 'abcd'],
	['bidi override', 'user \u202Etxt.exe\u202C end', 'txt.exe end'],
	['isolates and marks', '\u2066x\u2069\u200Fy', 'xy'],
	['invalid UTF-8', Buffer.from([0x69, 0x6e, 0xff, 0xfe, 0xc3, 0x28, 0x76]), 'in'],
	['surrogates in UTF-8', Buffer.from([0xed, 0xa0, 0x80, 0x73]), 's'],
	['brackets and tabs', '[a]\t{b}\t<c>', '[a]    {b}    <c>'],
	['wide and combined', '数据库 é̂ 👩‍👩‍👧 🐘', '数据库'],
	['ten megabytes without end', Buffer.alloc(10 * 1024 * 1024, 'x'), 'xxxxxxxxxx'],
];

let server: SshServer;
let terminal: Terminal;

beforeEach(async () => {
	const [host, user] = [makeKey('host'), makeKey('user')];
	const usual = nodeWith('127.0.0.1');
	server = new SshServer({
		host,
		user,
		answer(command, channel) {
			if (command.startsWith('date')) {
				channel.write(`${Math.floor(Date.now() / 1000)}.000000000 +0000\ndba\n`);
				channel.exit(0);
				channel.end();
			} else if (command.includes('/var/log/evil')) {
				const token = /echo "([a-z0-9]{32}) /.exec(command)?.[1];
				channel.write(`${token} begun 77 4294967295:0 0\n`);
				for (const [index, [, bytes]] of corpus.entries()) {
					channel.write(Buffer.concat([Buffer.from(`n${index} <`), Buffer.from(bytes), Buffer.from('>\n')]));
				}

				channel.write('the end of it\n');
			} else {
				usual(command, channel);
			}
		},
	});
	const port = await server.listen();
	const {args, env, know} = oneNode(temporaryFolder('corpus'), {
		user,
		port,
		more: ['logs: {alpha: [{name: evil, file: /var/log/evil.log}]}'],
	});
	know(host);
	terminal = new Terminal(node, args, {
		columns: 120,
		rows: 50,
		env,
	});
});

afterEach(async () => {
	await terminal.kill();
	server.close();
});

it('shows hostile log lines on a real terminal as plain text, without effect', async () => {
	await terminal.until('the console', text => text.includes('q quit'));
	terminal.press('l');
	await terminal.until('the logs', text => text.includes('Log: all nodes') || text.includes('Log: alpha'));
	const text = await terminal.until(
		'all lines, and the last one',
		seen => seen.includes('the end of it') && corpus.every((_, index) => seen.includes(` n${index} <`)),
		25_000,
	);
	const lines = text.split('\n');
	for (const [index, [name, , shows]] of corpus.entries()) {
		const line = lines.find(one => one.includes(` n${index} <`));
		expect(line ?? text, name).toContain(shows);
		// Each is on its own row, within the frame.
		expect(line, name).toMatch(/^┃.*┃$/);
	}

	// The screen is complete: no text moved the cursor, left the alternate buffer, or drew outside of its line.
	expect(terminal.alternateBuffer).toBe(true);
	expect(lines[0]).toContain('pgha-top');
	expect(lines.at(-1)).toContain('? help');
	expect(text).not.toContain('pwned');
	// The output has no clipboard, title, link or query sequence, and no colour from a log line.
	expect(terminal.raw).not.toMatch(
		/\u001B\](?!0;$)|\u001B[P_^c(]|\u009B|\u0090|[\u202A-\u202E\u2066-\u2069]/,
	);
	const {buffer} = terminal;
	const row = lines.findIndex(line => line.includes('blood'));
	const after = buffer.getLine(buffer.viewportY + row + 1);
	expect(after?.getCell(10)?.isBgDefault()).toBe(true);
	expect(
		buffer
			.getLine(buffer.viewportY + row)
			?.getCell(lines[row]?.indexOf('blood') ?? 0)
			?.isBgDefault(),
	).toBe(true);
});
