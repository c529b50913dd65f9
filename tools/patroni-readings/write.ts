/**
 * Writes what Patroni reads of the odd configuration files, with the Patroni of each Debian tree of the lab:
 * `node tools/patroni-readings/write.ts` as root, after `npm run lab -- up` has built the trees.
 */
import {spawnSync} from 'node:child_process';
import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import {treesDir} from '../../lab/paths.ts';
import {type OddFile, oddFiles} from '../../test/config/odd-files.ts';
import {inReadings, type Readings} from '../../test/config/readings.ts';

const output = path.join(import.meta.dirname, '../../test/captures/patroni-readings.json');
const script = path.join(import.meta.dirname, 'read.py');

/** In a mount namespace of its own: the tree is mounted to be read only, and nothing stays mounted. */
const inTree = `
set -e
mount -t tmpfs tmpfs "$1"
mkdir "$1/tree"
mount -t overlay overlay -o "ro,lowerdir=$2/db/upper:$2/base" "$1/tree"
mount -t tmpfs tmpfs "$1/tree/tmp"
mount -t proc proc "$1/tree/proc"
cp "$3" "$1/tree/tmp/read.py"
exec chroot "$1/tree" /usr/bin/python3 /tmp/read.py`;

const trees = readdirSync(treesDir).filter(tree => existsSync(path.join(treesDir, tree, 'tree.json')));
if (trees.length === 0) {
	throw new Error(`${treesDir} has no trees: npm run lab -- up builds them`);
}

const answers = trees.map(tree => {
	const {status, stdout, stderr} = spawnSync(
		'unshare',
		[
			...['--mount', '--propagation', 'private', '--pid', '--fork', '--net'],
			...['sh', '-c', inTree, 'sh', '/mnt', path.join(treesDir, tree), script],
		],
		{input: JSON.stringify(oddFiles.map(caseOf)), encoding: 'utf8', maxBuffer: 64 * 1024 * 1024},
	);
	if (status !== 0) {
		throw new Error(`${tree}: ${stderr}`);
	}

	return z
		.object({version: z.string(), readings: z.record(z.string(), inReadings)})
		.parse(JSON.parse(stdout));
});

/** Versions that read a file in the same way share an entry. */
const readings: Readings = Object.fromEntries(
	oddFiles.map(({name}) => {
		const byText = new Map<string, string[]>();
		for (const {version, readings: its} of answers) {
			const text = JSON.stringify(its[name]);
			byText.set(text, [...(byText.get(text) ?? []), version].sort());
		}

		return [
			name,
			[...byText].map(([text, versions]) => ({versions, reads: inReadings.parse(JSON.parse(text))})),
		];
	}),
);
const before = existsSync(output) ? readFileSync(output, 'utf8') : '';
const versions = answers.map(({version}) => version).sort();
const lines = Object.entries(readings).map(
	([name, its]) => `${JSON.stringify(name)}: ${JSON.stringify(its)}`,
);
const after = `{
"by": "tools/patroni-readings/write.ts",
"patroni": ${JSON.stringify(versions)},
"readings": {
${lines.join(',\n')}
}
}
`;
writeFileSync(output, after);
process.stdout.write(`${output}: ${oddFiles.length} files, ${before === after ? 'as before' : 'changed'}\n`);

function caseOf({name, yaml, files, environment}: OddFile) {
	const all = files ?? (yaml === undefined ? {} : {'patroni.yml': yaml});
	return {
		name,
		files: Object.fromEntries(
			Object.entries(all).map(([file, content]) => [file, Buffer.from(content).toString('base64')]),
		),
		environment: environment ?? {},
		path: files === undefined ? (yaml === undefined ? '' : 'patroni.yml') : '.',
	};
}
