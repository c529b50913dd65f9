/** The Node.js of the packages: one version for each processor, and for what puts the program into it. */
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {expect, it} from 'vitest';
import * as z from 'zod';
import {architectures} from '../../tools/package/architecture.ts';
import {makeSingle} from '../../tools/package/single.ts';
import {temporaryFolder} from '../support/folder.ts';

const lockFile = z.object({packages: z.record(z.string(), z.object({version: z.string().optional()}))});

it('is the same for each processor', () => {
	const file = path.join(import.meta.dirname, '..', '..', 'package-lock.json');
	const {packages} = lockFile.parse(JSON.parse(readFileSync(file, 'utf8')));
	const versions = Object.keys(architectures).map(
		name => packages[`node_modules/node-linux-${name}`]?.version,
	);
	expect(versions).toEqual(versions.map(() => expect.stringMatching(/^\d+\.\d+\.\d+$/)));
	expect(new Set(versions).size).toBe(1);
});

it('cannot get the program from another version', async () => {
	const folder = temporaryFolder('single');
	await expect(
		makeSingle({
			work: path.join(folder, 'work'),
			program: folder,
			runtime: {version: '24.0.1', node: process.execPath, licence: path.join(folder, 'license')},
			nodeFlags: [],
			target: path.join(folder, 'pgha-top'),
			isFast: true,
		}),
	).rejects.toThrow(`with Node.js 24.0.1 is made by that version, and this is ${process.versions.node}`);
});
