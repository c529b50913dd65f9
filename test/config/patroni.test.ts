/** Odd configuration files, as pgha-top and as Patroni reads them: equal, or a reason. */
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {home} from '../support/home.ts';
import {oddFiles} from './odd-files.ts';
import {compare, readingsFile, readOurs} from './readings.ts';

const {patroni, readings} = readingsFile.parse(
	JSON.parse(readFileSync(path.join(import.meta.dirname, '../captures/patroni-readings.json'), 'utf8')),
);

describe('a configuration file is read as Patroni reads it', () => {
	it('by at least 100 files, each once, and by versions 3 and 4', () => {
		const names = oddFiles.map(({name}) => name);
		expect(new Set(names).size).toBe(names.length);
		expect(names.length).toBeGreaterThanOrEqual(100);
		expect(Object.keys(readings).sort()).toEqual(names.sort());
		expect(new Set(patroni.map(version => version.split('.')[0]))).toEqual(new Set(['3', '4']));
	});

	it.each(oddFiles)('$name', file => {
		const ours = readOurs(file, home(file.files ?? {}));
		expect(compare(file, readings[file.name] ?? [], ours).problems).toEqual([]);
	});

	it('and no secret is in an error or a notice', () => {
		for (const file of oddFiles.filter(({name}) => name.includes('password'))) {
			const ours = readOurs(file, home(file.files ?? {}));
			const text = 'refused' in ours ? ours.refused : ours.notices.join('\n');
			const [, secret = ''] = /password: (?:[!&@%|`"'[{<$]*)([^\n"'\]}>]{4,})/.exec(String(file.yaml)) ?? [];
			expect(/^(?:true|false)?$/.test(secret) || !text.includes(secret), `${file.name}: ${text}`).toBe(true);
		}
	});
});
