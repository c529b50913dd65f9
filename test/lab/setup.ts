/** Brings the lab up for the tests, and down again afterwards; a lab that was up before is used as it is, and stays. */
import {down, presentSetup, up} from '../../lab/lab.ts';

export default async function setup(): Promise<() => Promise<void>> {
	const present = presentSetup();
	const wasUp = present !== undefined;
	const began = performance.now();
	const say = (line: string) => {
		process.stderr.write(`lab ${((performance.now() - began) / 1000).toFixed(0).padStart(3)} s  ${line}\n`);
	};
	try {
		// Another suite or PostgreSQL than the default one: `PGHA_LAB_SUITE=bookworm npm test -- --project lab`.
		const {PGHA_LAB_SUITE: suite, PGHA_LAB_POSTGRES: postgresql} = process.env;
		await up({...(present ?? {suite, postgresql}), onProgress: say});
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
