/** Measures the time from adding or removing an address on a node to the changed screen. */
import {spawn} from 'node:child_process';
import {sshCommand} from '../lab/operator.ts';
import {Terminal} from '../test/support/terminal.ts';
import {latencies, latencyFigures} from './latency.ts';
import type {Figure} from './report.ts';

const node = 'pgdb1';
/** Not used by any node of the lab; on the loopback device, so that no ARP request concerns it. */
const address = '10.73.0.199';
const samples = 100;

export async function addressChange(): Promise<Figure[]> {
	const {file, args, env} = sshCommand(node, ['sudo', 'sh']);
	const shell = spawn(file, args, {env, stdio: ['pipe', 'ignore', 'inherit']});
	const change = (verb: 'add' | 'del') => {
		shell.stdin.write(`ip address ${verb} ${address}/32 dev lo\n`);
	};
	const terminal = new Terminal('pgha-top', ['--vip', address]);
	try {
		const hasNoHolder = (screen: string) =>
			screen.includes(address) && !isHeld(screen) && /pgdb1 +no .*pgdb2 +no /s.test(screen);
		await terminal.until('both nodes, and no holder', hasNoHolder);
		const times = await latencies(terminal, samples, index =>
			index % 2 === 0
				? {
						make: () => {
							change('add');
						},
						seen: isHeld,
					}
				: {
						make: () => {
							change('del');
						},
						seen: screen => !isHeld(screen),
					},
		);
		return latencyFigures('address on a node to the screen', times);
	} finally {
		shell.stdin.end(`ip address del ${address}/32 dev lo 2>/dev/null\n`);
		await terminal.kill();
	}
}

const isHeld = (screen: string) => new RegExp(`││ Holder +${node}, `).test(screen);
