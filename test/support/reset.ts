/** Resets the process after each test file, since the next one runs in it, too. */
import {afterAll, vi} from 'vitest';
import {setKeys} from '../../source/keymap/keymap.ts';
import {forgetSecrets} from '../../source/lib/secrets.ts';

const before = {environment: {...process.env}, folder: process.cwd()};

afterAll(() => {
	vi.useRealTimers();
	vi.restoreAllMocks();
	vi.unstubAllEnvs();
	vi.unstubAllGlobals();
	forgetSecrets();
	setKeys({});
	process.chdir(before.folder);
	for (const name of Object.keys(process.env)) {
		if (!(name in before.environment)) {
			delete process.env[name];
		}
	}

	Object.assign(process.env, before.environment);
});
