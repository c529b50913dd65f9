/** Reads the state of HAProxy's servers from its admin socket. */
import {connect} from 'node:net';
import type {HaproxyLook} from './look.ts';

export async function askHaproxy(socketPath: string, signal: AbortSignal): Promise<HaproxyLook> {
	return new Promise((resolve, reject) => {
		let text = '';
		const socket = connect({path: socketPath, signal});
		socket.setEncoding('utf8');
		socket.on('connect', () => socket.end('show stat\n'));
		socket.on('data', (chunk: string) => {
			text += chunk;
		});
		socket.on('error', reject);
		socket.on('close', () => {
			try {
				resolve(serversIn(text));
			} catch (error) {
				reject(error);
			}
		});
	});
}

/** Servers by backend, without the lines that sum them up. */
export function serversIn(csv: string): HaproxyLook {
	const [head = '', ...rows] = csv.split('\n');
	const columns = head.replace(/^# /, '').split(',');
	const [backend, server, status] = ['pxname', 'svname', 'status'].map(name => columns.indexOf(name));
	if (backend === undefined || server === undefined || status === undefined || status < 0) {
		throw new Error(`HAProxy's answer is no statistics: ${csv.slice(0, 80)}`);
	}

	const servers: HaproxyLook = {};
	for (const row of rows) {
		const cells = row.split(',');
		const [name, of, word] = [cells[server], cells[backend], cells[status]];
		if (!name || !of || word === undefined || name === 'FRONTEND' || name === 'BACKEND') continue;
		servers[of] = {...servers[of], [name]: word};
	}

	return servers;
}
