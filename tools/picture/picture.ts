/** `npm run picture`: the readme's picture, made from a real switchover on the running lab; no hand touches it. */
import {writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';
import {execCommand, sshCommand, up} from '../../lab/lab.ts';
import {Terminal} from '../../test/support/terminal.ts';
import {screenSvg} from './svg.ts';

const columns = 110;
const rows = 34;
const file = fileURLToPath(new URL('screen.svg', import.meta.url));

await up({onProgress: line => process.stderr.write(`${line}\n`)});
const {file: program, args, env} = execCommand(['pgha-top']);
const terminal = new Terminal(program, args, {columns, rows, env});
try {
	const healthy = await terminal.until('a healthy cluster', text => text.includes(' HEALTHY'), 60_000);
	const leader = /Holder +(\S+)/.exec(healthy)?.[1];
	const candidate = leader === 'pgdb1' ? 'pgdb2' : 'pgdb1';
	const switchover = sshCommand('pgdb1', [
		'sudo',
		'patronictl',
		'-c',
		'/etc/patroni/patroni.yml',
		'switchover',
		'--leader',
		leader ?? '',
		'--candidate',
		candidate,
		'--force',
	]);
	await execa(switchover.file, switchover.args);
	await terminal.until(
		'the switchover, and the cluster whole again',
		text =>
			text.includes(`→ ${candidate}, nobody for`) &&
			text.includes('sync standby: none →') &&
			text.includes(' HEALTHY'),
		60_000,
	);
	writeFileSync(file, screenSvg(terminal.buffer, columns, rows, 'pgha-top after a switchover'));
	terminal.press('q');
	await terminal.exited;
} finally {
	await terminal.kill();
}

process.stderr.write(`written: ${file}\n`);
