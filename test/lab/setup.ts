/** Brings the lab up for the tests, and down again afterwards; a lab that was up before is used as it is, and stays. */
import {down, status, up} from '../../lab/lab.ts';

export default async function setup(): Promise<() => Promise<void>> {
	const wasUp = (await status()).up;
	const began = performance.now();
	const say = (line: string) => {
		process.stderr.write(`lab ${((performance.now() - began) / 1000).toFixed(0).padStart(3)} s  ${line}\n`);
	};
	try {
		await up({onProgress: say});
	} catch (error) {
		if (!wasUp) {
			await down({wipe: true, onProgress: say});
		}

		throw error;
	}

	return async () => {
		if (!wasUp) {
			await down({wipe: true, onProgress: say});
		}
	};
}
