/** A package for Debian and its like. */
import {createHash} from 'node:crypto';
import {globSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {run} from '../../lab/run.ts';
import type {About} from './about.ts';
import {type Architecture, architectures} from './architecture.ts';
import {requireTool} from './tools.ts';
import {configFile} from './tree.ts';

type Options = {
	/** The tree, to which the control files are added. */
	root: string;
	about: About;
	architecture: Architecture;
	target: string;
	isFast: boolean;
};

export async function makeDeb({root, about, architecture, target, isFast}: Options): Promise<void> {
	const files = globSync('**/*', {cwd: root, withFileTypes: true})
		.filter(entry => entry.isFile())
		.map(entry => path.join(entry.parentPath, entry.name))
		.sort();
	const contents = files.map(file => ({place: path.relative(root, file), content: readFileSync(file)}));
	const kibibytes = contents.reduce((sum, {content}) => sum + Math.ceil(content.length / 1024), 0);
	const control = path.join(root, 'DEBIAN');
	mkdirSync(control, {mode: 0o755});
	writeFileSync(path.join(control, 'control'), controlFile(about, architecture, kibibytes));
	for (const [name, script] of Object.entries(scripts)) {
		writeFileSync(path.join(control, name), `#!/bin/sh\nset -e\n${script}`, {mode: 0o755});
	}

	writeFileSync(path.join(control, 'conffiles'), `${configFile}\n`);
	writeFileSync(
		path.join(control, 'md5sums'),
		contents
			.filter(({place}) => `/${place}` !== configFile)
			.map(({place, content}) => `${createHash('md5').update(content).digest('hex')}  ${place}\n`)
			.join(''),
	);
	const dpkgDeb = await requireTool('dpkg-deb', 'dpkg');
	// Debian 11 cannot read Zstandard.
	const compression = isFast ? ['-Zgzip', '-z1'] : ['-Zxz', '-z6'];
	await run(dpkgDeb, ['--root-owner-group', ...compression, '--build', root, target], {
		env: {SOURCE_DATE_EPOCH: String(about.time)},
	});
}

/** Of the service, which none of them enables. systemd of other distributions does the same by itself. */
const scripts = {
	postinst: `if [ "$1" = configure ] && command -v systemd-sysusers > /dev/null; then
	systemd-sysusers pgha-top.conf
fi
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
	# Those that run, under the new program.
	if [ -n "$2" ]; then systemctl try-restart 'pgha-top-watch*.service'; fi
fi
`,
	prerm: `if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
	systemctl stop 'pgha-top-watch*.service'
	systemctl disable --quiet pgha-top-watch.service pgha-top-watch@.service
fi
`,
	postrm: `if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
`,
};

function controlFile(about: About, architecture: Architecture, kibibytes: number): string {
	return `Package: pgha-top
Version: ${about.packageVersion}
Architecture: ${architectures[architecture].deb}
Maintainer: ${about.maintainer}
Installed-Size: ${kibibytes}
Depends: libc6 (>= 2.28), libstdc++6 (>= 8), libgcc-s1 | libgcc1
Recommends: openssh-client
Section: database
Priority: optional
Description: ${about.summary}
${about.description.map(line => ` ${line}\n`).join('')}`;
}
